import type { HttpHeaders } from '../protocol/http.ts'

/** Something wrong with the body of a request. */
export interface Violation {
  /** Where: `config.mode`; left out for the body as a whole. */
  readonly field?: string
  readonly description: string
}

/** What an error answer says besides its status, reason and message. */
export interface ApiFailureDetails {
  /** The parameter or header at fault. */
  readonly location?: string
  readonly locationType?: 'parameter' | 'header'
  /** Whose word the reason is, in the older form; default `global`. */
  readonly domain?: string
  /** Headers of the answer, such as `www-authenticate` or `content-range`. */
  readonly headers?: HttpHeaders
  /** An ErrorInfo detail (AIP-193). */
  readonly info?: {
    readonly reason: string
    readonly domain: string
    readonly metadata: Record<string, string>
  }
  /** Everything wrong with the body; newer APIs list it. */
  readonly violations?: readonly Violation[]
}

/** A request that is answered with an error. Handlers throw it; the emulator writes it in Google's form. */
export class ApiFailure extends Error {
  override name = 'ApiFailure'
  readonly status: number
  readonly reason: string
  readonly details: ApiFailureDetails

  constructor(status: number, reason: string, message: string, details: ApiFailureDetails = {}) {
    super(message)
    this.status = status
    this.reason = reason
    this.details = details
  }
}

/** 400: a value that cannot be used. */
export function invalid(message: string): ApiFailure {
  return new ApiFailure(400, 'invalid', message)
}

/** 400: a value that is missing. */
export function required(parameter: string): ApiFailure {
  return new ApiFailure(400, 'required', `Required parameter: ${parameter}`, {
    location: parameter,
    locationType: 'parameter',
  })
}

/** 400: a parameter whose value cannot be used. */
export function invalidParameter(
  parameter: string,
  message = 'Invalid Value',
  reason = 'invalid',
): ApiFailure {
  return new ApiFailure(400, reason, message, { location: parameter, locationType: 'parameter' })
}

/** 404. */
export function notFound(what: string): ApiFailure {
  return new ApiFailure(404, 'notFound', what)
}

/** 501, for what Google's service does and this emulator does not: better than pretending. */
export function notModelled(what: string): ApiFailure {
  return new ApiFailure(501, 'notImplemented', `The emulator does not model ${what}.`)
}
