import { ParseError, TransportError } from '../errors.ts'
import { retryPolicy } from '../check-call.ts'
import type { ExchangeDefaults } from '../exchange.ts'
import { parseErrorBody } from '../protocol/error-body.ts'
import { responseBody, tooLarge } from '../protocol/http-body.ts'
import { callHeaders } from '../request/call-headers.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { toApiError } from '../response/api-error.ts'
import { parseText } from '../response/parse-response.ts'
import { CallContext } from '../transport/call-context.ts'
import type { Credentials } from '../transport/credentials.ts'
import { costOf, LONGEST_WAIT_MS, maybeApplied } from '../transport/retry.ts'
import {
  type Failure,
  isIdempotent,
  isRetryable,
  type RetryPolicy,
  retryDelayMs,
} from '../transport/retry-decision.ts'
import { atMost } from './at-most.ts'
import { type BatchOptions, type Part, toParts } from './part.ts'
import { type Outcome, sendBatch } from './send-batch.ts'

/**
 * Sends prepared requests in batches and gives what became of each, in order. Parts that failed and may be sent again
 * go in new batches, after a wait, by the rules for requests that are sent alone.
 * @throws {ValidationError} before anything is sent.
 */
export async function runBatch(
  requests: readonly PreparedRequest[],
  options: BatchOptions,
  defaults: ExchangeDefaults,
  credentials: Credentials,
): Promise<PromiseSettledResult<unknown>[]> {
  const parts = toParts(requests, options)
  const { signal, timeoutMs, maxSize = 100, retry, quotaProject } = options
  const headers = callHeaders('batch', quotaProject === undefined ? {} : { quotaProject })
  const policy = retryPolicy(retry, defaults.retry)
  const { clock } = defaults
  const call = new CallContext({ id: 'batch', signal, timeout: timeoutMs ?? defaults.timeout, clock })
  const maxAnswerBytes = options.maxAnswerBytes ?? defaults.maxAnswerBytes
  const route = { defaults, credentials, headers, maxAnswerBytes, call }
  const inTurn = atMost(CONCURRENT_BATCHES)
  /** Those for which the client's budget for further tries did not suffice. */
  const exhausted = new Set<Part>()
  const outcomes: Outcome[] = []

  async function attempt(group: readonly Part[], number: number): Promise<void> {
    const chance = Math.random() // one for all, so that those that wait for the same reason go together again
    const waiting = new Map<number, Part[]>()
    const send = async (batch: readonly Part[]): Promise<void> => {
      for (const [i, outcome] of (await sendBatch(batch, route)).entries()) {
        const part = batch[i]!
        outcomes[part.index] = outcome
        if ('answer' in outcome && outcome.answer.status < 400) defaults.budget.refill(part.batchUrl)
        const failure = number < policy.maxAttempts ? retryable(part, outcome, policy) : undefined
        if (failure === undefined) continue
        const delay = retryDelayMs(failure, number, policy, () => chance, clock.now())
        if (delay >= Math.min(call.remainingMs(), LONGEST_WAIT_MS)) continue
        if (!defaults.budget.take(part.batchUrl, costOf(failure))) {
          exhausted.add(part)
          continue
        }
        const others = waiting.get(delay)
        if (others) others.push(part)
        else waiting.set(delay, [part])
      }
    }
    await Promise.all(split(group, maxSize).map((batch) => inTurn(() => send(batch))))
    await Promise.all([...waiting].map(([delay, again]) => later(delay, again, number + 1)))
  }

  async function later(delay: number, group: readonly Part[], number: number): Promise<void> {
    try {
      await call.sleep(delay, 'retry')
    } catch (error) {
      for (const part of group) outcomes[part.index] = { error }
      return
    }
    await attempt(group, number)
  }

  try {
    await attempt(parts, 1)
    const results: PromiseSettledResult<unknown>[] = []
    const now = clock.now()
    for (const part of parts) {
      const result = resultOf(part, outcomes[part.index]!, now, {
        transform: options.transform,
        idempotent: policy.idempotent,
        exhausted: exhausted.has(part),
        maxAnswerBytes: maxAnswerBytes ?? Infinity,
        advice: defaults.scopes,
      })
      results.push(result instanceof Promise ? await result : result)
    }
    return results
  } finally {
    call.finish()
  }
}

