import type { HttpHeaders, HttpRequest, HttpResponse } from '../protocol/http.ts'
import { CREDENTIAL_NAMES } from '../protocol/credential-names.ts'
import type { CallContext } from './call-context.ts'
import type { Handler } from './interceptor.ts'
import { parseOrigin, splitOrigin } from './origin.ts'
import { isRedirect } from './redirect.ts'

/**
 * Goes where a redirect leads, for as long as it may be followed; then gives the answer as it is. Five times at most,
 * and never from https to http. At another origin the request goes on bare: without credential, cookies and Google's own
 * headers, and without a key or token in the address.
 */
export async function followRedirect(
  first: HttpRequest,
  answer: HttpResponse,
  call: CallContext,
  handlers: { readonly same: Handler; readonly bare: Handler },
): Promise<HttpResponse> {
  let request = first
  let response = answer
  let handler = handlers.same
  for (let hops = 0; hops < MOST_HOPS && isRedirect(request, response); hops++) {
    const url = target(request.url, response.headers['location'])
    if (url === undefined) break
    response.body.cancel()
    if (splitOrigin(url)!.origin !== splitOrigin(request.url)!.origin) handler = handlers.bare
    request = {
      ...request,
      url,
      headers: handler === handlers.bare ? plainHeaders(request.headers) : request.headers,
    }
    call.sent = request // what errors tell of; a credential is added below
    response = await handler(request, call)
  }
  return response
}

const MOST_HOPS = 5
/** Where a redirect leads, when it may be followed. */
function target(url: string, location: string | undefined): string | undefined {
  if (location === undefined || !URL.canParse(location, url)) return undefined
  const to = new URL(location, url)
  const origin = parseOrigin(to.origin)
  if (origin === undefined || to.username !== '' || to.password !== '') return undefined
  if (to.protocol === 'http:' && (url.startsWith('https:') || !origin.loopback)) return undefined
  to.hash = ''
  if (to.origin === new URL(url).origin) return to.href
  // Not by URLSearchParams, which writes the rest anew: the address may be signed.
  to.search = to.search.replace(CREDENTIALS, '$1').replace(/[?&]$/, '')
  return to.href
}

const CREDENTIALS = /* @__PURE__ */ new RegExp(
  `([?&])(?:(?:${CREDENTIAL_NAMES.join('|')})=[^&]*(?:&|$))+`,
  'g',
)

function plainHeaders(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !/^x-goog-|^x-http-method|auth|cookie|key|password|secret|session|token/.test(name),
    ),
  )
}
