import { HeaderFields } from './header-fields.ts'
import type { HttpHeaders } from './http.ts'

/**
 * HTTP/1.1 messages that stand inside another message (`application/http`, RFC 9112 section 10.2), as in batches. They
 * are text, in memory, and read strictly: what could be read in two ways is a `SyntaxError`.
 */

/** A request inside another: a path instead of an address. */
export interface EmbeddedRequest {
  readonly method: string
  /** Path and query; some libraries write scheme and host before them. */
  readonly target: string
  readonly headers: HeaderFields
  readonly body: string
}

/** An answer inside another. */
export interface EmbeddedResponse {
  readonly status: number
  readonly headers: HeaderFields
  readonly body: string
}

/** Writes a request. Method, target and headers must have been checked; the length of the body is added. */
export function encodeEmbeddedRequest(
  method: string,
  target: string,
  headers: HttpHeaders,
  body?: string,
): string {
  return encode(`${method} ${target} HTTP/1.1`, headers, body)
}

/** Writes an answer. Its length takes the place of the one in the headers. */
export function encodeEmbeddedResponse(status: number, headers: HttpHeaders, body: string): string {
  const { 'content-length': _, ...rest } = headers
  return encode(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Status'}`, rest, body)
}

/** @throws {SyntaxError} */
export function decodeEmbeddedRequest(message: string): EmbeddedRequest {
  const { startLine, headers, end } = decodeHead(message, true)
  const match = REQUEST_LINE.exec(startLine)
  if (!match) throw new SyntaxError('the request line is malformed')
  return { method: match[1]!, target: match[2]!, headers, body: bodyOf(message, headers, end) }
}

/** @throws {SyntaxError} */
export function decodeEmbeddedResponse(message: string): EmbeddedResponse {
  const { startLine, headers, end } = decodeHead(message, true)
  if (!STATUS_LINE.test(startLine)) throw new SyntaxError('the status line is malformed')
  return { status: Number(startLine.slice(9, 12)), headers, body: bodyOf(message, headers, end) }
}

/** The headers of a part of a multipart body, and what follows them. */
export function decodePart(part: string): { readonly headers: HeaderFields; readonly body: string } {
  const { headers, end } = decodeHead(part, false)
  return { headers, body: part.slice(end) }
}

const REQUEST_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ((?:https?:\/\/[^/\s]+)?\/[\x21-\x7e]*) HTTP\/1\.[01]$/
/** A final status: an interim one cannot stand alone. */
// oxlint-disable-next-line no-control-regex -- control characters are what it excludes
const STATUS_LINE = /^HTTP\/1\.[01] [2-5]\d\d(?: [^\x00-\x08\x0a-\x1f\x7f]*)?$/
const encoder = /* @__PURE__ */ new TextEncoder()
const decoder = /* @__PURE__ */ new TextDecoder()
/** For people who read what goes over the wire. */
const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
}

function encode(startLine: string, headers: HttpHeaders, body: string | undefined): string {
  let text = `${startLine}\r\n`
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`
  if (body === undefined) return `${text}\r\n`
  return `${text}content-length: ${encoder.encode(body).length}\r\n\r\n${body}`
}

interface Head {
  readonly startLine: string
  readonly headers: HeaderFields
  /** Where the body begins. */
  readonly end: number
}

/** Lines end in CRLF or LF, as the first of them does. */
function decodeHead(message: string, hasStartLine: boolean): Head {
  const lineFeed = message.indexOf('\n')
  const lineEnd = message[lineFeed - 1] === '\r' ? '\r\n' : '\n'
  const first = hasStartLine ? lineFeed + 1 : 0
  const empty = message.startsWith(lineEnd, first)
  const last = empty ? first : message.indexOf(lineEnd + lineEnd, first) + lineEnd.length
  if (lineFeed < 0 || last < first || (!empty && last < lineEnd.length + first)) {
    throw new SyntaxError('the headers have no end')
  }
  return {
    startLine: message.slice(0, Math.max(0, first - lineEnd.length)),
    headers: new HeaderFields(message.slice(first, last)),
    end: last + lineEnd.length,
  }
}

/** What the length says, or everything. Only blank space may follow. */
function bodyOf(message: string, headers: HeaderFields, end: number): string {
  if (headers.get('transfer-encoding') !== undefined) throw new SyntaxError('the body has a transfer coding')
  const body = message.slice(end)
  const given = headers.get('content-length')
  if (given === undefined) return body
  if (!/^\d{1,15}$/.test(given)) throw new SyntaxError('the length of the body is not a number')
  const length = Number(given)
  if (body.length === length) return body // all of it is ASCII, or the sender counted characters
  const bytes = encoder.encode(body)
  if (bytes.length === length) return body
  if (bytes.length < length) throw new SyntaxError('the body is shorter than its length says')
  if (decoder.decode(bytes.subarray(length)).trim() !== '') {
    throw new SyntaxError('the body is longer than its length says')
  }
  return decoder.decode(bytes.subarray(0, length))
}
