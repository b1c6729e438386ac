import { ParseError } from '../errors.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import { redactUrl, summarize } from '../transport/redact.ts'

/** The most that is read into memory of an answer that is not media, in bytes. */
const MAX_ANSWER_BYTES = 67_108_864

/**
 * The content of a successful answer: JSON parsed, an empty answer as undefined, text as a string and anything else
 * as bytes, by its content type.
 * @throws {ParseError} when an answer that should be JSON is not.
 */
export async function parseResponse(
  response: HttpResponse,
  request: HttpRequest,
  id?: string,
): Promise<unknown> {
  const contentType = (response.headers['content-type'] ?? '').toLowerCase()
  if (JSON_TYPE.test(contentType)) {
    return parseText(await response.body.text(MAX_ANSWER_BYTES), response, request, id)
  }
  if (response.status === 204 || response.headers['content-length'] === '0') {
    response.body.cancel()
    return undefined
  }
  if (contentType.startsWith('text/html')) {
    response.body.cancel()
    return parseText('', response, request, id)
  }
  if (contentType.startsWith('text/')) return response.body.text(MAX_ANSWER_BYTES)
  const bytes = await response.body.bytes(MAX_ANSWER_BYTES)
  return bytes.length === 0 ? undefined : bytes
}

/**
 * The same for an answer whose body is a text at hand.
 * @throws {ParseError} as above.
 */
export function parseText(text: string, answer: AnswerHead, request: HttpRequest, id?: string): unknown {
  const contentType = (answer.headers['content-type'] ?? '').toLowerCase()
  if (JSON_TYPE.test(contentType)) {
    if (text === '') return undefined
    try {
      return JSON.parse(text)
    } catch {
      throw unreadable(answer, request, id, 'is not valid JSON')
    }
  }
  if (answer.status === 204 || answer.headers['content-length'] === '0') return undefined
  if (contentType.startsWith('text/html')) {
    throw unreadable(answer, request, id, 'is a web page, not an answer of the API')
  }
  if (contentType.startsWith('text/')) return text
  return text === '' ? undefined : new TextEncoder().encode(text)
}

type AnswerHead = Pick<HttpResponse, 'status' | 'headers'>

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/

function unreadable(
  response: AnswerHead,
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
