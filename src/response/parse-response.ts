import { ParseError } from '../errors.ts'
import { tooLarge } from '../protocol/http-body.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import { redactUrl, summarize } from '../transport/redact.ts'

/** The most that is read into memory of an answer that is not media, in bytes, unless told otherwise. */
export const MAX_ANSWER_BYTES = 67_108_864

/**
 * The content of a successful answer: JSON parsed, an empty answer as undefined, text as a string and anything else
 * as bytes, by its content type.
 * @throws {ParseError} when an answer that should be JSON is not.
 * @throws {TransportError} `ANSWER_TOO_LARGE` when it is longer than `maxBytes`.
 */
export async function parseResponse(
  response: HttpResponse,
  request: HttpRequest,
  id?: string,
  maxBytes: number = MAX_ANSWER_BYTES,
): Promise<unknown> {
  if (Number(response.headers['content-length']) > maxBytes) {
    response.body.cancel()
    throw tooLarge(maxBytes)
  }
  const contentType = (response.headers['content-type'] ?? '').toLowerCase()
  if (JSON_TYPE.test(contentType)) {
    const text = await response.body.text(maxBytes)
    if (text === '') return undefined
    try {
      return JSON.parse(text)
    } catch {
      throw unreadable(response, request, id, 'is not valid JSON')
    }
  }
  if (response.status === 204 || response.headers['content-length'] === '0') {
    response.body.cancel()
    return undefined
  }
  if (contentType.startsWith('text/html')) {
    response.body.cancel()
    throw unreadable(response, request, id, 'is a web page, not an answer of the API')
  }
  if (contentType.startsWith('text/')) return response.body.text(maxBytes)
  const bytes = await response.body.bytes(maxBytes)
  return bytes.length === 0 ? undefined : bytes
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/

function unreadable(
  response: HttpResponse,
  request: HttpRequest,
  id: string | undefined,
  what: string,
): ParseError {
  const contentType = response.headers['content-type'] ?? ''
  const name = id ?? `${request.method} ${redactUrl(request.url)}`
  return new ParseError(`${name}: the answer (${response.status}, ${contentType}) ${what}`, {
    status: response.status,
    contentType,
    request: summarize(request, id),
  })
}
