import type { JsonSchema, RestDescription } from '../discovery/document.ts'
import { emitEnum } from './emit-type.ts'
import { Names, pascalCase } from './names.ts'
import { enumKey, type RepeatedEnums } from './repeated-enums.ts'
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
  /** What the type of an enum is called; undefined for one that stands in one place alone. */
  enumName(schema: JsonSchema): string | undefined
  /** The declarations of those enums. */
  emitEnums(): string
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
  enums: RepeatedEnums,
): FileContext {
  const names = new Names()
  const outputs = new Map([...schemas.keys()].map((schema) => [schema, names.take(schema)]))
  const inputs = new Map(
    [...schemas]
      .filter(([, { input, output, differs }]) => input && output && differs)
      .map(([schema]) => [schema, names.take(`${outputs.get(schema)!}Input`)]),
  )
  const enumNames = new Map<string, string>()
  const imports = new Map<Imported, string>()
  return {
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
    enumName(schema) {
      const key = enumKey(schema)
      const found = key === undefined ? undefined : enums.get(key)
      if (key === undefined || !found) return undefined
      const name = enumNames.get(key) ?? names.take(pascalCase(found.member))
      enumNames.set(key, name)
      return name
    },
    emitEnums: () => [...enumNames].map(([key, name]) => emitEnum(name, enums.get(key)!.schema)).join(''),
    importLine() {
      const used = [...imports].toSorted(([a], [b]) => (a < b ? -1 : 1))
      const list = used.map(([type, name]) => (type === name ? type : `${type} as ${name}`))
      return `import type { ${list.join(', ')} } from 'discokit'\n`
    },
  }
}

/** `DriveV3`, `AdminDirectoryV1`. */
export function apiTypeName({ name, version }: RestDescription): string {
  return pascalCase(name, version)
}

/** A body that is sent as it is instead of as JSON. */
export function isHttpBody(schema: JsonSchema | undefined): boolean {
  return schema?.$ref?.endsWith('HttpBody') ?? false
}
