import type { Paging } from '../pagination/paging.ts'
import type { ApiSource } from './api-source.ts'
import { checkFacts, noDocument } from './check-document.ts'
import type { RestDescription, RestMethod } from './document.ts'
import { mapValues } from './map-values.ts'
import { lazily } from './members.ts'
import { type PartOf, restoreMethod, restoreResource } from './restore-resource.ts'
import type { SlimMethod } from './slim-resource.ts'

/**
 * The methods of an API, as `discokit add` writes them: a discovery document without prose and schemas. What many methods
 * have alike is there once, and a resource is a text that is read when it is first used, so a program pays for what it uses.
 */
export interface ApiTable extends Pick<RestDescription, TableFact> {
  /** JSON: a list of definitions of parameters, lists of scopes and ways of paging, which the rest names by number. */
  readonly parts: string
  /** JSON: the API's own parameters. */
  readonly parameters?: string
  /** JSON: the methods that belong to no resource. */
  readonly methods?: string
  /** Each resource: JSON. */
  readonly resources: Readonly<Record<string, string>>
}

type TableFact =
  | 'name'
  | 'version'
  | 'id'
  | 'revision'
  | 'title'
  | 'documentationLink'
  | 'rootUrl'
  | 'servicePath'
  | 'batchPath'

export function isTable(definition: unknown): definition is ApiTable {
  return typeof definition === 'object' && definition !== null && 'parts' in definition
}

/**
 * The document that a table stands for.
 * @throws {ParseError} when it does not say where the API is, and later for a part of it that cannot be read.
 */
export function tableSource(table: ApiTable, validate: boolean): ApiSource {
  checkFacts(table, 'the table')
  let parts: readonly unknown[] | undefined
  const part: PartOf = (number) => (parts ??= read(table.parts) as readonly unknown[])[number]
  const { parts: _, parameters, methods, resources: texts, ...facts } = table
  const resources = {}
  for (const name of Object.keys(texts ?? {}))
    lazily(resources, name, true, () => restoreResource(read(texts[name]), part, `${table.name}.${name}`))
  const document = { ...facts, resources }
  const define = (
    name: string,
    text: string | undefined,
    restore: (member: never, name: string) => unknown,
  ): void => {
    if (text !== undefined)
      lazily(document, name, true, () => mapValues(read(text) as Record<string, never>, restore))
  }
  define('parameters', parameters, part)
  define('methods', methods, (method: SlimMethod, name) =>
    restoreMethod(method, part, `${table.name}.${name}`),
  )
  return { document, validate, schemaOf: () => undefined, pagingOf: (method: TableMethod) => method.paging }
}

/** What a text of a table holds. */
function read(text: unknown): object {
  try {
    const content = typeof text === 'string' ? (JSON.parse(text) as unknown) : undefined
    if (typeof content === 'object' && content !== null) return content
  } catch {
    // Cut off, or changed by hand.
  }
  throw noDocument('the table', 'a text in it is not JSON; write the file again with discokit update')
}

/** A method of a table. */
interface TableMethod extends RestMethod {
  readonly paging?: Paging
}
