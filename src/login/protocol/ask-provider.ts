import { retryPassing } from '../../auth/tokens/retry-passing.ts'
import { serverWords } from '../../auth/tokens/server-words.ts'
import { AuthError, TransportError } from '../../errors.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { originOf } from '../../transport/origin.ts'
import { isPassing } from '../../transport/retry-decision.ts'
import type { Endpoint, OAuthProvider } from '../provider.ts'
import { type AuthorizationServer, loadOAuth, type OAuthLibrary, type SendOptions } from './load-oauth.ts'

/** The answer of a provider: JSON as an object, whatever it is; empty where there was none. */
export interface Answer {
  readonly status: number
  readonly json: Readonly<Record<string, unknown>>
  /** Makes the error of an answer that cannot be used. */
  bad(why: string): AuthError
}

/** Something to ask of a provider. */
export interface Question {
  readonly provider: OAuthProvider
  readonly endpoint: Endpoint
  /** What is asked, for errors: goes on after `refused`. */
  readonly what: string
  /** What is sent that nobody else may see: servers repeat it. */
  readonly secrets: readonly (string | undefined)[]
  /** Whether it may be asked again after a failure that may pass. */
  readonly mayRepeat: (error: AuthError) => boolean
  /** What to do about a refusal. */
  readonly advice?: (reason: string) => string
  /** Whether an answer with another status than 200 is given back all the same. */
  readonly accepts?: (reason: string) => boolean
  /** Whether the answer to what went well says nothing. */
  readonly answersNothing?: boolean
  /** Asks, by means of the library. */
  send(oauth: OAuthLibrary, options: SendOptions, server: AuthorizationServer): Promise<unknown>
}

const MAX_ANSWER_BYTES = 1_048_576
const MAX_ATTEMPTS = 3

/**
 * Asks a provider, three times at most where that does no harm. Redirects are not followed.
 * @throws {AuthError} with the provider's word as `reason`.
 */
export async function askProvider(question: Question, context: CredentialsContext): Promise<Answer> {
  const address = question.provider[question.endpoint]
  if (typeof address !== 'string')
    throw new AuthError(`the provider ${question.provider.issuer} has no ${question.endpoint}`, {
      reason: 'no_endpoint',
    })
  const oauth = await loadOAuth()
  const once = (): Promise<Answer> => askOnce(question, address, oauth, context)
  return retryPassing(MAX_ATTEMPTS, context.call, once, question.mayRepeat)
}

async function askOnce(
  { provider, what, secrets, advice, accepts, answersNothing, send }: Question,
  address: string,
  oauth: OAuthLibrary,
  { transport, call }: CredentialsContext,
): Promise<Answer> {
  const place = originOf(address)?.host ?? 'the provider'
  let status = 0
  let text = ''
  try {
    const options: SendOptions = {
      [oauth.allowInsecureRequests]: true, // addresses were checked before: https, or http on this machine
      [oauth.customFetch]: async (url, { method, headers, body }) => {
        const sent = body === undefined || body === null ? {} : { body: String(body) }
        const answer = await transport({ method, url, headers, ...sent }, call)
        status = answer.status
        text = await answer.body.text(MAX_ANSWER_BYTES)
        return new Response(null, { status: 204 }) // read here: the library would show it in its errors
      },
    }
    await send(oauth, options, provider as AuthorizationServer) // what it reads of it was checked
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    // Not as it is: a call must not take the failure of its login for its own.
    throw new AuthError(`${place} could not be asked for ${what}: ${error.message}`, {
      reason: error.reason,
      retryable: isPassing(error),
      cause: error,
    })
  }
  const json = parse(text)
  const bad = (why: string): AuthError =>
    new AuthError(`${place} answered ${status} to ${what}, but ${why}`, {
      reason: 'unreadable_answer',
      status,
    })
  if (status === 200) {
    if (!json && !answersNothing) throw bad('it is not a JSON object')
    return { status, json: json ?? {}, bad }
  }
  const hidden = secrets.filter((secret) => secret !== undefined)
  const { error: word, error_description: sentence } = json ?? {}
  const { reason, said } = serverWords(status, word, sentence, hidden)
  if (accepts?.(reason)) return { status, json: { ...json, error: reason }, bad }
  throw new AuthError(`${place} refused ${what}: ${status} ${reason}${said}${advice?.(reason) ?? ''}`, {
    reason,
    status,
    retryable: PASSING.test(`${status} ${reason}`),
  })
}

const PASSING = /^(408|429|5)|\b(internal_failure|server_error|temporarily_unavailable)\b/

/** An object; lists and plain values are no answer. */
function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined // the error's own text repeats a piece of the answer
  }
}
