import {
  type ApiErrorFields,
  ApiNotEnabledError,
  ConflictError,
  GoogleApiError,
  NotFoundError,
  PermissionDeniedError,
  PreconditionFailedError,
  QuotaExceededError,
  UnauthenticatedError,
} from '../errors.ts'
import { type ErrorBody, parseErrorBody } from '../protocol/error-body.ts'
import type { HttpHeaders, HttpRequest, HttpResponse } from '../protocol/http.ts'
import { publicHeaders, redactUrl, scrub, summarize } from '../transport/redact.ts'
import { parseRetryAfter } from '../transport/retry-decision.ts'

/** What the caller knew of a request that failed. */
export interface RequestFacts {
  readonly id?: string | undefined
  /** Scopes of which any one would have sufficed. */
  readonly scopes?: readonly string[] | undefined
  /** What knows which of them is narrower; loaded when they are the cause. */
  readonly advice: () => Promise<ScopeAdvice>
  /** Whether content was asked for. */
  readonly download?: boolean | undefined
  /** The time, for `retryAt`. */
  readonly now: number
  /** Whether the client's budget for further tries is used up. */
  readonly retryBudgetExhausted?: boolean
}

/** What is told of scopes that were missing. */
interface ScopeAdvice {
  lackOfScope(request: Pick<RequestFacts, 'scopes' | 'download'>): {
    readonly missingScopes: readonly string[]
    readonly hint: string
  }
}

/** The error for an answer outside 200–299: the class by status and Google's `reason`. Reads the body. */
export async function toApiError(
  response: HttpResponse,
  request: HttpRequest,
  facts: RequestFacts,
): Promise<GoogleApiError> {
  // Scrubbed before it is looked into: a server may repeat a credential anywhere, even as the reason.
  const text = scrubbedText(await response.body.text(MAX_ERROR_BYTES).catch(() => ''), request)
  const said = parseErrorBody(text)
  const body =
    said.message === undefined ? { ...said, ...sentence(text, response.headers['content-type']) } : said
  const { status, headers } = response
  const lack = lacksScope(body, headers) ? (await facts.advice()).lackOfScope(facts) : undefined
  const hint = hintFor(status, body) ?? lack?.hint
  const retryAfterMs = parseRetryAfter(headers['retry-after'], facts.now)
  // The id of a resumable upload stands in a header of its answers too.
  const shown = mapValues(publicHeaders(headers), (value) => scrub(value, request))
  const requestId = shown['x-guploader-uploadid'] ?? shown['x-goog-request-id']
  const fields: ApiErrorFields = {
    status,
    ...(body.reason !== undefined && { reason: body.reason }),
    ...(body.domain !== undefined && { domain: body.domain }),
    ...(body.status !== undefined && { canonicalStatus: body.status }),
    ...(body.message !== undefined && { serverMessage: body.message }),
    ...(body.details !== undefined && { details: body.details }),
    ...(requestId !== undefined && { requestId }),
    retryable: isPassing(status, body),
    ...(hint !== undefined && { hint }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    request: summarize(request, facts.id),
    response: {
      status,
      headers: shown,
      body: text.slice(0, MAX_KEPT_CHARACTERS),
    },
  }
  const error = classify(messageFor(request, facts, fields), fields, body, lack?.missingScopes, facts.now)
  if (facts.retryBudgetExhausted) error.retryBudgetExhausted = true
  return error
}

/** A text without secrets, also those that its JSON writes with escapes. */
function scrubbedText(text: string, request: HttpRequest): string {
  if (!text.includes('\\')) return scrub(text, request)
  try {
    return scrub(JSON.stringify(JSON.parse(text)), request)
  } catch {
    return scrub(text, request)
  }
}

/** Media is refused with a sentence and nothing around it. */
function sentence(text: string, contentType = ''): { message?: string } {
  const message = text.trim()
  return contentType.startsWith('text/') && /^[^<>{}[\]\r\n]{1,300}$/.test(message) ? { message } : {}
}

const MAX_ERROR_BYTES = 65_536
const MAX_KEPT_CHARACTERS = 8_192
const QUOTA_REASONS =
  /^(rateLimitExceeded|userRateLimitExceeded|quotaExceeded|dailyLimitExceeded|RATE_LIMIT_EXCEEDED)$/
const THROTTLE_REASONS = /^(rateLimitExceeded|userRateLimitExceeded|RATE_LIMIT_EXCEEDED)$/
const NOT_ENABLED_REASONS = /^(accessNotConfigured|SERVICE_DISABLED)$/
const SCOPE_REASONS = /^(insufficientPermissions|ACCESS_TOKEN_SCOPE_INSUFFICIENT)$/

function classify(
  message: string,
  fields: ApiErrorFields,
  body: ErrorBody,
  missingScopes: readonly string[] | undefined,
  now: number,
): GoogleApiError {
  const { status, reason = '' } = fields
  if (status === 401) return new UnauthenticatedError(message, fields)
  if (status === 429 || (status === 403 && QUOTA_REASONS.test(reason))) {
    const retryAt = fields.retryAfterMs === undefined ? undefined : new Date(now + fields.retryAfterMs)
    return new QuotaExceededError(message, fields, retryAt)
  }
  if (status === 403 && NOT_ENABLED_REASONS.test(reason)) {
    return new ApiNotEnabledError(message, fields, enableUrl(body))
  }
  if (status === 403) {
    return new PermissionDeniedError(message, fields, missingScopes)
  }
  if (status === 404) return new NotFoundError(message, fields)
  if (status === 409) return new ConflictError(message, fields)
  if (status === 412) return new PreconditionFailedError(message, fields)
  return new GoogleApiError(message, fields)
}

/** Whether the cause may pass by itself. */
function isPassing(status: number, { reason = '' }: ErrorBody): boolean {
  if (status === 403) return THROTTLE_REASONS.test(reason)
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505)
}

