import { type Problem, ValidationError } from '../errors.ts'
import { isHeaderName, isHeaderValue } from '../protocol/header-value.ts'
import type { HttpHeaders } from '../protocol/http.ts'

/** The headers that one call may add. */
export interface CallHeaderOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly quotaProject?: string
}

/**
 * The headers that a call was given, names in lower case.
 * @throws {ValidationError} for a header that could not be written, and for those that the client sets itself.
 */
export function callHeaders(
  id: string,
  { headers, quotaProject }: CallHeaderOptions,
): HttpHeaders | undefined {
  if (headers === undefined && quotaProject === undefined) return undefined
  const problems = isHeaderValue(quotaProject ?? '')
    ? []
    : [{ path: 'quotaProject', message: 'must be a project id' }]
  const checked = readHeaders(headers ?? {}, problems, CONTENT_HEADERS)
  if (problems.length > 0) throw new ValidationError(id, problems)
  return quotaProject === undefined ? checked : { 'x-goog-user-project': quotaProject, ...checked }
}

/**
 * Headers that may be sent as they are, names in lower case: a prepared request may come from a queue.
 * @throws {ValidationError} for a header that could not be written, and for those that the client sets itself.
 */
export function checkedHeaders(id: string, headers: HttpHeaders): HttpHeaders {
  const problems: Problem[] = []
  const checked = readHeaders(headers, problems)
  if (problems.length > 0) throw new ValidationError(id, problems)
  return checked
}

/** @param more names that are refused besides those that frame the message or carry a credential */
function readHeaders(headers: HttpHeaders, problems: Problem[], more?: RegExp): Record<string, string> {
  const checked: Record<string, string> = {}
  for (const name in headers) {
    const value: string | undefined = headers[name]
    if (value === undefined) continue
    const lower = name.toLowerCase()
    if (!isHeaderName(name)) problems.push({ path: 'headers', message: 'a name is not that of a header' })
    else if (!isHeaderValue(value)) {
      problems.push({ path: `headers.${name}`, message: 'is not a header without line ends' })
    } else if (isFraming(lower) || more?.test(lower)) {
      problems.push({ path: `headers.${name}`, message: 'is set by the client itself' })
    } else checked[lower] = value
  }
  return checked
}

/** Whether a header, in lower case, says where a message goes, where it ends, or who sends it. */
export function isFraming(name: string): boolean {
  return FRAMING.test(name)
}

const FRAMING =
  /^(authorization|proxy-.*|host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade)$/
/** What a body is and how an answer comes is the request's own affair. */
const CONTENT_HEADERS = /^(content-type|accept-encoding)$/
