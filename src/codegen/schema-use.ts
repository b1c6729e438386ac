import type { JsonSchema } from '../discovery/document.ts'
import { isReadOnly } from './read-only.ts'

/** Whether a schema is that of something a request takes or of something an answer has. */
export type Direction = 'input' | 'output'

/** What becomes of a schema in a file. */
export interface SchemaUse {
  readonly schema: JsonSchema
  readonly input: boolean
  readonly output: boolean
  /** Whether requests take less of it than answers have: something in it is read-only. */
  readonly differs: boolean
}

type Schemas = Readonly<Record<string, JsonSchema>>

/** The schemas that requests and answers lead to, in the order of the document. */
export function schemasInUse(
  schemas: Schemas,
  requests: readonly JsonSchema[],
  answers: readonly JsonSchema[],
): Map<string, SchemaUse> {
  const input = reachable(schemas, requests, 'input')
  const output = reachable(schemas, answers, 'output')
  const taken = [...input].map((name) => [name, schemas[name]!] as const)
  const holding = taken.filter(([, schema]) => hasReadOnly(schema)).map(([name]) => name)
  const differing = leadingTo(holding, usersOf(taken))
  const names = Object.keys(schemas).filter((name) => input.has(name) || output.has(name))
  return new Map(
    names.map((name) => [
      name,
      {
        schema: schemas[name]!,
        input: input.has(name),
        output: output.has(name),
        differs: differing.has(name),
      },
    ]),
  )
}

/** The names of the schemas that some schemas lead to, themselves at any depth. */
function reachable(schemas: Schemas, from: readonly JsonSchema[], direction: Direction): Set<string> {
  const found = new Set<string>()
  const queue = from.flatMap((schema) => references(schema, direction))
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (found.has(name) || !Object.hasOwn(schemas, name)) continue
    found.add(name)
    queue.push(...references(schemas[name]!, direction))
  }
  return found
}

function references(schema: JsonSchema, direction: Direction): string[] {
  if (schema.$ref !== undefined) return [schema.$ref]
  const members = Object.values(schema.properties ?? {})
  const taken = direction === 'output' ? members : members.filter((member) => !isReadOnly(member))
  const inner = [schema.items, schema.additionalProperties].filter((each) => each !== undefined)
  return [...taken, ...inner].flatMap((each) => references(each, direction))
}

/** Schemas by name and, of each, the schemas in which it stands. */
export type SchemaUsers = ReadonlyMap<string, readonly string[]>

/** Where in requests schemas stand. */
export function usersOf(schemas: Iterable<readonly [string, JsonSchema]>): SchemaUsers {
  const users = new Map<string, string[]>()
  for (const [name, schema] of schemas) {
    for (const used of references(schema, 'input')) {
      const known = users.get(used)
      if (known) known.push(name)
      else users.set(used, [name])
    }
  }
  return users
}

/** Some schemas, and those that lead to them. */
export function leadingTo(names: Iterable<string>, users: SchemaUsers): Set<string> {
  const found = new Set(names)
  // The set grows while it is gone through.
  for (const name of found) for (const user of users.get(name) ?? []) found.add(user)
  return found
}

function hasReadOnly(schema: JsonSchema): boolean {
  const members = Object.values(schema.properties ?? {})
  const inner = [schema.items, schema.additionalProperties].filter((each) => each !== undefined)
  return members.some(isReadOnly) || [...members, ...inner].some(hasReadOnly)
}
