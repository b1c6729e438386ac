import { ValidationError } from '../../errors.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import { isVisibleText } from './visible-text.ts'

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

/** Whether a project can be charged by this name, which goes into a header, or none is. */
export function isQuotaProject(value: unknown): boolean {
  return value === undefined || isVisibleText(value)
}

/** @throws {ValidationError} for a project that cannot be charged. */
export function checkQuotaProject(value: unknown): void {
  if (isQuotaProject(value)) return
  throw new ValidationError('the credential cannot be used', [{ path: 'quotaProject', message: NO_PROJECT }])
}

export const NO_PROJECT = 'must be the id of a project'
