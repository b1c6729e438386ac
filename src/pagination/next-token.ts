import { ParseError } from '../errors.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import type { MemberPath, PagePlace, Paging } from './paging.ts'
import { queryValues } from './query.ts'

/**
 * What an answer names as its next page; undefined when it is the last.
 * @throws {ParseError} when that is not text, or a link that leads elsewhere.
 */
export function nextToken(page: unknown, paging: Paging, request: PreparedRequest): string | undefined {
  for (const path of paging.response) {
    const value = memberAt(page, path)
    if (value === undefined || value === null || value === '') continue
    const isLink = LINKS.includes(path.at(-1)!)
    const token = isLink
      ? tokenInLink(value, paging.request, request)
      : asText(value, path, paging.request, request.id)
    const counted = paging.request?.counts && (isLink || typeof value === 'number')
    return token === '' || (counted && isEmpty(page)) ? undefined : token
  }
  return undefined
}

export function unreadable(id: string, message: string): ParseError {
  return new ParseError(`${id}: ${message}`, { status: 200, contentType: 'application/json' })
}

/** Members that hold an address: Analytics' `nextLink`, and the links of a FHIR bundle. */
const LINKS = ['nextLink', 'link']

function memberAt(value: unknown, path: MemberPath): unknown {
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** Whether an answer has nothing in any of its lists. */
function isEmpty(page: unknown): boolean {
  return !Object.values(page as object).some((value) => Array.isArray(value) && value.length > 0)
}

function asText(value: unknown, path: MemberPath, place: PagePlace | undefined, id: string): string {
  if (typeof value === 'string') {
    if (value.length <= LONGEST_TOKEN) return value
    throw unreadable(
      id,
      `the answer's ${path.join('.')} has ${value.length} characters, too many for a page token`,
    )
  }
  if (place?.counts && Number.isSafeInteger(value)) return String(value)
  throw unreadable(id, `the answer's ${path.join('.')} is no page token but ${describe(value)}`)
}

const LONGEST_TOKEN = 16_384

function describe(value: unknown): string {
  return typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : `a ${typeof value}`
}

/** The page that a link names. Only that is read of it: it is not followed. */
function tokenInLink(value: unknown, place: PagePlace | undefined, request: PreparedRequest): string {
  const link = Array.isArray(value) ? value.find((one) => one?.relation === 'next')?.url : value
  if (link === undefined) return ''
  const wanted = place?.path[0] ?? ''
  const [token] = typeof link === 'string' && leadsBack(link, request.url) ? queryValues(link, wanted) : []
  if (token) return token
  throw unreadable(
    request.id,
    `the answer's link to the next page does not lead to this method with ${wanted}`,
  )
}

/** Whether a link has the path of an address. An endpoint may stand before the path that the server knows. */
function leadsBack(link: string, url: string): boolean {
  try {
    const path = (address: string): string => decodeURIComponent(new URL(address, url).pathname)
    return path(url).endsWith(path(link))
  } catch {
    return false
  }
}
