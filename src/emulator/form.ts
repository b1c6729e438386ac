import type { HttpHeaders } from '../protocol/http.ts'
import { ApiFailure } from './api-failure.ts'
import { GrantFailure } from './grant-failure.ts'
import type { RequestBody } from './request-body.ts'

/** A request to an OAuth endpoint. */
export interface FormRequest {
  readonly method: string
  readonly headers: HttpHeaders
  readonly body: RequestBody
}

/**
 * The fields of a form.
 * @throws {GrantFailure} for another method than POST, another type, and more than 64 KiB.
 */
export async function readForm({ method, headers, body }: FormRequest): Promise<URLSearchParams> {
  if (method !== 'POST') throw new GrantFailure('invalid_request', 'The endpoint answers POST only.', 405)
  if (mediaType(headers) !== 'application/x-www-form-urlencoded') {
    throw new GrantFailure('invalid_request', 'The body must be application/x-www-form-urlencoded.')
  }
  return new URLSearchParams(await readText(body))
}

/** The body of an OAuth request as text. */
export async function readText(body: RequestBody): Promise<string> {
  try {
    return await body.text(MAX_FORM_BYTES)
  } catch (error) {
    if (!(error instanceof ApiFailure && error.status === 413)) throw error
    throw new GrantFailure('invalid_request', error.message, 413)
  }
}

const MAX_FORM_BYTES = 64 * 1024

/** `application/json` of a header with or without parameters. */
export function mediaType(headers: HttpHeaders): string | undefined {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
}

/**
 * A field that must be there.
 * @throws {GrantFailure}
 */
export function formField(fields: URLSearchParams, name: string): string {
  const [value] = fields.getAll(name)
  if (!value) throw new GrantFailure('invalid_request', `Required parameter is missing: ${name}`)
  return value
}
