/**
 * Every failure this package throws, in one family.
 *
 * Each class has a stable `code`. Messages say what was attempted, on what, what came back and what to do next.
 * No error carries a token, a key, an assertion or a signed address: requests and responses attached to errors
 * are redacted copies, made before the error is.
 */

/** The stable, machine-readable name of a failure. */
export type ErrorCode =
  | 'api_error'
  | 'unauthenticated'
  | 'permission_denied'
  | 'api_not_enabled'
  | 'not_found'
  | 'conflict'
  | 'precondition_failed'
  | 'quota_exceeded'
  | 'auth_failed'
  | 'transport_failed'
  | 'timeout'
  | 'invalid_input'
  | 'unreadable_answer'
  | 'data_loss'
  | 'session_lost'
  | 'maybe_applied'

/** What an error remembers of a request: nothing secret, no body. */
export interface RequestSummary {
  /** The method id, such as `storage.objects.get`, when the request came from an API. */
  readonly id?: string
  readonly method: string
  /** The address with user information removed and query values hidden unless known to be harmless. */
  readonly url: string
}

/** What an error remembers of a response. */
export interface ResponseSummary {
  readonly status: number
  /** Only headers known to be harmless. */
  readonly headers: Readonly<Record<string, string>>
  /** The start of the body, at most 8 KiB, without any credential of the request. */
  readonly body?: string
}

/** The base class: `error instanceof DiscokitError` is true for everything below. */
export class DiscokitError extends Error {
  override name = 'DiscokitError'
  readonly code: ErrorCode
  /** Whether it was not tried again because the client's budget for that is used up. */
  declare retryBudgetExhausted?: boolean

  constructor(message: string, code: ErrorCode, options?: { cause?: unknown }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
  }

  /** A plain form for logs. Holds the fields of the class, never a stack or a cause. */
  toJSON(): Record<string, unknown> {
    const { cause: _, ...fields } = this as Error & Record<string, unknown>
    return { ...fields, name: this.name, message: this.message }
  }
}

/** The fields of a {@link GoogleApiError}. */
export interface ApiErrorFields {
  /** The HTTP status. */
  readonly status: number
  /** Google's word for the failure: `notFound`, `rateLimitExceeded`, `SERVICE_DISABLED`, … */
  readonly reason?: string
  /** Who defined the reason: `global`, `usageLimits`, `googleapis.com`, … */
  readonly domain?: string
  /** The canonical status of newer APIs: `NOT_FOUND`, `PERMISSION_DENIED`, … */
  readonly canonicalStatus?: string
  /** Google's own message, without what we add around it. */
  readonly serverMessage?: string
  /** The `details` of a `google.rpc.Status`, or the `errors` of the older form. */
  readonly details?: readonly unknown[]
  /** The identifier to quote to Google's support, when the answer had one. */
  readonly requestId?: string
  /** Whether the same request may succeed when sent again later. */
  readonly retryable: boolean
  /** What to do next, in a sentence, when we know. */
  readonly hint?: string
  /** How long the server asked to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number
  readonly request: RequestSummary
  readonly response: ResponseSummary
}

/** An answer with a status outside 200–299. */
export class GoogleApiError extends DiscokitError implements ApiErrorFields {
  override name = 'GoogleApiError'
  declare readonly status: number
  declare readonly reason?: string
  declare readonly domain?: string
  declare readonly canonicalStatus?: string
  declare readonly serverMessage?: string
  declare readonly details?: readonly unknown[]
  declare readonly requestId?: string
  declare readonly retryable: boolean
  declare readonly hint?: string
  declare readonly retryAfterMs?: number
  declare readonly request: RequestSummary
  declare readonly response: ResponseSummary

  constructor(message: string, fields: ApiErrorFields, code: ErrorCode = 'api_error') {
    super(message, code)
    Object.assign(this, fields)
  }
}

/** 401: the credential was missing, expired or refused, and renewing it once did not help. */
export class UnauthenticatedError extends GoogleApiError {
  override name = 'UnauthenticatedError'
  constructor(message: string, fields: ApiErrorFields) {
    super(message, fields, 'unauthenticated')
  }
}

/** 403: the caller may not do this. */
export class PermissionDeniedError extends GoogleApiError {
  override name = 'PermissionDeniedError'
  /** The scopes of which any one would have sufficed, the narrowest first, when the token's scopes were the cause. */
  readonly missingScopes: readonly string[]
  constructor(message: string, fields: ApiErrorFields, missingScopes: readonly string[] = []) {
    super(message, fields, 'permission_denied')
    this.missingScopes = missingScopes
  }
}

/** 403 because the API is switched off in the project. */
export class ApiNotEnabledError extends GoogleApiError {
  override name = 'ApiNotEnabledError'
  /** The console page that switches it on. */
  declare readonly enableUrl?: string
  constructor(message: string, fields: ApiErrorFields, enableUrl?: string) {
    super(message, fields, 'api_not_enabled')
    if (enableUrl !== undefined) this.enableUrl = enableUrl
  }
}

/** 404: no such thing, or not visible to this caller. */
export class NotFoundError extends GoogleApiError {
  override name = 'NotFoundError'
  constructor(message: string, fields: ApiErrorFields) {
    super(message, fields, 'not_found')
  }
}

/** 409: it exists already, or somebody else changed it at the same time. */
export class ConflictError extends GoogleApiError {
  override name = 'ConflictError'
  constructor(message: string, fields: ApiErrorFields) {
    super(message, fields, 'conflict')
  }
}

/** 412: a precondition such as `ifGenerationMatch` did not hold. */
export class PreconditionFailedError extends GoogleApiError {
  override name = 'PreconditionFailedError'
  constructor(message: string, fields: ApiErrorFields) {
    super(message, fields, 'precondition_failed')
  }
}

/** 429, or 403 with a quota reason. */
export class QuotaExceededError extends GoogleApiError {
  override name = 'QuotaExceededError'
  /** When to try again, where the server said so. */
  declare readonly retryAt?: Date
  constructor(message: string, fields: ApiErrorFields, retryAt?: Date) {
    super(message, fields, 'quota_exceeded')
    if (retryAt !== undefined) this.retryAt = retryAt
  }
}

/**
 * No credential could be had: a key file that cannot be used, or a token endpoint that refused. Or an ID token was not
 * accepted.
 */
export class AuthError extends DiscokitError {
  override name = 'AuthError'
  /** The endpoint's word (`invalid_grant`, …) or ours (`no_default_credentials`, `invalid_key_file`, …). */
  readonly reason: string
  declare readonly status?: number
  /** Whether trying again later may help. */
  readonly retryable: boolean

