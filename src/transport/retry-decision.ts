import { TransportError } from '../errors.ts'
import type { ErrorBody } from '../protocol/error-body.ts'
import type { HttpHeaders, HttpRequest } from '../protocol/http.ts'
import { isReplayable } from '../protocol/body-facts.ts'
import { redactUrl } from './redact.ts'
import { storageIdempotency } from './storage-idempotency.ts'

/** How hard to try. */
export interface RetryPolicy {
  /** Tries in all, the first one included. */
  readonly maxAttempts: number
  /** The wait before the second try, in milliseconds; it doubles from try to try. */
  readonly baseDelayMs: number
  /** The longest wait, in milliseconds. */
  readonly maxDelayMs: number
  /** Whether sending the request twice does no harm. Default: known for reading, replacing and deleting. */
  readonly idempotent?: boolean
  /** Decides in place of the rules below: undefined leaves it to them. Content that can be read once is never sent twice. */
  readonly shouldRetry?: (failure: Failure) => boolean | undefined
}

/** Five tries, waiting about 1, 2, 4 and 8 seconds between them. */
export const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 5, baseDelayMs: 1_000, maxDelayMs: 60_000 }

/** What became of one try. */
export type Failure =
  | { readonly error: unknown }
  | { readonly status: number; readonly headers: HttpHeaders; readonly body: ErrorBody }

/**
 * Whether the same request may be sent again after a failure. Requests that read, replace or delete may; a POST or
 * PATCH, and what replaces or deletes in Cloud Storage, only with a precondition, when the server refused it before acting,
 * or when it never saw it.
 */
export function isRetryable(
  request: HttpRequest,
  failure: Failure,
  policy: Partial<RetryPolicy> = {},
): boolean {
  if (!isReplayable(request.body)) return false
  const decided = policy.shouldRetry?.(failure)
  if (decided !== undefined) return decided
  const idempotent = policy.idempotent ?? isIdempotent(request)
  if ('error' in failure) return isRetryableError(failure.error, idempotent)
  const { status, headers, body } = failure
  if (status === 429 || (status === 403 && THROTTLED.has(body.reason ?? ''))) return true
  if (status === 503 && headers['retry-after'] !== undefined) return true
  return RETRYABLE_STATUSES.has(status) && idempotent
}

/**
 * How long to wait before the next try, in milliseconds: exponential with jitter, and never less than the server
 * asked for.
 */
export function retryDelayMs(
  failure: Failure,
  attempt: number,
  policy: RetryPolicy,
  random: () => number,
  now: number,
): number {
  const throttled = 'status' in failure && (failure.status === 429 || failure.status === 403)
  const base = policy.baseDelayMs * (throttled ? 2 : 1) * 2 ** (attempt - 1)
  const backoff = Math.min(policy.maxDelayMs, base) * (0.5 + random() / 2)
  const asked = 'headers' in failure ? askedDelayMs(failure, now) : undefined
  return asked === undefined
    ? backoff
    : Math.max(backoff, asked + random() * Math.min(1_000, policy.baseDelayMs))
}

/** What the server asks for: in a header, or in `google.rpc.RetryInfo`. */
function askedDelayMs(
  { headers, body }: Exclude<Failure, { error: unknown }>,
  now: number,
): number | undefined {
  const header = parseRetryAfter(headers['retry-after'], now)
  const info = body.details?.find((detail): detail is RetryInfo =>
    RETRY_INFO.test((detail as RetryInfo | null)?.['@type'] ?? ''),
  )
  const seconds = Number(/^(\d+(?:\.\d+)?)s$/.exec(String(info?.retryDelay))?.[1])
  return Number.isNaN(seconds) ? header : Math.max(header ?? 0, seconds * 1_000)
}

interface RetryInfo {
  readonly '@type': string
  readonly retryDelay?: string
}
const RETRY_INFO = /\/google\.rpc\.RetryInfo$/

/** Whether sending a request twice does no more than sending it once. */
export function isIdempotent(request: HttpRequest): boolean {
  return (
    PRECONDITION.test(request.url) ||
    'if-match' in request.headers ||
    request.headers['x-http-method-override'] === 'GET' ||
    (storageIdempotency(request) ?? !UNSAFE_METHODS.has(request.method))
  )
}

/** The wait that a `Retry-After` header asks for, in milliseconds: seconds, or a date (RFC 9110 section 10.2.3). */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header)) return Number(header) * 1_000
  // Date.parse makes a date of almost anything.
  const date = HTTP_DATE.test(header) ? Date.parse(header) : NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const HTTP_DATE = /^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/
const UNSAFE_METHODS = new Set(['POST', 'PATCH'])
const RETRYABLE_STATUSES = new Set([408, 500, 502, 503, 504])
const THROTTLED = new Set(['rateLimitExceeded', 'userRateLimitExceeded', 'RATE_LIMIT_EXCEEDED'])
/** A `requestId`, as Compute Engine has it, makes the server recognise the second try. */
const PRECONDITION = /[?&](if(Generation|Metageneration)Match|requestId)=/
/** Names that do not exist, certificates that are wrong, proxies that refuse and clients that are closed stay so. */
const LASTING =
  /^(CLOSED$|PROXY_REFUSED|ENOTFOUND|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|HOSTNAME)/

function isRetryableError(error: unknown, idempotent: boolean): boolean {
  return isPassing(error) && (error.progress === 'unsent' || idempotent)
}

/** Whether the cause of a failed exchange may be gone the next time. */
export function isPassing(error: unknown): error is TransportError {
  return error instanceof TransportError && !LASTING.test(error.reason) && error.reason !== 'ANSWER_TOO_LARGE'
}

/** An address without its query, to which a credential may have been added. */
function placeOf(url: string): string {
  return url.split('?', 1)[0]!
}

/** Whether a failed request may have had its effect: it was sent, must not be repeated, and no answer came. */
export function mayHaveApplied(
  request: HttpRequest,
  error: unknown,
  policy: Partial<RetryPolicy> = {},
): boolean {
  if (!(error instanceof TransportError)) return false
  // A content that is itself a download can break off: then the request was never whole.
  if (error.request !== undefined && placeOf(error.request.url) !== placeOf(redactUrl(request.url)))
    return false
  return error.progress !== 'unsent' && !(policy.idempotent ?? isIdempotent(request))
}
