import type { JsonSchema } from '../discovery/document.ts'
import { leadingTo, type SchemaUse, usersOf } from './schema-use.ts'

/**
 * Gives, for a method, the schemas in which it demands something, at any depth: members that they mark as required by it.
 */
export function demandsOf(
  schemas: ReadonlyMap<string, SchemaUse>,
): (methodId: string) => ReadonlySet<string> {
  const marked = new Map<string, Set<string>>()
  for (const [name, { schema }] of schemas) {
    for (const method of marksIn(schema)) {
      const known = marked.get(method)
      if (known) known.add(name)
      else marked.set(method, new Set([name]))
    }
  }
  const users = usersOf([...schemas].map(([name, { schema }]) => [name, schema] as const))
  return (methodId) => leadingTo(marked.get(methodId) ?? [], users)
}

/** The ids of the methods that something in a schema is required by. */
export function marksIn({ annotations, properties, items, additionalProperties }: JsonSchema): string[] {
  const inner = [...Object.values(properties ?? {}), items, additionalProperties]
  return [...(annotations?.required ?? []), ...inner.flatMap((each) => (each ? marksIn(each) : []))]
}
