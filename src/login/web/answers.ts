import { AuthError, type DiscokitError } from '../../errors.ts'
import type { WebResponse } from '../../web-types.ts'
import type { FinishedLogin } from '../web-login.ts'

/** Nothing on the way keeps it, and the next page does not learn of this address. */
const PRIVATE = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }

/** Sends the browser on. */
export function redirect(location: string, cookies: readonly string[]): WebResponse {
  return answer(303, { location }, null, cookies)
}

/** The page repeats nothing of the request: anybody can send people here. */
export function failed(
  error: DiscokitError,
  cookies: readonly string[],
  failureTo: string | undefined,
  status: number = error instanceof AuthError && error.retryable ? 503 : 400,
): Pick<FinishedLogin, 'response' | 'error'> {
  if (failureTo !== undefined) return { response: redirect(failureTo, cookies), error }
  const denied = error instanceof AuthError && error.reason === 'access_denied'
  const text = denied ? 'The sign-in was cancelled.' : 'The sign-in did not work. Please try again.'
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }
  return { response: answer(status, headers, text, cookies), error }
}

function answer(
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string | null,
  cookies: readonly string[],
): WebResponse {
  const response = new Response(body, { status, headers: { ...PRIVATE, ...headers } })
  for (const cookie of cookies) response.headers.append('set-cookie', cookie)
  return response
}
