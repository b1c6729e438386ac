import { DiscokitError, GoogleApiError, TimeoutError, TransportError } from '../errors.ts'
import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import type { CallOptions, DownloadOptions } from '../options.ts'
import { CallContext } from '../transport/call-context.ts'
import { compose, type Handler } from '../transport/interceptor.ts'
import { isRetryable, retryDelayMs, type RetryPolicy } from '../transport/retry-decision.ts'
import { costOf, LONGEST_WAIT_MS, retry } from '../transport/retry.ts'
import type { ContentVersion } from './content-facts.ts'
import type { DownloadExchange, DownloadSteps } from './download-steps.ts'

/** The requests that one download takes: one deadline, one signal, one retry policy for all of them. */
export interface DownloadRequests {
  readonly steps: DownloadSteps
  /** Asks for bytes. Tries again what may be, as long as `tries` leaves some. */
  ask(wanted: WantedBytes, tries: Tries): Promise<OpenAnswer | RefusedBytes>
  /** Waits before the next try after a body that broke, or throws its error when there is none left. */
  pause(error: unknown, tries: Tries): Promise<void>
  /** The next chunk. One that does not come in time is a broken connection. */
  next(answer: OpenAnswer): Promise<IteratorResult<Uint8Array>>
  /** Ends everything that is under way, for a reason. */
  stop(reason: unknown): void
  /** The download is over. */
  finish(): void
}

/** How often something was tried since bytes came last: that which gave them is the first. */
export interface Tries {
  count: number
}

/** What to ask for. */
export interface WantedBytes {
  /** The `Range` header. */
  readonly range?: string | undefined
  /** The version it must be of. */
  readonly version?: ContentVersion | undefined
  /** Whether no coding may be put on for the way. */
  readonly plain?: boolean
}

/** An answer whose body is being read. */
export interface OpenAnswer {
  readonly response: HttpResponse
  readonly chunks: AsyncIterator<Uint8Array>
  readonly exchange: DownloadExchange
}

/** The server has no such bytes: they are past the end, or of another version. */
export interface RefusedBytes {
  readonly refused: GoogleApiError
  readonly headers: HttpHeaders
}

/** @param reuse whether the reader is done with a chunk when it asks for the one after the next */
export function downloadRequests(steps: DownloadSteps, reuse: boolean): DownloadRequests {
  const policy = steps.checked()
  const { signal, timeoutMs, stallTimeoutMs: patience = DEFAULT_STALL_TIMEOUT_MS } = steps.options
  const stallTimeoutMs = Math.min(patience, LONGEST_WAIT_MS)
  const whole = new CallContext({ id: steps.id, signal, timeout: timeoutMs, clock: steps.clock })

  const { id, once, budget, clock, random, request: original } = steps
  return {
    steps,
    async ask(wanted, tries) {
      whole.throwIfEnded()
      whole.phase = 'answer'
      const handler = compose([retry(budget, random)], counted(tries, inTime(once, stallTimeoutMs)))
      const left: RetryPolicy = { ...policy, maxAttempts: Math.max(1, policy.maxAttempts - tries.count) }
      const options = { ...callOptions(steps.options, wanted), signal: whole.signal, retry: left }
      const exchange = steps.exchange(pinned(steps, wanted), options, handler)
      try {
        const response = await exchange.send()
        const { body } = response
        const chunks = reuse && body.open ? body.open({ reuse }) : body
        whole.phase = 'body'
        return { response, exchange, chunks: chunks[Symbol.asyncIterator]() }
      } catch (error) {
        exchange.finish()
        if (error instanceof GoogleApiError && OF_OTHER_BYTES.has(error.status))
          return { refused: error, headers: exchange.response?.headers ?? {} }
        throw inPlain(error, id, stallTimeoutMs)
      }
    },
    async pause(error, tries) {
      whole.throwIfEnded()
      const { url, headers, method } = original
      if (tries.count >= policy.maxAttempts || !isRetryable({ method, url, headers }, { error }, policy))
        throw inPlain(error, id, stallTimeoutMs)
      const delay = retryDelayMs({ error }, tries.count, policy, random, clock.now())
      if (delay >= Math.min(whole.remainingMs(), LONGEST_WAIT_MS)) throw inPlain(error, id, stallTimeoutMs)
      // After bytes came the server is at work; it is the tries that give nothing which may do harm.
      if (tries.count > 1 && !budget.take(url, costOf({ error }))) {
        if (error instanceof DiscokitError) error.retryBudgetExhausted = true
        throw inPlain(error, id, stallTimeoutMs)
      }
      await whole.sleep(delay, 'retry')
    },
    async next({ chunks, exchange }) {
      let stalled = false
      const timer = setTimeout(() => {
        stalled = true
        exchange.cancel()
      }, stallTimeoutMs)
      try {
        return await chunks.next()
      } catch (error) {
        whole.throwIfEnded()
        throw stalled ? stall(id, 'answered') : error
      } finally {
        clearTimeout(timer)
      }
    },
    stop: (reason) => whole.end(reason),
    finish: () => whole.finish(),
  }
}

