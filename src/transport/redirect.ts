import type { HttpHeaders, HttpRequest, HttpResponse } from '../protocol/http.ts'
import type { CallContext } from './call-context.ts'
import type { Handler, Interceptor } from './interceptor.ts'
import { parseOrigin, splitOrigin } from './origin.ts'

/**
 * Follows redirects of requests that read, five at most and never from https to http. At another origin the request goes
 * on bare: without credential, cookies and Google's own headers, and without a key or token in the address. Other requests
 * are not followed; their redirect is an error answer.
 *
 * @param bare sends a request to another origin, with nothing attached
 */
export function redirect(bare: Handler): Interceptor {
  return (next: Handler): Handler =>
    async function redirected(request: HttpRequest, call: CallContext): Promise<HttpResponse> {
      let handler = next
      for (let hops = 0; ; hops++) {
        const response = await handler(request, call)
        const { status, headers } = response
        if (status < 301 || status > 308 || !FOLLOWED.has(status) || hops === MOST_HOPS) return response
        const url = target(request, headers['location'])
        if (url === undefined) return response
        response.body.cancel()
        if (splitOrigin(url)!.origin !== splitOrigin(request.url)!.origin) handler = bare
        request = {
          ...request,
          url,
          headers: handler === bare ? plainHeaders(request.headers) : request.headers,
        }
      }
    }
}

const FOLLOWED = new Set([301, 302, 303, 307, 308])
const MOST_HOPS = 5
const READS = new Set(['GET', 'HEAD'])

/** Where a redirect leads, when it may be followed. */
function target({ method, url }: HttpRequest, location: string | undefined): string | undefined {
  if (location === undefined || !READS.has(method) || !URL.canParse(location, url)) return undefined
  const to = new URL(location, url)
  const origin = parseOrigin(to.origin)
  if (origin === undefined || to.username !== '' || to.password !== '') return undefined
  if (to.protocol === 'http:' && (url.startsWith('https:') || !origin.loopback)) return undefined
  to.hash = ''
  if (to.origin !== new URL(url).origin) for (const name of CREDENTIALS) to.searchParams.delete(name)
  return to.href
}

const CREDENTIALS = ['key', 'access_token', 'oauth_token']

function plainHeaders(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !/^(authorization|cookie|x-goog-.*|x-http-method-override)$/.test(name),
    ),
  )
}
