import { type Problem, ValidationError } from './errors.ts'
import { uploadRequest, type UploadProgress } from './media/upload.ts'
import type { CallOptions } from './options.ts'
import { responseBody } from './protocol/http-body.ts'
import { isHeaderName, isHeaderValue } from './protocol/header-value.ts'
import type { HttpHeaders, HttpRequest, HttpResponse } from './protocol/http.ts'
import type { PreparedRequest } from './request/prepared-request.ts'
import { toApiError } from './response/api-error.ts'
import type { WebResponse } from './response/web-types.ts'
import { CallContext } from './transport/call-context.ts'
import type { Clock } from './transport/clock.ts'
import type { Credentials } from './transport/credentials.ts'
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
  readonly timeoutMs: number
}

/** One request on its way: from prepared data to the answer. */
export interface Exchange {
  /** Sends. Rejects with a typed error unless the answer is a success. */
  send(): Promise<HttpResponse>
  /** The answer was read, or is not wanted: the deadline no longer runs. */
  finish(): void
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
    timeoutMs: options.timeoutMs ?? (media ? undefined : defaults.timeoutMs),
    retry: options.retry === undefined ? defaults.retry : retryPolicy(options.retry, defaults.retry),
    clock: defaults.clock,
  })
  const exchange = {
    request: prepared as HttpRequest,
    async send(): Promise<HttpResponse> {
      context.throwIfEnded()
      const request =
        prepared.media === undefined ? prepared : await uploadRequest(prepared, options.onProgress)
      const headers = { ...request.headers, ...defaults.headers, ...callHeaders(prepared.id, options) }
      const { method, url, body } = request
      exchange.request = body === undefined ? { method, url, headers } : { method, url, headers, body }
      const response = await defaults.handler(exchange.request, context)
      if (response.status >= 200 && response.status < 300) return response
      throw await toApiError(response, exchange.request, {
        id: prepared.id,
        scopes: prepared.scopes,
        now: defaults.clock.now(),
      })
    },
    finish: () => context.finish(),
  }
  return exchange
}

/** A retry option as a whole policy. */
export function retryPolicy(
  option: Partial<RetryPolicy> | false | undefined,
  base: RetryPolicy = DEFAULT_RETRY,
): RetryPolicy {
  return option === false ? { ...base, maxAttempts: 1 } : { ...base, ...option }
}

/** An answer as the web's `Response`; the exchange is finished when its body is read or cancelled. */
export function toWebResponse(response: HttpResponse, exchange: Pick<Exchange, 'finish'>): WebResponse {
  const { status, headers, body } = response
  const empty = status === 204 || status === 205 || status === 304
  if (empty) {
    body.cancel()
    exchange.finish()
  }
  const watched = responseBody(
    (async function* () {
      try {
        yield* body
      } finally {
        exchange.finish()
      }
    })(),
  )
  return new Response(empty ? null : toReadableStream(watched), { status, headers })
}

const NOT_THE_CALLERS =
  /^(authorization|proxy-.*|host|connection|content-length|transfer-encoding|te|trailer|upgrade)$/

function callHeaders(id: string, { headers, quotaProject }: CallOptions): HttpHeaders | undefined {
  if (headers === undefined && quotaProject === undefined) return undefined
  const checked: Record<string, string> = {}
  const problems: Problem[] = []
  for (const [name, value] of Object.entries(headers ?? {})) {
    const refuse = (message: string): void => void problems.push({ path: `headers.${name}`, message })
    if (!isHeaderName(name) || !isHeaderValue(value)) refuse('is not a header without line ends')
    else if (NOT_THE_CALLERS.test(name.toLowerCase())) refuse('is set by the client itself')
    else checked[name.toLowerCase()] = value
  }
  if (problems.length > 0) throw new ValidationError(id, problems)
  return quotaProject === undefined ? checked : { 'x-goog-user-project': quotaProject, ...checked }
}
