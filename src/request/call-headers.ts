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
  const checked: Record<string, string> = {}
  const problems: Problem[] = []
  if (!isHeaderValue(quotaProject ?? ''))
    problems.push({ path: 'quotaProject', message: 'must be a project id' })
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value === undefined) continue
    const refuse = (message: string): void => void problems.push({ path: `headers.${name}`, message })
    if (!isHeaderName(name) || !isHeaderValue(value)) refuse('is not a header without line ends')
    else if (NOT_THE_CALLERS.test(name.toLowerCase())) refuse('is set by the client itself')
    else checked[name.toLowerCase()] = value
  }
  if (problems.length > 0) throw new ValidationError(id, problems)
  return quotaProject === undefined ? checked : { 'x-goog-user-project': quotaProject, ...checked }
}

const NOT_THE_CALLERS =
  /^(authorization|proxy-.*|host|connection|content-length|transfer-encoding|te|trailer|upgrade)$/
