import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { TOKEN_LIFETIME_SECONDS } from './access-tokens.ts'
import { verifyAssertion } from './assertion.ts'
import { authenticateClient } from './client-authentication.ts'
import type { Clock } from './clock.ts'
import { type FormRequest, formField, readForm } from './form.ts'
import { answerGrant, GrantFailure } from './grant-failure.ts'
import type { Identity } from './identity.ts'
import type { ClientGrant } from './refresh-tokens.ts'
import { useCode } from './sign-in/code-grant.ts'
import { deviceGrant } from './sign-in/device-endpoint.ts'
import { personTokens } from './sign-in/person-tokens.ts'

/** What the token endpoint needs to know. */
export interface TokenEndpoint {
  readonly identity: Identity
  readonly clock: Clock
}

/** The grant of service accounts (RFC 7523). */
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** The grant of people who consented once. */
const REFRESH_TOKEN = 'refresh_token'
/** The grant of people who consent now. */
const AUTHORIZATION_CODE = 'authorization_code'
/** The grant of devices (RFC 8628), and the name that Google gave it before. */
const DEVICE_CODES = [
  'urn:ietf:params:oauth:grant-type:device_code',
  'http://oauth.net/grant_type/device/1.0',
]

/**
 * Answers `POST /token`: a signed assertion, a refresh token, or the code of a consent against an access token. `audiences` are this endpoint's own addresses;
 * those of Google's are accepted as well, since libraries sign for them wherever they send the assertion.
 */
export function answerTokenRequest(
  endpoint: TokenEndpoint,
  request: FormRequest,
  audiences: readonly string[],
): Promise<HttpResponse> {
  return answerGrant(async () => {
    const fields = await readForm(request)
    const type = formField(fields, 'grant_type')
    if (type === REFRESH_TOKEN) return refresh(endpoint, request.headers, fields)
    if (type === AUTHORIZATION_CODE) return exchangeCode(endpoint, request.headers, fields)
    if (DEVICE_CODES.includes(type)) return exchangeDeviceCode(endpoint, request.headers, fields)
    if (type === JWT_BEARER) return exchange(endpoint, fields, [...audiences, ...GOOGLE_TOKEN_URIS])
    throw new GrantFailure('unsupported_grant_type', `Invalid grant_type: ${type}`)
  })
}

/**
 * Answers `POST /v1/oauthtoken` of the Security Token Service: refresh tokens of people whom another provider vouches for.
 */
export function answerExternalUser(endpoint: TokenEndpoint, request: FormRequest): Promise<HttpResponse> {
  return answerGrant(async () => {
    const fields = await readForm(request)
    if (formField(fields, 'grant_type') === REFRESH_TOKEN) return refresh(endpoint, request.headers, fields)
    throw new GrantFailure('unsupported_grant_type', 'The grant_type must be refresh_token.')
  })
}

/** An assertion against an access token, or an ID token where it asks for one. */
async function exchange(
  { identity: { accounts, tokens, idTokens }, clock }: TokenEndpoint,
  fields: URLSearchParams,
  audiences: readonly string[],
): Promise<object> {
  const claims = await verifyAssertion(formField(fields, 'assertion'), accounts, audiences, clock.now())
  const { issuer, subject, scopes, targetAudience } = claims
  if (targetAudience !== undefined) {
    const { key } = await accounts.open(issuer)
    return {
      id_token: await idTokens.issue({ audience: targetAudience, subject: key.client_id, email: issuer }),
    }
  }
  const principal = { email: issuer, ...(subject !== undefined && subject !== issuer && { subject }) }
  return bearer(tokens.issue(principal, scopes))
}

/** A refresh token against an access token (RFC 6749 section 6), for all that was consented to or a part of it. */
async function refresh(
  { identity }: TokenEndpoint,
  headers: HttpHeaders,
  fields: URLSearchParams,
): Promise<object> {
  const { refreshTokens, oauthClients } = identity
  const { id } = authenticateClient(headers, fields, oauthClients)
  const token = formField(fields, 'refresh_token')
  const grant = refreshTokens.find(token, id)
  if (!grant) throw new GrantFailure('invalid_grant', 'Token has been expired or revoked.')
  const asked = (fields.get('scope') ?? '').split(' ').filter(Boolean)
  const scopes = asked.length > 0 ? asked : grant.scopes
  if (!scopes.every((scope) => grant.scopes.includes(scope)))
    throw new GrantFailure('invalid_scope', 'Some requested scopes were not granted.')
  return {
    ...(await personTokens(identity, grant, { scopes, clientId: id })),
    ...(grant.rotating && { refresh_token: refreshTokens.rotate(token) }),
  }
}

/** The code of a consent against tokens (RFC 6749 section 4.1.3). */
async function exchangeCode(
  { identity }: TokenEndpoint,
  headers: HttpHeaders,
  fields: URLSearchParams,
): Promise<object> {
  const { id } = authenticateClient(headers, fields, identity.oauthClients)
  const { grant, nonce, givesRefreshToken } = await useCode(identity, id, fields)
  return {
    ...(givesRefreshToken && refreshTokenOf(identity, grant)),
    ...(await personTokens(identity, grant, { scopes: grant.scopes, clientId: id, nonce })),
  }
}

/** The code of a device against tokens, once somebody consented (RFC 8628 section 3.4). */
async function exchangeDeviceCode(
  { identity, clock }: TokenEndpoint,
  headers: HttpHeaders,
  fields: URLSearchParams,
): Promise<object> {
  const { id } = authenticateClient(headers, fields, identity.oauthClients)
  const grant = deviceGrant(identity, clock, id, formField(fields, 'device_code'))
  return {
    ...refreshTokenOf(identity, grant),
    ...(await personTokens(identity, grant, { scopes: grant.scopes, clientId: id })),
  }
}

/** A new refresh token. Where its end is certain, the answer tells it, as Google's does. */
function refreshTokenOf({ refreshTokens }: Identity, grant: ClientGrant): object {
  const lifetimeMs = refreshTokens.lifetimeMsOf(grant)
  return {
    refresh_token: refreshTokens.give(grant),
    ...(lifetimeMs !== undefined && { refresh_token_expires_in: Math.floor(lifetimeMs / 1000) - 1 }),
  }
}

function bearer(token: string): object {
  return { access_token: token, expires_in: TOKEN_LIFETIME_SECONDS, token_type: 'Bearer' }
}

/** Today's address of Google's endpoint, and the two before it that key files and libraries still name. */
const GOOGLE_TOKEN_URIS = [
  'https://oauth2.googleapis.com/token',
  'https://www.googleapis.com/oauth2/v4/token',
  'https://accounts.google.com/o/oauth2/token',
]
