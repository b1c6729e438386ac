import { ParseError } from '../errors.ts'
import { tooLarge } from '../protocol/http-body.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import { redactUrl, summarize } from '../transport/redact.ts'

/** The most that is read into memory of an answer that is not media, in bytes, unless told otherwise. */
const MAX_ANSWER_BYTES = 67_108_864

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
  const { status, headers, body } = response
  if (Number(headers['content-length']) > maxBytes) {
    body.cancel()
    throw tooLarge(maxBytes)
  }
  const answer = { status, contentType: headers['content-type'] ?? '' }
  const type = answer.contentType.toLowerCase()
  if (JSON_TYPE.test(type)) return parseText(await body.text(maxBytes), answer, request, id)
  const empty = status === 204 || headers['content-length'] === '0'
  if (empty || type.startsWith('text/html')) {
    body.cancel()
    return empty ? undefined : parseText('', answer, request, id)
  }
  if (type.startsWith('text/')) return body.text(maxBytes)
  const bytes = await body.bytes(maxBytes)
  return bytes.length === 0 ? undefined : bytes
}

/**
 * The same for an answer whose body is a text at hand.
 * @throws {ParseError} as above.
 */
export function parseText(text: string, answer: AnswerFacts, request: HttpRequest, id?: string): unknown {
  if (JSON_TYPE.test(answer.contentType)) {
    if (text === '') return undefined
    try {
      return JSON.parse(text)
    } catch {
      throw unreadable(answer, request, id, 'is not valid JSON')
    }
  }
  if (answer.status === 204) return undefined
  const type = answer.contentType.toLowerCase()
  if (type.startsWith('text/html')) {
    throw unreadable(answer, request, id, 'is a web page, not an answer of the API')
  }
  if (text === '') return undefined
  return type.startsWith('text/') ? text : new TextEncoder().encode(text)
}

interface AnswerFacts {
  readonly status: number
  readonly contentType: string
}

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\b/i

function unreadable(
  { status, contentType }: AnswerFacts,
  request: HttpRequest,
  id: string | undefined,
  what: string,
): ParseError {
  const name = id ?? `${request.method} ${redactUrl(request.url)}`
  return new ParseError(`${name}: the answer (${status}, ${contentType}) ${what}`, {
    status,
    contentType,
    request: summarize(request, id),
  })
}
