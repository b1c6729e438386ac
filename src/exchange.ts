import { type Problem, ValidationError } from './errors.ts'
import { uploadRequest, type UploadProgress } from './media/upload.ts'
import type { CallOptions } from './options.ts'
import { isHeaderName, isHeaderValue } from './protocol/header-value.ts'
import type { HttpHeaders, HttpRequest, HttpResponse, HttpResponseBody } from './protocol/http.ts'
import type { PreparedRequest } from './request/prepared-request.ts'
import { toApiError } from './response/api-error.ts'
import type { WebResponse } from './web-types.ts'
import { CallContext } from './transport/call-context.ts'
import type { Clock } from './transport/clock.ts'
import type { Credentials } from './transport/credentials.ts'
import type { DeadlineQueue } from './transport/deadline-queue.ts'
import type { Handler } from './transport/interceptor.ts'
import { DEFAULT_RETRY, type RetryPolicy } from './transport/retry-decision.ts'
import { toReadableStream } from './transport/web-stream.ts'

/** What every exchange of a client has in common. */
export interface ExchangeDefaults {
  readonly handler: Handler
  readonly clock: Clock
  /** Headers of every request. */
  readonly headers: HttpHeaders
  readonly retry: RetryPolicy
  readonly timeout: DeadlineQueue
}

/** One request on its way: from prepared data to the answer. */
export interface Exchange {
  /** Sends. Rejects with a typed error unless the answer is a success. */
  send(): Promise<HttpResponse>
  /** The answer was read, or is not wanted: the deadline no longer runs. */
  finish(): void
  /** Gives up, wherever the request is. */
  cancel(): void
  /** The request as sent, once `send` was called. */
  readonly request: HttpRequest
}

/** What may differ from one exchange to another. */
export interface ExchangeOptions extends CallOptions {
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
  /** Whether the answer is media, which takes as long as it takes. */
  readonly download?: boolean
}

/** Prepares to send a request. Nothing is sent, opened or looked at before `send`. */
export function createExchange(
  defaults: ExchangeDefaults,
  credentials: Credentials | undefined,
  prepared: PreparedRequest,
  options: ExchangeOptions,
): Exchange {
  const media = prepared.media !== undefined || options.download
  const context = new CallContext({
    id: prepared.id,
    ...(prepared.scopes && { scopes: prepared.scopes }),
    ...(credentials && { credentials }),
    signal: options.signal,
    timeout: options.timeoutMs ?? (media ? undefined : defaults.timeout),
    retry: options.retry === undefined ? defaults.retry : retryPolicy(options.retry, defaults.retry),
    clock: defaults.clock,
  })
  const exchange = {
    request: prepared as HttpRequest,
    async send(): Promise<HttpResponse> {
      checkTimeout(prepared.id, options.timeoutMs)
      context.throwIfEnded()
      const request =
        prepared.media === undefined ? prepared : await uploadRequest(prepared, options.onProgress)
      const headers = { ...request.headers, ...defaults.headers, ...callHeaders(prepared.id, options) }
      const { method, url, body } = request
      exchange.request = body === undefined ? { method, url, headers } : { method, url, headers, body }
      const response = await defaults.handler(exchange.request, context)
      if (response.status >= 200 && response.status < 300) return response
      const error = await toApiError(response, context.sent ?? exchange.request, {
        id: prepared.id,
        scopes: prepared.scopes,
        now: defaults.clock.now(),
      })
      context.throwIfEnded() // what came of the body then says nothing
      throw error
    },
    finish: () => context.finish(),
    cancel: () => context.end(new DOMException(`${prepared.id} was given up`, 'AbortError')),
  }
  return exchange
}

/** A retry option as a whole policy. */
export function retryPolicy(
  option: Partial<RetryPolicy> | false | undefined,
  base: RetryPolicy = DEFAULT_RETRY,
): RetryPolicy {
  if (option === false) return { ...base, maxAttempts: 1 }
  const given = Object.entries(option ?? {}).filter(([, value]) => value !== undefined)
  return { ...base, ...Object.fromEntries(given) }
}

/** An answer as the web's `Response`; the exchange is finished when its body is read or cancelled. */
export function toWebResponse(response: HttpResponse, exchange: Pick<Exchange, 'finish'>): WebResponse {
  const { status, headers, body } = response
  const empty = status === 204 || status === 205 || status === 304
  if (empty) {
    body.cancel()
    exchange.finish()
  }
  return new Response(empty ? null : toReadableStream(watched(body, exchange.finish)), { status, headers })
}

/** The chunks of a body. `finish` is called at their end, and when the reader leaves, be it before the first. */
function watched(body: HttpResponseBody, finish: () => void): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const next = await chunks.next()
          if (next.done) finish()
          return next
        } catch (error) {
          finish()
          throw error
        }
      },
      async return() {
        finish()
        body.cancel() // an iterator that has not begun frees nothing by itself
        chunks.return?.().catch(() => {}) // not awaited: it waits for a chunk that may never come
        return { done: true, value: undefined }
      },
    }),
  }
}

function checkTimeout(id: string, timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || timeoutMs > 0) return
  throw new ValidationError(id, [{ path: 'timeoutMs', message: 'must be a positive number of milliseconds' }])
}

const NOT_THE_CALLERS =
  /^(authorization|proxy-.*|host|connection|content-length|transfer-encoding|te|trailer|upgrade)$/

function callHeaders(id: string, { headers, quotaProject }: CallOptions): HttpHeaders | undefined {
  if (headers === undefined && quotaProject === undefined) return undefined
  const checked: Record<string, string> = {}
  const problems: Problem[] = []
  if (!isHeaderValue(quotaProject ?? ''))
    problems.push({ path: 'quotaProject', message: 'must be a project id' })
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value === undefined) continue
    const refuse = (message: string): void => void problems.push({ path: `headers.${name}`, message })
    if (!isHeaderName(name) || !isHeaderValue(value)) refuse('is not a header without line ends')
    else if (NOT_THE_CALLERS.test(name.toLowerCase())) refuse('is set by the client itself')
    else checked[name.toLowerCase()] = value
  }
  if (problems.length > 0) throw new ValidationError(id, problems)
  return quotaProject === undefined ? checked : { 'x-goog-user-project': quotaProject, ...checked }
}
