import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { TOKEN_LIFETIME_SECONDS, type AccessTokens } from './access-tokens.ts'
import type { Accounts } from './accounts.ts'
import { jsonAnswer } from './answers.ts'
import { ApiFailure } from './api-failure.ts'
import { GrantFailure, verifyAssertion } from './assertion.ts'
import type { Clock } from './clock.ts'
import type { IdTokens } from './id-tokens.ts'
import type { RequestBody } from './request-body.ts'

/** What the token endpoint needs to know. */
export interface TokenEndpoint {
  readonly accounts: Accounts
  readonly tokens: AccessTokens
  readonly idTokens: IdTokens
  readonly clock: Clock
}

/** The grant of service accounts (RFC 7523). */
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/**
 * Answers `POST /token`: a signed assertion against an access token. `audiences` are this endpoint's own addresses;
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
    const claims = await verifyAssertion(
      readGrant(fields),
      endpoint.accounts,
      [...audiences, ...GOOGLE_TOKEN_URIS],
      endpoint.clock.now(),
    )
    const { issuer, subject, scopes, targetAudience } = claims
    if (targetAudience !== undefined) {
      const account = await endpoint.accounts.open(issuer)
      const facts = { audience: targetAudience, subject: account.key.client_id, email: issuer }
      return jsonAnswer({ id_token: await endpoint.idTokens.issue(facts) }, 200, NEVER_STORED)
    }
    const principal = { email: issuer, ...(subject !== undefined && subject !== issuer && { subject }) }
    return jsonAnswer(
      {
        access_token: endpoint.tokens.issue(principal, scopes),
        expires_in: TOKEN_LIFETIME_SECONDS,
        token_type: 'Bearer',
      },
      200,
      NEVER_STORED,
    )
  } catch (error) {
    if (!(error instanceof GrantFailure)) throw error
    return jsonAnswer({ error: error.error, error_description: error.message }, error.status, NEVER_STORED)
  }
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

/** The assertion of a form whose grant type is the one known here. */
function readGrant(fields: URLSearchParams): string {
  const [grantType] = fields.getAll('grant_type')
  const [assertion] = fields.getAll('assertion')
  if (!grantType) throw new GrantFailure('invalid_request', 'Required parameter is missing: grant_type')
  if (grantType !== JWT_BEARER) {
    throw new GrantFailure('unsupported_grant_type', `Invalid grant_type: ${grantType}`)
  }
  if (!assertion) throw new GrantFailure('invalid_request', 'Required parameter is missing: assertion')
  return assertion
}
