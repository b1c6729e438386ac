import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { TOKEN_LIFETIME_SECONDS } from './access-tokens.ts'
import { jsonAnswer } from './answers.ts'
import { ApiFailure } from './api-failure.ts'
import { GrantFailure, verifyAssertion } from './assertion.ts'
import type { Clock } from './clock.ts'
import type { Identity } from './identity.ts'
import type { RequestBody } from './request-body.ts'

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
export async function answerTokenRequest(
  endpoint: TokenEndpoint,
  request: { readonly method: string; readonly headers: HttpHeaders; readonly body: RequestBody },
  audiences: readonly string[],
): Promise<HttpResponse> {
  try {
    if (request.method !== 'POST') {
      throw new GrantFailure('invalid_request', 'The token endpoint answers POST only.', 405)
    }
    const fields = await readForm(request.headers, request.body)
    const answer =
      grantType(fields) === REFRESH_TOKEN
        ? refresh(endpoint, fields)
        : await exchange(endpoint, fields, [...audiences, ...GOOGLE_TOKEN_URIS])
    return jsonAnswer(answer, 200, NEVER_STORED)
  } catch (error) {
    if (!(error instanceof GrantFailure)) throw error
    return jsonAnswer({ error: error.error, error_description: error.message }, error.status, NEVER_STORED)
  }
}

/** An assertion against an access token, or an ID token where it asks for one. */
async function exchange(
  { identity: { accounts, tokens, idTokens }, clock }: TokenEndpoint,
  fields: URLSearchParams,
  audiences: readonly string[],
): Promise<object> {
  const claims = await verifyAssertion(field(fields, 'assertion'), accounts, audiences, clock.now())
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
function refresh({ identity: { tokens, refreshTokens } }: TokenEndpoint, fields: URLSearchParams): object {
  const [id, secret] = [field(fields, 'client_id'), field(fields, 'client_secret')]
  if (!refreshTokens.knowsClient(id, secret))
    throw new GrantFailure('invalid_client', 'The OAuth client was not found.', 401)
  const token = field(fields, 'refresh_token')
  const grant = refreshTokens.find(token, id, secret)
  if (!grant) throw new GrantFailure('invalid_grant', 'Token has been expired or revoked.')
  const asked = (fields.get('scope') ?? '').split(' ').filter(Boolean)
  const scopes = asked.length > 0 ? asked : grant.scopes
  if (!scopes.every((scope) => grant.scopes.includes(scope)))
    throw new GrantFailure('invalid_scope', 'Some requested scopes were not granted.')
  return {
    ...bearer(tokens.issue({ email: grant.email }, scopes)),
    scope: scopes.join(' '),
    ...(grant.rotating && { refresh_token: refreshTokens.rotate(token) }),
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
const MAX_FORM_BYTES = 64 * 1024
const NEVER_STORED: HttpHeaders = { 'cache-control': 'no-store', pragma: 'no-cache' }

async function readForm(headers: HttpHeaders, body: RequestBody): Promise<URLSearchParams> {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') {
    throw new GrantFailure('invalid_request', 'The body must be application/x-www-form-urlencoded.')
  }
  try {
    return new URLSearchParams(await body.text(MAX_FORM_BYTES))
  } catch (error) {
    if (!(error instanceof ApiFailure && error.status === 413)) throw error
    throw new GrantFailure('invalid_request', error.message, 413)
  }
}

/** The grant type of a form, one of those known here. */
function grantType(fields: URLSearchParams): string {
  const type = field(fields, 'grant_type')
  if (type === JWT_BEARER || type === REFRESH_TOKEN) return type
  throw new GrantFailure('unsupported_grant_type', `Invalid grant_type: ${type}`)
}

function field(fields: URLSearchParams, name: string): string {
  const [value] = fields.getAll(name)
  if (!value) throw new GrantFailure('invalid_request', `Required parameter is missing: ${name}`)
  return value
}
