import type { HttpHeaders } from '../../protocol/http.ts'

/** Headers that charge a project, if there is one. */
export function charging(quotaProject: string | undefined, headers: HttpHeaders): HttpHeaders
export function charging(
  quotaProject: string | undefined,
  headers: HttpHeaders | Promise<HttpHeaders>,
): HttpHeaders | Promise<HttpHeaders>
export function charging(
  quotaProject: string | undefined,
  headers: HttpHeaders | Promise<HttpHeaders>,
): HttpHeaders | Promise<HttpHeaders> {
  if (quotaProject === undefined) return headers
  return headers instanceof Promise
    ? headers.then((found) => charging(quotaProject, found))
    : { ...headers, 'x-goog-user-project': quotaProject }
}
