import { ValidationError } from '../errors.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { nextToken, unreadable } from './next-token.ts'
import type { MemberPath, PagePlace, Paging } from './paging.ts'
import { withQuery } from './query.ts'

/** How a list names its pages, where no document tells. */
export interface PageTokens {
  /** The parameter of the request that says which page. In a body, dots lead to inner members. Default `pageToken`. */
  readonly requestToken?: string | undefined
  /** The member of the answer that names the next page; dots lead to inner members. Default `nextPageToken`. */
  readonly responseToken?: string | undefined
  /** Where the request has it. Default `query`. */
  readonly in?: 'query' | 'body' | undefined
}

/**
 * The request for the page after the one that was answered, or null when that was the last. Pure: the request given
 * stays as it is.
 *
 * ```ts
 * let request: PreparedRequest | null = drive.files.list.prepare({ pageSize: 100 })
 * while (request) {
 *   const page = await google.send(request)
 *   request = nextRequest(request, page)
 * }
 * ```
 *
 * @throws {ParseError} when the answer names no page that could be asked for, or the same again.
 */
export function nextRequest<Result>(
  request: PreparedRequest<Result>,
  data: unknown,
  tokens: PageTokens = {},
): PreparedRequest<Result> | null {
  const paging = pagingBy(tokens)
  const token = nextToken(data, paging, request)
  if (token === undefined) return null
  const next = withToken(request, paging.request, token)
  if (next.url === request.url && next.body === request.body) throw repeated(request.id)
  return next
}

/** @throws {ValidationError} for names that are none. */
export function pagingBy(tokens: PageTokens): Paging & { readonly request: PagePlace } {
  const { requestToken = 'pageToken', responseToken = 'nextPageToken', in: where = 'query' } = tokens
  const problems = Object.entries({ requestToken, responseToken })
    .filter(([, name]) => typeof name !== 'string' || name === '')
    .map(([path]) => ({ path, message: 'must be a name' }))
  if (where !== 'query' && where !== 'body')
    problems.push({ path: 'in', message: "must be 'query' or 'body'" })
  if (problems.length > 0) throw new ValidationError('pages', problems)
  const path = where === 'body' ? requestToken.split('.') : [requestToken]
  return {
    request: { in: where, path, counts: tokens.requestToken !== undefined },
    response: [responseToken.split('.')],
    items: undefined,
  }
}

/**
 * The same request for the page of a token.
 * @throws {ValidationError} when its body cannot have one.
 * @throws {ParseError} when the token cannot stand in an address.
 */
export function withToken<Result>(
  request: PreparedRequest<Result>,
  place: PagePlace,
  token: string,
): PreparedRequest<Result> {
  if (place.in === 'query') {
    try {
      return { ...request, url: withQuery(request.url, place.path[0]!, token, place.replaces) }
    } catch {
      throw unreadable(request.id, 'the page token that the server named has half of a surrogate pair')
    }
  }
  const body = withMember(bodyOf(request), place.path, token)
  const headers = { 'content-type': 'application/json', ...request.headers }
  return { ...request, headers, body: JSON.stringify(body) }
}

export function repeated(id: string): Error {
  return unreadable(id, 'the server named the same page token twice, so the list would never end')
}

function bodyOf({ id, body }: PreparedRequest): object {
  if (body === undefined) return {}
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // said below
  }
  throw new ValidationError(id, [
    { path: 'body', message: 'is not a JSON object, so it cannot say which page is wanted' },
  ])
}

function withMember(object: unknown, [name, ...rest]: MemberPath, value: string): object {
  const members = typeof object === 'object' && object !== null ? (object as Record<string, unknown>) : {}
  return { ...members, [name!]: rest.length === 0 ? value : withMember(members[name!], rest, value) }
}
