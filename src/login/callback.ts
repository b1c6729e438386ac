import { withoutSecrets } from '../transport/redact.ts'
import { AuthError, type Problem, ValidationError } from '../errors.ts'
import type { AuthorizationRequest } from './authorization-url.ts'
import type { ClientSettings } from './client-options.ts'
import { loadOAuth } from './protocol/load-oauth.ts'

/** Where the browser came back to. */
export type CallbackUrl = string | { readonly href: string }

/** The parameters of an answer that was checked, in the form that the library exchanges, and the code among them. */
export interface Callback {
  readonly parameters: URLSearchParams
  readonly code: string
}

/**
 * Reads the answer to a request for consent (RFC 6749 section 4.1.2, RFC 9207). Nothing in it is believed before its `state`
 * is that of the request, errors neither.
 * @param now milliseconds since 1970
 * @throws {ValidationError} when the address is none, or the request is not what `authorizationUrl` gave.
 * @throws {AuthError} with the provider's word as `reason`, or `wrong_state`, `wrong_issuer`, `malformed_callback`,
 * `missing_code`, `request_expired`.
 */
export async function readCallback(
  callbackUrl: CallbackUrl,
  request: AuthorizationRequest,
  { provider, clientId }: ClientSettings,
  now: number,
): Promise<Callback> {
  checkRequest(request)
  const given = parametersOf(callbackUrl)
  for (const name of ONCE) {
    if (given.getAll(name).length > 1) throw refused('malformed_callback', `it has more than one ${name}`)
  }
  if (!isSame(given.get('state'), request.state))
    throw refused(
      'wrong_state',
      `its state is ${given.has('state') ? 'another' : 'missing'}. Begin the login anew`,
    )
  const iss = given.get('iss')
  if (iss === null && provider.authorization_response_iss_parameter_supported)
    throw refused('wrong_issuer', 'it does not say who issued it, which the provider always does')
  if (iss !== null && iss !== provider.issuer) throw refused('wrong_issuer', 'another provider issued it')
  if (!(Math.abs(now - request.createdAt) <= REQUEST_LIFETIME_MS))
    throw refused('request_expired', 'its request is older than ten minutes. Begin the login anew')
  const error = given.get('error')
  if (error !== null) throw denied(error, given, request)
  for (const name of ['access_token', 'id_token', 'token', 'response']) {
    if (given.has(name)) throw refused('malformed_callback', `it has a ${name}, which was not asked for`)
  }
  const code = given.get('code')
  if (!code) throw refused('missing_code', 'it has neither a code nor an error')
  const oauth = await loadOAuth()
  try {
    const client = { client_id: clientId }
    return {
      parameters: oauth.validateAuthResponse({ issuer: provider.issuer }, client, given, request.state),
      code,
    }
  } catch {
    // Without the cause, which has the whole answer.
    throw refused('malformed_callback', 'it does not have the form that it must have')
  }
}

/** How long a person may take. */
export const REQUEST_LIFETIME_MS = 600_000
const MAX_CALLBACK_LENGTH = 16_384
const ONCE = ['code', 'state', 'iss', 'error', 'error_description', 'scope']

function refused(reason: string, why: string): AuthError {
  return new AuthError(`the answer to the request for consent was not accepted: ${why}`, { reason })
}

/** The provider's own word. What else the answer says is not repeated but for one plain sentence. */
function denied(
  error: string,
  given: URLSearchParams,
  { state, codeVerifier }: AuthorizationRequest,
): AuthError {
  const secrets = [state, codeVerifier, given.get('code') ?? '']
  const reason = /^[\w.-]{1,60}$/.test(error) ? withoutSecrets(error, secrets) : 'unreadable_error'
  const sentence = (given.get('error_description') ?? '').replace(/[\s\p{C}]+/gu, ' ').slice(0, 300)
  const said = sentence && `: ${withoutSecrets(sentence, secrets).replace(/\.$/, '')}`
  return new AuthError(`consent was not given: ${reason}${said}${ADVICE[reason] ?? ''}`, {
    reason,
    retryable: /^(server_error|temporarily_unavailable)$/.test(reason),
  })
}

const ADVICE: Readonly<Record<string, string>> = {
  access_denied: '. The person, or an administrator, said no',
  admin_policy_enforced: '. An administrator of the organisation has to allow the client',
  login_required: ". Nobody is signed in: ask without prompt 'none'",
  consent_required: ". The person was not asked yet: ask without prompt 'none'",
  interaction_required: ". The person has to do something: ask without prompt 'none'",
  account_selection_required: ". The person has to choose an account: ask without prompt 'none'",
}

function parametersOf(callbackUrl: CallbackUrl): URLSearchParams {
  const address =
    typeof callbackUrl === 'string' ? callbackUrl : (callbackUrl as Partial<URL> | undefined)?.href
  if (typeof address !== 'string' || address.length > MAX_CALLBACK_LENGTH || !URL.canParse(address))
    throw new ValidationError(WHAT, [
      {
        path: 'callbackUrl',
        message: `must be an absolute address of at most ${MAX_CALLBACK_LENGTH} characters`,
      },
    ])
  return new URL(address).searchParams
}

/** It was kept elsewhere meanwhile. */
function checkRequest(request: AuthorizationRequest | undefined): void {
  const { state, nonce, codeVerifier, redirectUri, scopes, hostedDomain, createdAt } = Object(
    request,
  ) as Partial<AuthorizationRequest>
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
  const problems: Problem[] = Object.entries({
    state: isText(state),
    nonce: nonce === undefined ? !scopes?.includes('openid') : isText(nonce),
    codeVerifier: typeof codeVerifier === 'string' && /^[\w.~-]{43,128}$/.test(codeVerifier),
    redirectUri: isText(redirectUri),
    scopes: Array.isArray(scopes) && scopes.every(isText),
    hostedDomain: hostedDomain === undefined || isText(hostedDomain),
    createdAt: Number.isFinite(createdAt),
  }).flatMap(([name, holds]) =>
    holds ? [] : [{ path: `request.${name}`, message: 'is not what authorizationUrl gave' }],
  )
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
}

const WHAT = 'the login cannot be finished'

/** Without telling by the time how much of a guess was right. */
function isSame(given: string | null, expected: string): boolean {
  if (given?.length !== expected.length) return false
  let difference = 0
  for (let at = 0; at < expected.length; at++) difference |= given.charCodeAt(at) ^ expected.charCodeAt(at)
  return difference === 0
}