  constructor(
    message: string,
    fields: { reason: string; status?: number; retryable?: boolean; cause?: unknown },
  ) {
    super(message, 'auth_failed', fields)
    this.reason = fields.reason
    this.retryable = fields.retryable ?? false
    if (fields.status !== undefined) this.status = fields.status
  }
}

/** The connection could not be made, or broke. */
export class TransportError extends DiscokitError {
  override name = 'TransportError'
  /** The system's word: `ECONNRESET`, `ENOTFOUND`, … or ours: `ANSWER_CUT_SHORT`, `ANSWER_TOO_LARGE`, … */
  readonly reason: string
  /**
   * How far the exchange got: `unsent` (the server saw nothing), `sent` (it may have acted), `answered` (the
   * status had arrived and the body broke).
   */
  readonly progress: 'unsent' | 'sent' | 'answered'
  declare readonly request?: RequestSummary

  constructor(
    message: string,
    fields: {
      reason: string
      progress: 'unsent' | 'sent' | 'answered'
      request?: RequestSummary
      cause?: unknown
    },
  ) {
    super(message, 'transport_failed', fields)
    this.reason = fields.reason
    this.progress = fields.progress
    if (fields.request !== undefined) this.request = fields.request
  }
}

/** A time limit passed. */
export class TimeoutError extends DiscokitError {
  override name = 'TimeoutError'
  /** The limit, in milliseconds. */
  readonly timeoutMs: number
  /** What was under way: `connect`, `answer`, `token`, `retry`, … */
  readonly phase: string

  constructor(message: string, fields: { timeoutMs: number; phase: string }) {
    super(message, 'timeout')
    this.timeoutMs = fields.timeoutMs
    this.phase = fields.phase
  }
}

/** One thing wrong with the input. */
export interface Problem {
  /** Where: `bucket`, `body.name`, `media.contentType`, … */
  readonly path: string
  /** What is wrong with it. */
  readonly message: string
  /** The nearest valid name, for a misspelt one. */
  readonly suggestion?: string
}

/**
 * The input was refused before anything was sent, or a place for a download turned out to be none: its disk is full, a folder
 * took it. Holds every problem found, not only the first.
 */
export class ValidationError extends DiscokitError {
  override name = 'ValidationError'
  readonly problems: readonly Problem[]

  constructor(what: string, problems: readonly Problem[]) {
    super(`${what}: ${problems.map(describeProblem).join('; ')}`, 'invalid_input')
    this.problems = problems
  }
}

/** A successful answer that does not have the form it must have. */
export class ParseError extends DiscokitError {
  override name = 'ParseError'
  readonly status: number
  readonly contentType: string
  declare readonly request?: RequestSummary

  constructor(message: string, fields: { status: number; contentType: string; request?: RequestSummary }) {
    super(message, 'unreadable_answer')
    this.status = fields.status
    this.contentType = fields.contentType
    if (fields.request !== undefined) this.request = fields.request
  }
}

/** Bytes went missing or arrived changed: a checksum or a length does not match. */
export class DataLossError extends DiscokitError {
  override name = 'DataLossError'
  declare readonly expected?: string
  declare readonly actual?: string

  constructor(message: string, fields: { expected?: string; actual?: string } = {}) {
    super(message, 'data_loss')
    if (fields.expected !== undefined) this.expected = fields.expected
    if (fields.actual !== undefined) this.actual = fields.actual
  }
}

/**
 * The server no longer knows the session of a resumable upload, and the content cannot be read a second time. Nothing
 * was stored; upload it again from its beginning.
 */
export class SessionLostError extends DiscokitError {
  override name = 'SessionLostError'
  /** What the server answered: 404 or 410. */
  readonly status: number
  /** Bytes that it had. */
  readonly acknowledged: number

  constructor(message: string, fields: { status: number; acknowledged: number }) {
    super(message, 'session_lost')
    this.status = fields.status
    this.acknowledged = fields.acknowledged
  }
}

/**
 * A request that must not be sent twice was interrupted after the server may have read it. Look at the server's
 * state before trying again.
 */
export class MaybeAppliedError extends DiscokitError {
  override name = 'MaybeAppliedError'
  declare readonly request?: RequestSummary

  constructor(message: string, fields: { request?: RequestSummary; cause?: unknown } = {}) {
    super(message, 'maybe_applied', fields)
    if (fields.request !== undefined) this.request = fields.request
  }
}

function describeProblem(problem: Problem): string {
  const suggestion = problem.suggestion === undefined ? '' : ` (did you mean '${problem.suggestion}'?)`
  return `${problem.path}: ${problem.message}${suggestion}`
}