/** Enough to hide the time on the way; quotas count the requests in the batches, up to a hundred in each. */
const CONCURRENT_BATCHES = 4

/** Parts by batch address, and no more than `maxSize` together. */
function split(parts: readonly Part[], maxSize: number): Part[][] {
  const open = new Map<string, Part[]>()
  const batches: Part[][] = []
  for (const part of parts) {
    let batch = open.get(part.batchUrl)
    if (batch === undefined || batch.length >= maxSize) {
      batches.push((batch = []))
      open.set(part.batchUrl, batch)
    }
    batch.push(part)
  }
  return batches
}

/** The failure of a part that may be sent again. */
function retryable({ request }: Part, outcome: Outcome, policy: RetryPolicy): Failure | undefined {
  if ('error' in outcome) {
    const { error } = outcome
    const again =
      error instanceof ParseError
        ? outcome.lost && (policy.idempotent ?? isIdempotent(request))
        : isRetryable(request, { error }, policy)
    return again ? { error } : undefined
  }
  const { status, headers, body } = outcome.answer
  if (status < 400) return undefined
  const failure = { status, headers: headers.toHeaders(), body: parseErrorBody(body) }
  return isRetryable(request, failure, policy) ? failure : undefined
}

interface ResultOptions {
  readonly transform: BatchOptions['transform'] | undefined
  readonly idempotent: boolean | undefined
  readonly exhausted: boolean
  readonly maxAnswerBytes: number
  readonly advice: ExchangeDefaults['scopes']
}

/** The content of a part's answer, or the error that it would have been alone. */
function resultOf(
  part: Part,
  outcome: Outcome,
  now: number,
  { transform, idempotent, exhausted, maxAnswerBytes, advice }: ResultOptions,
): PromiseSettledResult<unknown> | Promise<PromiseSettledResult<unknown>> {
  const { request, prepared } = part
  try {
    if ('error' in outcome) throw withoutAnswer(part, outcome.error, idempotent)
    const { answer, sent } = outcome
    const { status, headers, body } = answer
    if (body.length > maxAnswerBytes) throw tooLarge(maxAnswerBytes)
    if (status >= 200 && status < 300) {
      const contentType = headers.get('content-type') ?? ''
      const content = parseText(body, { status, contentType }, request, prepared.id)
      if (transform) return settled(transform, content)
      return { status: 'fulfilled', value: content }
    }
    const response = { status, headers: headers.toHeaders(), body: responseBody(body) }
    const seen = { ...request, headers: { ...sent, ...request.headers } }
    const { id, scopes } = prepared
    const facts = { id, scopes, advice, now, retryBudgetExhausted: exhausted }
    return toApiError(response, seen, facts).then(rejected)
  } catch (error) {
    return rejected(error)
  }
}

function withoutAnswer(
  { request, prepared }: Part,
  error: unknown,
  idempotent: boolean | undefined,
): unknown {
  const unclear =
    error instanceof ParseError || (error instanceof TransportError && error.progress !== 'unsent')
  if (!unclear || (idempotent ?? isIdempotent(request))) return error
  return maybeApplied(request, prepared.id, error)
}

async function settled(
  transform: (content: unknown) => unknown,
  content: unknown,
): Promise<PromiseSettledResult<unknown>> {
  try {
    return { status: 'fulfilled', value: await transform(content) }
  } catch (reason) {
    return rejected(reason)
  }
}

function rejected(reason: unknown): PromiseRejectedResult {
  return { status: 'rejected', reason }
}
