import { AuthError, TransportError } from '../../errors.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { originOf } from '../../transport/origin.ts'
import { isPassing } from '../../transport/retry-decision.ts'
import { retryPassing } from '../tokens/retry-passing.ts'
import { MAX_TOKEN_BYTES, noToken } from './subject-token-format.ts'

/** A question to a provider of tokens; its address was checked. */
export interface ProviderQuestion {
  readonly method: 'GET' | 'PUT'
  readonly url: string
  readonly headers: HttpHeaders
  /** What is asked for, for errors: `the subject token`. */
  readonly what: string
}

/**
 * Asks a provider, five times at most: 408, 429, 500, 502, 503, 504 and connections that fail are tried again, after about one
 * second and then twice as long each time. Redirects are not followed, and answers of more than 1 MiB are given up.
 * @throws {AuthError} reason `subject_token`, or that of the connection. Nothing of the answer is in the message.
 */
export function askProvider(question: ProviderQuestion, context: CredentialsContext): Promise<string> {
  return retryPassing(MAX_ATTEMPTS, context.call, () => askOnce(question, context))
}

const MAX_ATTEMPTS = 5
const PASSING = [408, 429, 500, 502, 503, 504]

async function askOnce(
  { what, ...request }: ProviderQuestion,
  { transport, call }: CredentialsContext,
): Promise<string> {
  const place = originOf(request.url)?.host ?? 'the provider'
  try {
    const { status, body } = await transport(request, call)
    if (status === 200) return await body.text(MAX_TOKEN_BYTES)
    body.cancel()
    throw noToken(`${place} answered ${status} when asked for ${what}; look at credential_source`, {
      status,
      retryable: PASSING.includes(status),
    })
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    throw new AuthError(`${place} could not be asked for ${what}: ${error.message}`, {
      // One that is closed is told as such: another client goes on.
      reason: error.reason,
      retryable: isPassing(error),
      cause: error,
    })
  }
}
