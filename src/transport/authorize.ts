import type { SharedTokens } from '../auth/shared/shared-tokens.ts'
import type { HttpHeaders, HttpRequest, HttpResponse } from '../protocol/http.ts'
import { isReplayable } from '../protocol/body-facts.ts'
import type { CallContext } from './call-context.ts'
import type { Credentials, CredentialsContext } from './credentials.ts'
import type { Handler, Interceptor } from './interceptor.ts'
import type { Transport } from './transport.ts'

/**
 * Attaches the call's credential. When the server refuses it with 401, the credential is asked to renew itself and
 * the request is sent once more, unless its body cannot be sent twice. When the new token is refused too, none is asked for
 * in the ten seconds after. An address that may not see the credential is
 * refused before a token is asked for.
 *
 * @param transport for token requests
 * @param guard throws when an address may not see the credential
 * @param tokenStore where tokens are shared with other programs
 */
export function authorize(
  transport: Transport,
  guard: (url: string, what: string) => void,
  tokenStore?: SharedTokens,
): Interceptor {
  return (next: Handler): Handler =>
    async function authorized(request: HttpRequest, call: CallContext): Promise<HttpResponse> {
      const { credentials, scopes, clock } = call.settings
      if (credentials === undefined) return next(request, call)
      const target = scopes ? { url: request.url, scopes } : { url: request.url }
      const context: CredentialsContext = { transport, clock, call, tokenStore }

      const what = `a request with the credential (${credentials.kind})`
      if (credentials.kind !== ANONYMOUS) guard(request.url, what)
      // The wait ends with the call, whatever the credential does.
      const obtain = (): HttpHeaders | Promise<HttpHeaders> => {
        const given = credentials.headers(target, context)
        return given instanceof Promise ? call.wait(given, 'token') : given
      }
      const first = obtain()
      const headers = first instanceof Promise ? await first : first
      if (credentials.kind === ANONYMOUS && Object.keys(headers).length > 0) guard(request.url, what)
      call.sent = withCredential(request, headers, credentials)
      const response = await next(call.sent, call)
      if (response.status !== 401 || isFutile(credentials, headers, clock.now())) return response
      if (!credentials.refused?.(headers)) return response
      tokenStore?.refused(headers)
      if (!isReplayable(request.body)) return response

      response.body.cancel()
      const renewed = await obtain()
      call.sent = withCredential(request, renewed, credentials)
      const answer = await next(call.sent, call)
      if (answer.status === 401)
        refusals.set(credentials, { authorization: renewed['authorization'], at: clock.now() })
      return answer
    }
}

/** Whether a token was new and refused all the same just now: a server that takes none must not cost one for each call. */
function isFutile(credentials: Credentials, { authorization }: HttpHeaders, now: number): boolean {
  const last = refusals.get(credentials)
  return (
    last !== undefined && last.authorization === authorization && Math.abs(now - last.at) < NEXT_RENEWAL_MS
  )
}

/** The new tokens that were refused last, of each credential. */
const refusals = /* @__PURE__ */ new WeakMap<Credentials, { authorization: string | undefined; at: number }>()
const NEXT_RENEWAL_MS = 10_000

/** The kind that has nothing to guard. */
const ANONYMOUS = 'anonymous'

const QUOTA_PROJECT = 'x-goog-user-project'

function withCredential(request: HttpRequest, more: HttpHeaders, credentials: Credentials): HttpRequest {
  const { method, url: plain, body } = request
  // The project to charge is the call's to name.
  const { [QUOTA_PROJECT]: project = more[QUOTA_PROJECT] } = request.headers
  const headers = { ...request.headers, ...more, ...(project !== undefined && { [QUOTA_PROJECT]: project }) }
  const url = credentials.address?.(plain) ?? plain
  return body === undefined ? { method, url, headers } : { method, url, headers, body }
}
