import { AuthError, TransportError } from '../../errors.ts'
import { GOOGLE_TOKEN_URI } from '../account/service-account-key.ts'
import { parseOAuthError } from '../../protocol/oauth-error.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import type { Clock } from '../../transport/clock.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { originOf } from '../../transport/origin.ts'
import { withoutSecrets } from '../../transport/redact.ts'
import { isPassing } from '../../transport/retry-decision.ts'
import { retryPassing } from './retry-passing.ts'
import type { Signer } from '../signer.ts'
import type { AccessToken } from './token-cache.ts'

/**
 * What an assertion is for. Google's endpoint goes by one name, by whatever address it is reached; an endpoint on this machine
 * by its own.
 */
export function assertionAudience(tokenUri: string): string {
  return originOf(tokenUri)?.loopback ? tokenUri : GOOGLE_TOKEN_URI
}

/** A request to a token endpoint (RFC 6749 section 4). */
export interface TokenRequest {
  readonly tokenUri: string
  /** The form; made anew for each try, so that an assertion is never older than its try. */
  form(): Promise<Readonly<Record<string, string>>>
  /** Who the client is, where that does not stand in the form: the header, and the secrets in it. */
  readonly login?: { readonly authorization: string; readonly secrets: readonly string[] } | undefined
  /** What the credential is, for errors: `the service account a@b`. */
  readonly what: string
  /** Of a token that programs may share: all that it is asked for with, as JSON has it, but for what differs each time. */
  readonly identity?: object
  /** Whose the token is, where it is an account's: shows that it may have the token. */
  readonly signer?: Signer
  /**
   * What to do about a refusal, in place of what is said to service accounts.
   * @param answer the text of the answer. It may repeat what was sent
   */
  readonly advice?: (reason: string, answer: string, headers: HttpHeaders, clock: Clock) => string
  /** Whether what is sent may be good for one time only: then a request that the server may have read is not repeated. */
  readonly once?: boolean
  /**
   * Reads something else of the answer than an access token.
   * @param bad makes the error of what is wrong with it
   */
  readonly read?: (answer: Readonly<Record<string, unknown>>, bad: (why: string) => AuthError) => AccessToken
}

/**
 * Asks a token endpoint, three times at most: connections that fail, 408, 429, 5xx and the words that Google uses
 * for passing trouble are tried again after one and two seconds. Redirects are not followed. Where programs share their
 * tokens, one of them may have the token already.
 * @throws {AuthError} with the endpoint's word as `reason`.
 */
export function requestToken(request: TokenRequest, context: CredentialsContext): Promise<AccessToken> {
  const mayRepeat = (error: AuthError): boolean => !request.once || !mayBeSpent(error)
  const ask = (): Promise<AccessToken> =>
    retryPassing(MAX_ATTEMPTS, context.call, () => requestOnce(request, context), mayRepeat)
  return context.tokenStore?.load(request, ask, context) ?? ask()
}

/** Whether there was no answer, though the server may have acted. */
function mayBeSpent({ cause }: AuthError): boolean {
  return cause instanceof TransportError && cause.progress !== 'unsent'
}

const MAX_ATTEMPTS = 3
const MAX_ANSWER_BYTES = 1_048_576
const ASSUMED_LIFETIME_S = 3_600
const MAX_LIFETIME_S = 43_200
/** The members of a form that nobody else may see. */
const SECRETS = ['assertion', 'refresh_token', 'client_secret', 'subject_token']
const PASSING = /^(internal_failure|server_error|temporarily_unavailable)$/

async function requestOnce(request: TokenRequest, context: CredentialsContext): Promise<AccessToken> {
  const { tokenUri, what, login } = request
  const place = originOf(tokenUri)?.host ?? 'the token endpoint'
  const form = await request.form()
  try {
    const { status, headers, body } = await context.transport(
      {
        method: 'POST',
        url: tokenUri,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
          ...(login && { authorization: login.authorization }),
        },
        body: new URLSearchParams(form).toString(),
      },
      context.call,
    )
    const text = await body.text(MAX_ANSWER_BYTES)
    if (status === 200) return readAnswer(text, what, place, request.read ?? readToken)
    const secrets = [...(login?.secrets ?? []), ...SECRETS.map((name) => form[name] ?? '')]
    throw refusal(text, secrets, status, headers, request, place, context)
  } catch (error) {
    // Not as it is: a call must not take the failure of its token request for its own.
    throw error instanceof TransportError ? unreachable(error, what, place) : error
  }
}

function unreachable(cause: TransportError, what: string, place: string): AuthError {
  return new AuthError(`${place} could not be asked for a token for ${what}: ${cause.message}`, {
    reason: cause.reason,
    retryable: isPassing(cause),
    cause,
  })
}

function readAnswer(
  text: string,
  what: string,
  place: string,
  read: NonNullable<TokenRequest['read']>,
): AccessToken {
  const bad = (why: string): AuthError =>
    new AuthError(`${place} answered 200 to ${what}, but ${why}`, {
      reason: 'unreadable_answer',
      status: 200,
    })
  let answer: Record<string, unknown>
  try {
    answer = JSON.parse(text) as Record<string, unknown>
  } catch {
    throw bad('it is not JSON')
  }
  return read(answer ?? {}, bad)
}

/** Reads strictly: a token that is not plainly one is no token. */
export function readToken(
  answer: Readonly<Record<string, unknown>>,
  bad: (why: string) => AuthError,
): AccessToken {
  const {
    access_token: value,
    token_type: type = 'Bearer',
    expires_in: expiresIn = ASSUMED_LIFETIME_S,
  } = answer
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw bad('it has no access_token')
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw bad('the token is not a bearer token')
  const seconds = typeof expiresIn === 'number' || isDigits(expiresIn) ? Number(expiresIn) : 0
  if (!(seconds > 0)) throw bad('the token has expired already')
  return { value, lifetimeMs: Math.min(seconds, MAX_LIFETIME_S) * 1_000 }
}

function isDigits(value: unknown): boolean {
  return typeof value === 'string' && /^\d+$/.test(value)
}

function refusal(
  text: string,
  secrets: readonly string[],
  status: number,
  headers: HttpHeaders,
  { what, advice = accountAdvice }: TokenRequest,
  place: string,
  { clock }: CredentialsContext,
): AuthError {
  // Some endpoints repeat what they were sent, in the forms that JSON has for it.
  const clean = (said: string): string => withoutSecrets(said, secrets)
  const { reason: word = `http_${status}`, message } = parseOAuthError(text)
  const reason = clean(word)
  const said = message === undefined ? '' : `: ${clean(message).slice(0, 300).replace(/\.$/, '')}`
  return new AuthError(
    `${place} refused ${what}: ${status} ${reason}${said}${advice(reason, text, headers, clock)}`,
    {
      reason,
      status,
      retryable: status === 408 || status === 429 || status >= 500 || PASSING.test(reason),
    },
  )
}

function accountAdvice(reason: string, _: string, headers: HttpHeaders, clock: Clock): string {
  if (reason === 'invalid_scope') return '. May the account ask for these scopes?'
  if (reason === 'unauthorized_client') return '. Domain-wide delegation is not set up for these scopes'
  if (reason !== 'invalid_grant') return ''
  const skewMs = clock.now() - Date.parse(headers['date'] ?? '')
  const cause =
    Math.abs(skewMs) > 60_000 ? `differs from the server's by ${Math.round(skewMs / 1_000)} s` : 'is wrong'
  return `. Likely: this machine's clock ${cause}; the key was deleted; the account is disabled`
}
