import { formatErrorBody, formatStatusBody } from '../protocol/error-body.ts'
import { responseBody } from '../protocol/http-body.ts'
import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import type { ApiFailure } from './api-failure.ts'
import type { ErrorForm } from './error-form.ts'

/** An answer that holds JSON. */
export function jsonAnswer(value: unknown, status = 200, headers: HttpHeaders = {}): HttpResponse {
  return textAnswer(JSON.stringify(value), status, headers)
}

/** An answer without a body: 204, 304. */
export function emptyAnswer(status = 204, headers: HttpHeaders = {}): HttpResponse {
  const length: HttpHeaders = status === 204 || status === 304 ? {} : { 'content-length': '0' }
  return { status, headers: { ...length, ...headers }, body: responseBody('') }
}

/** The same answer to HEAD: its headers speak of a body that does not come. */
export function withoutBody(response: HttpResponse): HttpResponse {
  response.body.cancel()
  return { ...response, body: responseBody('') }
}

/** The answer a failure becomes where bytes were asked for: a sentence, as Google's download service says it. */
export function sentenceAnswer(failure: ApiFailure): HttpResponse {
  const { headers = {} } = failure.details
  if (failure.status === 304) return emptyAnswer(304, headers)
  const text = failure.message.replace(/[&<>]/g, (character) => `&${ENTITIES[character]};`)
  return textAnswer(text, failure.status, { 'content-type': 'text/html; charset=UTF-8', ...headers })
}

/** The answer a failure becomes. */
export function errorAnswer(failure: ApiFailure, form: ErrorForm = 'older'): HttpResponse {
  const { headers = {} } = failure.details
  if (failure.status === 304) return emptyAnswer(304, headers)
  const text = form === 'status' ? statusText(failure) : olderText(failure)
  return textAnswer(text, failure.status, headers)
}

/** An answer that holds text; of JSON where the headers name no other type. */
export function textAnswer(text: string, status: number, headers: HttpHeaders): HttpResponse {
  const bytes = new TextEncoder().encode(text)
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'content-length': String(bytes.length),
      'cache-control': 'no-cache, no-store, max-age=0, must-revalidate',
      ...headers,
    },
    body: responseBody(bytes),
  }
}

/** A message may hold names that callers chose. */
const ENTITIES: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt' }

function statusText({ status, reason, message, details }: ApiFailure): string {
  if (details.violations) {
    const badRequest = {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: details.violations,
    }
    return JSON.stringify({
      error: { code: status, message, status: canonicalStatus(status), details: [badRequest] },
    })
  }
  const info = details.info ?? { reason: toUpperSnake(reason), domain: 'googleapis.com' }
  const canonical = reason === 'failedPrecondition' ? 'FAILED_PRECONDITION' : canonicalStatus(status)
  return formatStatusBody(status, canonical, message, info)
}

function olderText({ status, reason, message, details }: ApiFailure): string {
  const { domain, location, locationType, info } = details
  if (!info) {
    return formatErrorBody(status, message, reason, {
      ...(domain !== undefined && { domain }),
      ...(location !== undefined && { location }),
      ...(locationType !== undefined && { locationType }),
    })
  }
  const detail = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', ...info }
  const errors = [{ message, domain: 'global', reason }]
  return JSON.stringify({
    error: { code: status, message, errors, status: canonicalStatus(status), details: [detail] },
  })
}

function canonicalStatus(status: number): string {
  return CANONICAL[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT')
}

/** `google/rpc/code.proto`: the name that stands for each HTTP status. */
const CANONICAL: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  412: 'FAILED_PRECONDITION',
  416: 'OUT_OF_RANGE',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

function toUpperSnake(reason: string): string {
  return reason.replace(/[A-Z]/g, '_$&').toUpperCase()
}
