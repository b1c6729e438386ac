import { type Problem, ValidationError } from './errors.ts'
import type { CallOptions } from './options.ts'
import { checkOptionNames } from './request/option-names.ts'
import type { PreparedRequest } from './request/prepared-request.ts'
import { DEFAULT_RETRY, type RetryPolicy } from './transport/retry-decision.ts'
import type { WebAbortSignal } from './web-types.ts'

/** @throws {ValidationError} for options of another kind than they must have. */
export function checkKinds(id: string, options: CallOptions & { readonly onProgress?: unknown }): void {
  const { signal, transform, onProgress, maxAnswerBytes } = options
  if ((signal ?? transform ?? onProgress ?? maxAnswerBytes) === undefined) return
  const problems: Problem[] = []
  const isFunction = (value: unknown): boolean => value === undefined || typeof value === 'function'
  if (
    signal !== undefined &&
    !isFunction((signal as Partial<WebAbortSignal> | null)?.addEventListener ?? null)
  ) {
    problems.push({ path: 'signal', message: 'must be an AbortSignal' })
  }
  if (!isFunction(transform)) problems.push({ path: 'transform', message: 'must be a function' })
  if (!isFunction(onProgress)) problems.push({ path: 'onProgress', message: 'must be a function' })
  if (maxAnswerBytes !== undefined && !isPositive(maxAnswerBytes)) {
    problems.push({ path: 'maxAnswerBytes', message: 'must be a positive number of bytes' })
  }
  if (problems.length > 0) throw new ValidationError(id, problems)
}

const METHOD = /^[A-Za-z]+$/
const ADDRESS = /^https?:\/\/[!"$-[\]-~]+$/

/** Whoever sends a request that was not prepared has usually made a call by mistake. */
export function checkPrepared(request: PreparedRequest | undefined): void {
  if (METHOD.test(request?.method ?? '') && ADDRESS.test(request?.url ?? '')) return
  throw new ValidationError(request?.id ?? 'send', [
    { path: 'request', message: 'is not a prepared request; make one with .prepare(…) of a method' },
  ])
}

const RETRY_OPTIONS = ['maxAttempts', 'baseDelayMs', 'maxDelayMs', 'idempotent', 'shouldRetry']

/**
 * A retry option as a whole policy.
 * @throws {ValidationError} for a member that there is not.
 */
export function retryPolicy(
  option: Partial<RetryPolicy> | false | undefined,
  base: RetryPolicy = DEFAULT_RETRY,
): RetryPolicy {
  if (option === false) return { ...base, maxAttempts: 1 }
  if (option !== undefined) checkOptionNames('options', option, RETRY_OPTIONS, 'retry')
  const given = Object.entries(option ?? {}).filter(([, value]) => value !== undefined)
  return { ...base, ...Object.fromEntries(given) }
}

/** @throws {ValidationError} for a time limit that is none. */
export function checkTimeout(id: string, timeoutMs: number | undefined, path: string = 'timeoutMs'): void {
  if (timeoutMs === undefined || isPositive(timeoutMs)) return
  throw new ValidationError(id, [{ path, message: 'must be a positive number of milliseconds' }])
}

/** Values may come from programs without a type checker: `'5' > 0` is true. */
export function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0
}
