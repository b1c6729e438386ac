import type { JsonSchema, RestDescription } from '../discovery/document.ts'
import { demandsOf } from './demands.ts'
import { emitRepeated } from './emit-repeated.ts'
import { schemaContext } from './emit-schema.ts'
import { Names, pascalCase } from './names.ts'
import { type RepeatedType, typeKey } from './repeated-types.ts'
import type { Direction, SchemaUse } from './schema-use.ts'

/** The names in one file, and what it takes from `discokit`. */
export interface FileContext {
  readonly document: RestDescription
  readonly schemas: ReadonlyMap<string, SchemaUse>
  /** A new name in this file. */
  take(wanted: string): string
  /** What a type of `discokit` is called in this file, which then imports it. */
  use(type: Imported): string
  /** What the type of a schema is called; undefined for a schema that there is not. */
  schemaName(schema: string, direction: Direction): string | undefined
  /** The schemas in which a method demands members. */
  demandedBy(methodId: string): ReadonlySet<string>
  /** Whether one more type with what a method demands may be written. */
  mayDemand(): boolean
  /** What a type is called that stands in several places; undefined for one that does not. */
  repeatedName(schema: JsonSchema, direction: Direction): string | undefined
  /** The declarations of those types. Their names are nobody else's to use: they may change. */
  repeated(): string
  /** The line that imports what was used. */
  importLine(): string
}

/** The types of `discokit` that a file may need. */
export type Imported =
  | 'ApiDefinition'
  | 'ApiMembers'
  | 'ApiMethod'
  | 'DownloadMethod'
  | 'Int64Value'
  | 'ListMethod'
  | 'MediaInput'
  | 'NoMembers'
  | 'PagedMethod'
  | 'Patch'
  | 'Repeated'
  | 'ResourceMembers'
  | 'TimeValue'

/** Schemas have the first choice of names, so that users find them under their own. */
export function createFileContext(
  document: RestDescription,
  schemas: ReadonlyMap<string, SchemaUse>,
  repeatedTypes: ReadonlyMap<string, RepeatedType>,
): FileContext {
  const names = new Names()
  const outputs = new Map([...schemas.keys()].map((schema) => [schema, names.take(schema)]))
  const inputs = new Map(
    [...schemas]
      .filter(([, { input, differs }]) => input && differs)
      .map(([schema]) => [schema, names.take(`${outputs.get(schema)!}Input`)]),
  )
  let demands = MOST_DEMANDS
  const demandedBy = demandsOf(schemas)
  const known = new Map<string, string>()
  const named = new Map<string, { readonly name: string; readonly text: string }>()
  const imports = new Map<Imported, string>()
  const file: FileContext = {
    document,
    schemas,
    take: (wanted) => names.take(wanted),
    use(type) {
      const known = imports.get(type) ?? names.take(type)
      imports.set(type, known)
      return known
    },
    schemaName: (schema, direction) =>
      (direction === 'input' ? inputs.get(schema) : undefined) ?? outputs.get(schema),
    repeatedName(schema, direction) {
      const key = typeKey(schema)
      const found = key === undefined ? undefined : repeatedTypes.get(key)
      if (!found) return undefined
      const place = `${direction} ${key!}`
      const name = known.get(place) ?? nameRepeated(found, direction)
      known.set(place, name)
      return name
    },
    demandedBy: (methodId) => demandedBy(methodId),
    mayDemand: () => demands-- > 0,
    repeated: () => [...named.values()].map(({ text }) => text).join(''),
    importLine() {
      const used = [...imports].toSorted(([a], [b]) => (a < b ? -1 : 1))
      const list = used.map(([type, name]) => (type === name ? type : `${type} as ${name}`))
      return `import type { ${list.join(', ')} } from 'discokit'\n`
    },
  }
  return file

  function nameRepeated({ schema, member }: RepeatedType, direction: Direction): string {
    const { comment, keyword, body } = emitRepeated(schema, schemaContext(file, direction))
    // Most are the same in both directions.
    const same = named.get(comment + body)
    if (same) return same.name
    const name = names.take(pascalCase(member))
    named.set(comment + body, { name, text: `${comment}${keyword} ${name} ${body}\n\n` })
    return name
  }
}

/** No document of Google's needs fifty. One could make a text of any length of what methods demand. */
const MOST_DEMANDS = 200

/** `DriveV3`, `AdminDirectoryV1`. */
export function apiTypeName({ name, version }: RestDescription): string {
  return pascalCase(name, version)
}

/** A body that is sent as it is instead of as JSON. */
export function isHttpBody(schema: JsonSchema | undefined): boolean {
  return schema?.$ref?.endsWith('HttpBody') ?? false
}
