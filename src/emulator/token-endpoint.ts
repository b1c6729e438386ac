import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { TOKEN_LIFETIME_SECONDS } from './access-tokens.ts'
import { verifyAssertion } from './assertion.ts'
import { authenticateClient } from './client-authentication.ts'
import type { Clock } from './clock.ts'
import { type FormRequest, formField, readForm } from './form.ts'
import { answerGrant, GrantFailure } from './grant-failure.ts'
import type { IdTokenFacts } from './id-tokens.ts'
import type { Identity } from './identity.ts'
import { userId } from './ids.ts'
import type { Grant } from './refresh-tokens.ts'
import { showsEmail } from './token-facts.ts'

/** What the token endpoint needs to know. */
export interface TokenEndpoint {
  readonly identity: Identity
  readonly clock: Clock
}

/** The grant of service accounts (RFC 7523). */
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** The grant of people who consented once. */
const REFRESH_TOKEN = 'refresh_token'

/**
 * Answers `POST /token`: a signed assertion or a refresh token against an access token. `audiences` are this endpoint's own addresses;
 * those of Google's are accepted as well, since libraries sign for them wherever they send the assertion.
 */
export function answerTokenRequest(
  endpoint: TokenEndpoint,
  request: FormRequest,
  audiences: readonly string[],
): Promise<HttpResponse> {
  return answerGrant(async () => {
    const fields = await readForm(request)
    return grantType(fields) === REFRESH_TOKEN
      ? refresh(endpoint, request.headers, fields)
      : exchange(endpoint, fields, [...audiences, ...GOOGLE_TOKEN_URIS])
  })
}

/**
 * Answers `POST /v1/oauthtoken` of the Security Token Service: refresh tokens of people whom another provider vouches for.
 */
export function answerExternalUser(endpoint: TokenEndpoint, request: FormRequest): Promise<HttpResponse> {
  return answerGrant(async () => {
    const fields = await readForm(request)
    if (grantType(fields) === REFRESH_TOKEN) return refresh(endpoint, request.headers, fields)
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
  { identity: { tokens, refreshTokens, idTokens } }: TokenEndpoint,
  headers: HttpHeaders,
  fields: URLSearchParams,
): Promise<object> {
  const { id, secret } = authenticateClient(headers, fields, refreshTokens)
  const token = formField(fields, 'refresh_token')
  const grant = refreshTokens.find(token, id, secret)
  if (!grant) throw new GrantFailure('invalid_grant', 'Token has been expired or revoked.')
  const asked = (fields.get('scope') ?? '').split(' ').filter(Boolean)
  const scopes = asked.length > 0 ? asked : grant.scopes
  if (!scopes.every((scope) => grant.scopes.includes(scope)))
    throw new GrantFailure('invalid_scope', 'Some requested scopes were not granted.')
  return {
    ...bearer(tokens.issue({ email: grant.email }, scopes, { consent: grant })),
    scope: scopes.join(' '),
    ...(scopes.includes('openid') && { id_token: await idTokens.issue(personFacts(grant, scopes, id)) }),
    ...(grant.rotating && { refresh_token: refreshTokens.rotate(token) }),
  }
}

/** What an ID token tells of a person, and to which client. */
function personFacts({ email }: Grant, scopes: readonly string[], audience: string): IdTokenFacts {
  return {
    audience,
    authorizedParty: audience,
    subject: userId(email),
    email: showsEmail(scopes) ? email : undefined,
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

/** The grant type of a form, one of those known here. */
function grantType(fields: URLSearchParams): string {
  const type = formField(fields, 'grant_type')
  if (type === JWT_BEARER || type === REFRESH_TOKEN) return type
  throw new GrantFailure('unsupported_grant_type', `Invalid grant_type: ${type}`)
}
