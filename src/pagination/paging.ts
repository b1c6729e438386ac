import type { JsonSchema, RestMethod, RestParameter } from '../discovery/document.ts'
import { type ItemsPlace, itemsPlace } from './items.ts'

/** How a method gives its list in pages. */
export interface Paging {
  /** Where a request says which page it wants; undefined when it cannot. */
  readonly request: PagePlace | undefined
  /** The members of an answer that lead to the next page, of which the first that is there counts. */
  readonly response: readonly MemberPath[]
  /** Where the items are; null when there are none, undefined when that is not known. */
  readonly items: ItemsPlace | null | undefined
}

/** Where a request says which page it wants. */
export interface PagePlace {
  readonly in: 'query' | 'body'
  /** The parameter, or the members of the body that lead there. */
  readonly path: MemberPath
  /** Whether it counts items: then it may come as a number, and an empty page is the last. */
  readonly counts: boolean
  /** A parameter that only the request for the first page may have. */
  readonly replaces?: string
}

/** Names of members, from the outermost. */
export type MemberPath = readonly string[]

/** What tells how a method lists. */
export interface MethodListing {
  readonly method: RestMethod
  /** Those of the whole API. */
  readonly parameters: Readonly<Record<string, RestParameter>> | undefined
  readonly schemaOf: SchemaOf
  /** How the method lists, where that is known. */
  readonly paging?: Paging | undefined
}

/** The schema of a name, where schemas are at hand. */
export type SchemaOf = (name: string) => JsonSchema | undefined

/**
 * How a method gives its list in pages; undefined when it does not. Without schemas that is what the parameters
 * suggest, and a request with a body may have its token there.
 *
 * @param parameters of the whole API
 */
export function pagingOf(
  method: RestMethod,
  parameters: Readonly<Record<string, RestParameter>> | undefined,
  schemaOf: SchemaOf = () => undefined,
): Paging | undefined {
  const { id, httpMethod, request } = method
  // Whatever else an answer may name: what changes something is not sent again for the rest of its answer.
  if (httpMethod !== 'GET' && httpMethod !== 'POST') return undefined
  const answer = answerSchema(method, schemaOf)
  const items = answer && (itemsPlace(id, answer) ?? null)
  const all = { ...parameters, ...method.parameters }
  for (const [name, next] of IN_QUERY) {
    const parameter = all[name]
    if (!parameter || parameter.location === 'path') continue
    const response = next.filter(([member]) => !answer || Object.hasOwn(answer.properties ?? {}, member!))
    if (response.length === 0) continue
    const counts = parameter.type === 'integer'
    const replaces = name === 'pageToken' && all['startIndex'] ? 'startIndex' : undefined
    return {
      request: { in: 'query', path: [name], counts, ...(replaces && { replaces }) },
      response,
      items,
    }
  }
  if (httpMethod !== 'POST' || !request || (answer && !answer.properties?.['nextPageToken'])) return undefined
  const body = request.$ref === undefined ? undefined : schemaOf(request.$ref)
  const path = body ? tokenIn(body, schemaOf) : ['pageToken']
  return path && { request: { in: 'body', path, counts: false }, response: [['nextPageToken']], items }
}

/** For everything else: what would tell that there is more than one answer gives. */
export function unpaged(method: RestMethod, schemaOf: SchemaOf = () => undefined): Paging {
  const answer = answerSchema(method, schemaOf)
  return {
    request: undefined,
    response: [['nextPageToken'], ['pageToken']],
    items: answer && (itemsPlace(method.id, answer) ?? null),
  }
}

/** Parameters that say which page, the more telling first, and what in an answer names the next. */
const IN_QUERY: readonly (readonly [string, readonly MemberPath[]])[] = [
  ['pageToken', [['nextPageToken'], ['pageToken']]],
  ['page_token', [['nextPageToken']]],
  ['start-token', [['nextPageToken']]],
  ['nextPageToken', [['nextPageToken']]],
  ['token', [['tokenPagination', 'nextPageToken']]],
  ['continue', [['metadata', 'continue']]],
  ['cursor', [['cursor']]],
  ['start-index', [['nextLink']]],
  ['startIndex', [['nextLink']]],
  ['_page_token', [['link']]],
]

/** A body of any form is not described by the schema that says so. */
function answerSchema({ response }: RestMethod, schemaOf: SchemaOf): JsonSchema | undefined {
  const name = response?.$ref
  return name === undefined || name.endsWith('HttpBody') ? undefined : schemaOf(name)
}

/** The way to the page token in a request body: at the top, or one level down. */
function tokenIn(body: JsonSchema, schemaOf: SchemaOf): MemberPath | undefined {
  const name = BODY_TOKENS.find((token) => body.properties?.[token])
  if (name !== undefined) return [name]
  for (const [member, property] of Object.entries(body.properties ?? {})) {
    const inner = property.$ref === undefined ? property : schemaOf(property.$ref)
    if (inner?.properties?.['pageToken']) return [member, 'pageToken']
  }
  return undefined
}

const BODY_TOKENS = ['pageToken', 'page_token', 'nextPageToken']
