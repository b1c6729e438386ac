import { createSecret } from './create-secret.ts'
import {
  type AuthorizationOptions,
  type AuthorizationSettings,
  readAuthorizationOptions,
} from './authorization-options.ts'
import type { ClientSettings } from './client-options.ts'
import { loadOAuth } from './protocol/load-oauth.ts'

/** What is kept from the request for consent until its answer comes: plain JSON, bound to the browser, and secret. */
export interface AuthorizationRequest {
  readonly state: string
  /** Where `openid` was asked for. */
  readonly nonce?: string
  /** Of PKCE (RFC 7636): forget it with the answer. */
  readonly codeVerifier: string
  readonly redirectUri: string
  readonly scopes: readonly string[]
  /** Where the account must be of a domain: it, or `*`. */
  readonly hostedDomain?: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/** Where to send the person, and what to keep. */
export interface Authorization {
  readonly url: string
  readonly request: AuthorizationRequest
}

/**
 * Makes the address of a request for consent, with PKCE (S256) always.
 * @param now milliseconds since 1970
 * @throws {ValidationError} for options that cannot be used.
 */
export async function authorizationUrl(
  options: AuthorizationOptions,
  client: ClientSettings,
  now: number,
): Promise<Authorization> {
  const settings = readAuthorizationOptions(options, client)
  const { scopes, redirectUri, hostedDomain, state = createSecret() } = settings
  const oauth = await loadOAuth()
  const codeVerifier = oauth.generateRandomCodeVerifier()
  const challenge = await oauth.calculatePKCECodeChallenge(codeVerifier)
  const nonce = settings.nonce ?? (scopes.includes('openid') ? createSecret() : undefined)
  const request = {
    state,
    ...(nonce !== undefined && { nonce }),
    codeVerifier,
    redirectUri,
    scopes,
    ...(hostedDomain !== undefined && { hostedDomain }),
    createdAt: now,
  }
  const endpoint = client.provider.authorization_endpoint!
  const query = toQuery(authorizationParameters(settings, client.clientId, request, challenge))
  return { url: `${endpoint}${endpoint.includes('?') ? '&' : '?'}${query}`, request }
}

/** The parameters under their names on the wire (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1, Google's own). */
function authorizationParameters(
  settings: AuthorizationSettings,
  clientId: string,
  { state, nonce, redirectUri, scopes }: AuthorizationRequest,
  challenge: string,
): Readonly<Record<string, string | undefined>> {
  const { accessType, includeGrantedScopes, loginHint, prompt, display, hostedDomain, openidRealm, extra } =
    settings
  return {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope: scopes.join(' '),
    state,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    nonce,
    access_type: accessType,
    include_granted_scopes: includeGrantedScopes?.toString(),
    login_hint: loginHint,
    prompt: typeof prompt === 'string' ? prompt : prompt?.join(' '),
    display,
    hd: hostedDomain,
    'openid.realm': openidRealm,
    ...extra,
  }
}

function toQuery(parameters: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parameters)
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
    )
    .join('&')
}
