import { AuthError, TransportError } from '../../errors.ts'
import { GOOGLE_TOKEN_URI } from '../account/service-account-key.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { originOf } from '../../transport/origin.ts'
import { isPassing } from '../../transport/retry-decision.ts'
import { retryPassing } from './retry-passing.ts'
import { serverWords } from './server-words.ts'
import type { Signer } from '../signer.ts'
import type { AccessToken } from './token-cache.ts'
import { isVisibleText } from './visible-text.ts'

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
  readonly login?: { readonly headers: HttpHeaders; readonly secrets: readonly string[] } | undefined
  /** What the credential is, for errors: `the service account a@b`. */
  readonly what: string
  /** Of a token that programs may share: all that it is asked for with, as JSON has it, but for what differs each time. */
  readonly identity?: object
  /** Whose the token is, where it is an account's: shows that it may have the token. */
  readonly signer?: Signer
  /** Whether it may be sent again after a failure that may pass. Default: it may. */
  readonly mayRepeat?: (error: AuthError) => boolean
  /** What to do about a refusal, in place of what is said to service accounts. */
  readonly advice?: (reason: string, answer: Readonly<Record<string, unknown>>) => string
  /**
   * Reads something else of the answer than an access token.
   * @param bad makes the error of what is wrong with it
   */
  readonly read?: (answer: Readonly<Record<string, unknown>>, bad: (why: string) => AuthError) => AccessToken
}

const MAX_ATTEMPTS = 3

/**
 * Asks a token endpoint, three times at most: connections that fail, 408, 429, 5xx and the words that Google uses
 * for passing trouble are tried again after about one and two seconds. Redirects are not followed. Where programs share their
 * tokens, one of them may have the token already.
 * @throws {AuthError} with the endpoint's word as `reason`.
 */
export function requestToken(request: TokenRequest, context: CredentialsContext): Promise<AccessToken> {
  const ask = (): Promise<AccessToken> =>
    retryPassing(MAX_ATTEMPTS, context.call, () => requestOnce(request, context), request.mayRepeat)
  return context.tokenStore?.load(request, ask, context) ?? ask()
}

const MAX_ANSWER_BYTES = 1_048_576
const ASSUMED_LIFETIME_S = 3_600
const MAX_LIFETIME_S = 43_200
const NUMBER = /^-?\d+(\.\d*)?(e\d+)?$/i
/** The members of a form that nobody else may see. */
const SECRETS = ['assertion', 'refresh_token', 'client_secret', 'subject_token']
const PASSING = /^(408|429|5)|\b(internal_failure|server_error|temporarily_unavailable)\b/

async function requestOnce(
  { tokenUri, what, login, read = readToken, ...request }: TokenRequest,
  { transport, call, clock }: CredentialsContext,
): Promise<AccessToken> {
  const place = originOf(tokenUri)?.host ?? 'the token endpoint'
  const form = await request.form()
  try {
    const { status, headers, body } = await transport(
      {
        method: 'POST',
        url: tokenUri,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          accept: 'application/json',
          ...login?.headers,
        },
        body: new URLSearchParams(form).toString(),
      },
      call,
    )
    const answer = parse(await body.text(MAX_ANSWER_BYTES))
    if (status === 200) {
      const bad = (why: string): AuthError =>
        new AuthError(`${place} answered 200 to ${what}, but ${why}`, { reason: 'unreadable_answer', status })
      if (!answer) throw bad('it is not JSON')
      return read(answer, bad)
    }
    const secrets = [...(login?.secrets ?? []), ...SECRETS.map((name) => form[name] ?? '')]
    const { error: word, error_description: sentence } = answer ?? {}
    const { reason, said } = serverWords(status, word, sentence, secrets)
    const hint =
      request.advice?.(reason, answer ?? {}) ??
      (form['assertion'] ? advice(reason, headers, clock.now()) : '')
    const words = `${status} ${reason}${said}`
    throw new AuthError(`${place} refused ${what}: ${words}${hint}`, {
      reason,
      status,
      retryable: PASSING.test(words),
    })
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    // Not as it is: a call must not take the failure of its token request for its own.
    throw new AuthError(`${place} could not be asked for a token for ${what}: ${error.message}`, {
      reason: error.reason,
      retryable: isPassing(error),
      cause: error,
    })
  }
}

/** What JSON stands for, as an object whatever it is. */
function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>
  } catch {
    return undefined // the error's own text repeats a piece of the answer
  }
}

/** Reads strictly: a token that is not plainly one is no token. */
export function readToken(
  answer: Readonly<Record<string, unknown>>,
  bad: (why: string) => AuthError,
): AccessToken {
  const { access_token: value, token_type: type = 'Bearer' } = answer
  if (!isVisibleText(value)) throw bad('it has no access_token that can be sent')
  if (!/^bearer$/i.test(type as string)) throw bad('the token is not a bearer token')
  const given = answer['expires_in'] ?? ASSUMED_LIFETIME_S
  // Some endpoints write a number as a text.
  const seconds = typeof given === 'string' && NUMBER.test(given) ? Number(given) : given
  if (typeof seconds !== 'number' || !(seconds > 0))
    throw bad(typeof seconds === 'number' ? 'the token has expired already' : 'its expires_in is no number')
  return { value, lifetimeMs: Math.min(seconds, MAX_LIFETIME_S) * 1_000 }
}

/** Of an assertion that was not accepted. */
function advice(reason: string, headers: HttpHeaders, now: number): string {
  if (reason === 'invalid_scope') return '. May the account ask for these scopes?'
  if (reason === 'unauthorized_client') return '. Domain-wide delegation is not set up for these scopes'
  if (reason !== 'invalid_grant') return ''
  const skewMs = now - Date.parse(headers['date'] ?? '')
  const cause =
    Math.abs(skewMs) > 60_000 ? `differs from the server's by ${Math.round(skewMs / 1_000)} s` : 'is wrong'
  return `. Likely: this machine's clock ${cause}; the key was deleted; the account is disabled`
}
