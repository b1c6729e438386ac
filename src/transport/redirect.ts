import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import type { CallContext } from './call-context.ts'
import type { followRedirect } from './follow-redirect.ts'
import type { Handler, Interceptor } from './interceptor.ts'

/**
 * Follows redirects of requests that read, five at most and never from https to http. At another origin the request goes
 * on bare: without credential, cookies and Google's own headers, and without a key or token in the address. Other requests
 * are not followed; their redirect is an error answer.
 *
 * @param bare sends a request to another origin, with nothing attached
 * @param load gets the following, when something redirects
 */
export function redirect(
  bare: Handler,
  load: () => Promise<{ readonly followRedirect: typeof followRedirect }>,
): Interceptor {
  return (same: Handler): Handler =>
    async function redirected(request: HttpRequest, call: CallContext): Promise<HttpResponse> {
      const response = await same(request, call)
      if (!isRedirect(request, response)) return response
      return (await load()).followRedirect(request, response, call, { same, bare })
    }
}

export function isRedirect({ method }: HttpRequest, { status }: HttpResponse): boolean {
  return status > 300 && status < 309 && REDIRECTS.has(status) && (method === 'GET' || method === 'HEAD')
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