const DEFAULT_STALL_TIMEOUT_MS = 60_000
/** Not found, gone, of another version, not that long. */
const OF_OTHER_BYTES = new Set([404, 410, 412, 416])

function counted(tries: Tries, next: Handler): Handler {
  return (request, call) => {
    tries.count++
    return next(request, call)
  }
}

/** Gives each try a life of its own, which ends when no answer comes in time. */
function inTime(next: Handler, stallTimeoutMs: number): Handler {
  return async (request, call) => {
    const attempt = new CallContext({ ...call.settings, signal: call.signal, timeout: undefined })
    const timer = setTimeout(() => attempt.end(stall(call.settings.id ?? '', 'sent')), stallTimeoutMs)
    try {
      return await next(request, attempt)
    } finally {
      clearTimeout(timer)
      call.sent = attempt.sent // what errors must not repeat
    }
  }
}

function stall(id: string, progress: 'sent' | 'answered'): TransportError {
  return new TransportError(`${id}: the connection gave nothing`, { reason: STALLED, progress })
}

const STALLED = 'STALLED'

/** A connection that stalled is, at last, a time limit that passed. */
function inPlain(error: unknown, id: string, timeoutMs: number): unknown {
  if (!(error instanceof TransportError) || error.reason !== STALLED) return error
  const phase = error.progress === 'answered' ? 'body' : 'headers'
  const what = `${id}: nothing came for ${timeoutMs} ms (it was at: ${phase})`
  const timeout = new TimeoutError(`${what}; set stallTimeoutMs to wait longer`, { timeoutMs, phase })
  if (error.retryBudgetExhausted) timeout.retryBudgetExhausted = true
  return timeout
}

/** The request for what is wanted. */
function pinned({ request, generations }: DownloadSteps, wanted: WantedBytes): PreparedRequest {
  const { range, version = {}, plain } = wanted
  const { generation, etag } = version
  const byGeneration = generations && generation !== undefined
  const headers = {
    ...request.headers,
    ...(range !== undefined && { range }),
    ...(!byGeneration && etag !== undefined && { 'if-match': etag, 'if-range': etag }),
    ...(plain && { 'accept-encoding': 'identity' }),
  }
  const separator = request.url.includes('?') ? '&' : '?'
  const url =
    byGeneration && !/[?&]generation=/.test(request.url)
      ? `${request.url}${separator}generation=${generation}`
      : request.url
  return { ...request, url, headers }
}

/** The caller's options for one request; what they say of the range holds for the first alone. */
function callOptions(options: DownloadOptions, { range }: WantedBytes): CallOptions {
  const { headers, ...rest } = Object.fromEntries(
    Object.entries(options).filter(([name]) => !OF_DOWNLOADS.has(name)),
  ) as CallOptions
  if (headers === undefined) return rest
  const kept = Object.entries(headers).filter(([name]) => range === undefined || !OF_RANGES.test(name))
  return { ...rest, headers: Object.fromEntries(kept) }
}

/** Whether the caller wants a range alone, by the option or by a header of their own. */
export function asksForRange({ range, headers = {} }: DownloadOptions): boolean {
  return range !== undefined || Object.keys(headers).some((name) => /^range$/i.test(name))
}

/** What is said of the download, and not of its requests. */
const OF_DOWNLOADS = new Set(['onProgress', 'range', 'decompress', 'stallTimeoutMs', 'timeoutMs'])
const OF_RANGES = /^(if-)?range$/i
