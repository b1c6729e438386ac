import { AuthError, TransportError } from '../../errors.ts'
import { parseErrorBody } from '../../protocol/error-body.ts'
import type { HttpRequest } from '../../protocol/http.ts'
import { authorize } from '../../transport/authorize.ts'
import { CallContext } from '../../transport/call-context.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { compose } from '../../transport/interceptor.ts'
import { DEFAULT_UNIVERSE, originGuard } from '../../transport/origin-policy.ts'
import { isPassing } from '../../transport/retry-decision.ts'
import type { IamAccount } from './iam-account.ts'
import { retryPassing } from '../tokens/retry-passing.ts'
import { serverWords } from '../tokens/server-words.ts'

/** The methods of the IAM Service Account Credentials API. */
export type IamMethod = 'generateAccessToken' | 'generateIdToken' | 'signBlob' | 'signJwt'

/** What IAM answered. */
export interface IamAnswer {
  /** A member of the answer, which must be a text. */
  text(name: string): string
  /** The time of the answer by the server's clock, or by ours where it does not say: milliseconds since 1970. */
  readonly at: number
}

/**
 * Asks IAM for something of a service account, three times at most: connections that fail, 408, 429 and 5xx are tried again
 * after about one and two seconds.
 * @throws {AuthError} with IAM's word as `reason`.
 */
export function askIam(
  account: IamAccount,
  method: IamMethod,
  body: Readonly<Record<string, unknown>>,
  context: CredentialsContext,
): Promise<IamAnswer> {
  return retryPassing(MAX_ATTEMPTS, context.call, () => askOnce(account, method, body, context))
}

const MAX_ATTEMPTS = 3
const MAX_ANSWER_BYTES = 1_048_576

async function askOnce(
  { source, serviceAccount, delegates = [], universeDomain = DEFAULT_UNIVERSE, iamEndpoint }: IamAccount,
  method: IamMethod,
  body: Readonly<Record<string, unknown>>,
  { transport, clock, call, tokenStore }: CredentialsContext,
): Promise<IamAnswer> {
  const base = iamEndpoint?.replace(/\/+$/, '') ?? `https://iamcredentials.${universeDomain}`
  const request: HttpRequest = {
    method: 'POST',
    url: `${base}/v1/${resource(serviceAccount)}:${method}`,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ ...body, ...(delegates.length > 0 && { delegates: delegates.map(resource) }) }),
  }
  const what = `${method} of ${serviceAccount}`
  const guard = originGuard({ universeDomain, origins: iamEndpoint === undefined ? [] : [iamEndpoint] })
  const own = new CallContext({ id: what, credentials: source, signal: call.signal, clock })
  try {
    const {
      status,
      headers,
      body: answer,
    } = await compose([authorize(transport, guard, tokenStore)], transport)(request, own)
    const text = await answer.text(MAX_ANSWER_BYTES)
    if (status !== 200) throw refusal(what, status, text, own.sent)
    const at = Date.parse(headers['date'] ?? '')
    return readAnswer(what, text, Number.isNaN(at) ? clock.now() : at)
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    throw new AuthError(`IAM could not be asked for ${what}: ${error.message}`, {
      reason: error.reason,
      retryable: isPassing(error),
      cause: error,
    })
  } finally {
    own.finish()
  }
}

function resource(serviceAccount: string): string {
  return `projects/-/serviceAccounts/${serviceAccount}`
}

function readAnswer(what: string, text: string, at: number): IamAnswer {
  let answer: Record<string, unknown> | null | undefined
  try {
    answer = JSON.parse(text) as typeof answer
  } catch {
    throw unreadable(what, 'it is not JSON')
  }
  return {
    at,
    text(name) {
      const value = answer?.[name]
      if (typeof value !== 'string' || value === '') throw unreadable(what, `it has no ${name}`)
      return value
    },
  }
}

/** The error of an answer that is none. */
export function unreadable(what: string, why: string): AuthError {
  return new AuthError(`IAM answered 200 to ${what}, but ${why}`, {
    reason: 'unreadable_answer',
    status: 200,
  })
}

function refusal(what: string, status: number, text: string, sent: HttpRequest | undefined): AuthError {
  const { message, status: word } = parseErrorBody(text)
  const secrets = [
    sent?.headers['authorization']?.replace(/^\S+ /, '') ?? '',
    typeof sent?.body === 'string' ? sent.body : '',
  ]
  const { reason, said } = serverWords(status, word, message, secrets)
  const advice =
    status === 403 || status === 404
      ? '. Does whoever asks have the role roles/iam.serviceAccountTokenCreator on the account, and is the API ' +
        'iamcredentials.googleapis.com enabled?'
      : ''
  return new AuthError(`IAM refused ${what}: ${status} ${reason}${said}${advice}`, {
    reason,
    status,
    retryable: status === 408 || status === 429 || status >= 500,
  })
}
