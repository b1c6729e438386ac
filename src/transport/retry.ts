import { DiscokitError, MaybeAppliedError } from '../errors.ts'
import { responseBody } from '../protocol/http-body.ts'
import { parseErrorBody } from '../protocol/error-body.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import type { CallContext } from './call-context.ts'
import type { Handler, Interceptor } from './interceptor.ts'
import { redactUrl, summarize } from './redact.ts'
import type { RetryBudget } from './retry-budget.ts'
import {
  DEFAULT_RETRY,
  type Failure,
  isRetryable,
  mayHaveApplied,
  type RetryPolicy,
  retryDelayMs,
} from './retry-decision.ts'

/**
 * Sends again what may be sent again, after a wait; see `retry-decision.ts` for the rules. The last answer is given
 * as it came. A wait that the deadline would cut, or that no timer can hold, is not begun: the answer that asked for it is
 * given instead.
 */
export function retry(budget: RetryBudget, random: () => number = Math.random): Interceptor {
  return (next: Handler): Handler =>
    async function retried(request: HttpRequest, call: CallContext): Promise<HttpResponse> {
      const policy = call.settings.retry ?? DEFAULT_RETRY
      /** Why a try has no answer that the server may have carried out. */
      let lost: unknown
      for (let attempt = 1; ; attempt++) {
        let failure: Failure
        let answer: HttpResponse | undefined
        try {
          answer = await next(request, call)
          if (answer.status < 400) budget.refill(request.url)
          if (answer.status === 412 && lost !== undefined)
            throw ownDoing(request, answer, call.settings.id, lost)
          if (answer.status < 400 || !(policy.shouldRetry || MAY_BE_RETRIED.test(String(answer.status))))
            return answer
          // The status stands even when the body breaks off or is too long to keep.
          const text = await answer.body.text(MAX_ERROR_BYTES).catch(() => '')
          call.throwIfEnded()
          answer = { ...answer, body: responseBody(text) }
          failure = { status: answer.status, headers: answer.headers, body: parseErrorBody(text) }
        } catch (error) {
          failure = { error }
        }
        if (attempt < policy.maxAttempts && isRetryable(request, failure, policy)) {
          call.throwIfEnded()
          const delay = retryDelayMs(failure, attempt, policy, random, call.settings.clock.now())
          const inTime = delay < Math.min(call.remainingMs(), LONGEST_WAIT_MS)
          call.retryBudgetExhausted = inTime && !budget.take(request.url, costOf(failure))
          if (inTime && !call.retryBudgetExhausted) {
            if (hasEffect(request) && 'error' in failure && mayHaveApplied(request, failure.error, UNSURE))
              lost = failure.error
            await call.sleep(delay, 'retry')
            continue
          }
        }
        if ('error' in failure) throw explain(request, call, failure.error, policy)
        return answer!
      }
    }
}

const MAY_BE_RETRIED = /^(403|408|429|5\d\d)$/
const MAX_ERROR_BYTES = 65_536
/** What a further try takes of the budget: more when the server did not even answer. */
export function costOf(failure: Failure): number {
  return 'error' in failure ? 10 : 5
}

/** What a timer can hold, about 25 days. */
export const LONGEST_WAIT_MS: number = 2 ** 31 - 1

const UNSURE = { idempotent: false }

function hasEffect({ method }: HttpRequest): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

/** The error of a precondition that does not hold after a try without an answer: that try may be why. */
function ownDoing(
  request: HttpRequest,
  answer: HttpResponse,
  id: string | undefined,
  cause: unknown,
): MaybeAppliedError {
  answer.body.cancel()
  return new MaybeAppliedError(
    `${id ?? `${request.method} ${redactUrl(request.url)}`}: it was sent and no answer came; sent again, a precondition refused it (412). ` +
      `The first may have been carried out: compare what is there with what was sent`,
    { request: summarize(request, id), cause },
  )
}

function explain(request: HttpRequest, call: CallContext, error: unknown, policy: RetryPolicy): unknown {
  if (call.retryBudgetExhausted && error instanceof DiscokitError) error.retryBudgetExhausted = true
  if (!mayHaveApplied(request, error, policy)) return error
  return maybeApplied(request, call.settings.id, error)
}

/** The error of a request that may have had its effect and must not be sent again. */
export function maybeApplied(
  request: HttpRequest,
  id: string | undefined,
  cause: unknown,
): MaybeAppliedError {
  return new MaybeAppliedError(
    `${id ?? `${request.method} ${redactUrl(request.url)}`}: it was sent and no answer came, so it may have been carried out. ` +
      `It is not repeated by itself; look at the server's state. With a precondition it would be, such as ifGenerationMatch: 0 for a new object`,
    { request: summarize(request, id), cause },
  )
}