/**
 * Whether the token's scopes were the cause of a 403. Cloud Storage names no reason for that: it says so in words, and
 * in the header (RFC 6750 section 3.1).
 */
function lacksScope({ reason = '', message = '' }: ErrorBody, headers: HttpHeaders): boolean {
  const challenge = headers['www-authenticate'] ?? ''
  return (
    SCOPE_REASONS.test(reason) ||
    challenge.includes('error="insufficient_scope"') ||
    message.includes('scope(s) are not authorized')
  )
}

function messageFor(request: HttpRequest, { id }: RequestFacts, fields: ApiErrorFields): string {
  const what = `${id ? `${id}: ` : ''}${request.method} ${redactUrl(request.url)}`
  const reason = fields.reason === undefined ? '' : ` (${fields.reason})`
  const said = fields.serverMessage === undefined ? '' : `: ${fields.serverMessage}`
  return `${what} answered ${fields.status}${reason}${said}${fields.hint === undefined ? '' : ` — ${fields.hint}`}`
}

function hintFor(status: number, { reason = '' }: ErrorBody): string | undefined {
  if (status >= 300 && status < 400 && status !== 304)
    return 'the redirect does not lead to an answer; use the address that the API documents'
  if (status === 401) return 'the credential is missing, expired or refused; check auth'
  if (NOT_ENABLED_REASONS.test(reason)) return 'enable the API in the project; see enableUrl'
  return undefined
}

/** The console page that enables the API. The address in the answer is used only when it is the console's. */
function enableUrl({ message = '', metadata = {} }: ErrorBody): string | undefined {
  const given = metadata['activationUrl'] ?? /https:\/\/console\.\S+/.exec(message)?.[0]
  return given && /^https:\/\/console\.(developers|cloud)\.google\.com\//.test(given) ? given : undefined
}

function mapValues(
  members: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]))
}
