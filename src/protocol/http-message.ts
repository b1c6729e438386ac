import type { HttpHeaders } from './http.ts'
import { isHeaderName } from './header-value.ts'

/**
 * HTTP/1.1 messages that stand inside another message (`application/http`, RFC 9112 section 10.2), as in batches. They are
 * read whole, from memory, and strictly: what could be read in two ways is a `SyntaxError`.
 */

/** A request inside another: path and query instead of an address. */
export interface EmbeddedRequest {
  readonly method: string
  readonly target: string
  readonly headers: HttpHeaders
  readonly body: Uint8Array
}

/** An answer inside another. */
export interface EmbeddedResponse {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: Uint8Array
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
  return encode(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Status'}`, rest, status === 204 ? undefined : body)
}

/** @throws {SyntaxError} */
export function decodeEmbeddedRequest(message: Uint8Array): EmbeddedRequest {
  const head = decodeHead(message, true)
  const match = REQUEST_LINE.exec(head.startLine)
  if (!match) throw new SyntaxError('the request line is malformed')
  return {
    method: match[1]!,
    target: match[2]!,
    headers: head.headers,
    body: bodyOf(message, head),
  }
}

/** @throws {SyntaxError} */
export function decodeEmbeddedResponse(message: Uint8Array): EmbeddedResponse {
  const head = decodeHead(message, true)
  const match = STATUS_LINE.exec(head.startLine)
  if (!match) throw new SyntaxError('the status line is malformed')
  return { status: Number(match[1]), headers: head.headers, body: bodyOf(message, head) }
}

/** The headers of a part of a multipart body, and what follows them. */
export function decodePart(part: Uint8Array): { readonly headers: HttpHeaders; readonly body: Uint8Array } {
  const { headers, end } = decodeHead(part, false)
  return { headers, body: part.subarray(end) }
}

/** A path, which some libraries write with scheme and host before it. */
const REQUEST_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ((?:https?:\/\/[^/\s]+)?\/[\x21-\x7e]*) HTTP\/1\.[01]$/
/** A final status: an interim one cannot stand alone. */
const STATUS_LINE = /^HTTP\/1\.[01] ([2-5]\d\d)(?: [^\p{Cc}]*)?$/u
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/
const MAX_HEAD_BYTES = 65_536
const MAX_HEADERS = 200
const LF = 10
const CR = 13
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
  readonly headers: HttpHeaders
  /** Where the body begins. */
  readonly end: number
}

function decodeHead(message: Uint8Array, hasStartLine: boolean): Head {
  const end = endOfHead(message)
  const lines = decoder.decode(message.subarray(0, end)).split('\n')
  if (lines.length > MAX_HEADERS) throw new SyntaxError('there are too many headers')
  const headers = new Map<string, string>()
  // The last two are the blank line and what follows it: nothing.
  for (let i = hasStartLine ? 1 : 0; i < lines.length - 2; i++) {
    const line = lines[i]!
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1).trim()
    if (colon < 1 || !isHeaderName(name) || CONTROL.test(value))
      throw new SyntaxError('a header is malformed')
    const lower = name.toLowerCase()
    const before = headers.get(lower)
    headers.set(lower, before === undefined ? value : `${before}, ${value}`)
  }
  const startLine = hasStartLine ? lines[0]!.replace(/\r$/, '') : ''
  return { startLine, headers: Object.fromEntries(headers), end }
}

/** The place after the blank line. Lines end in CRLF or LF. */
function endOfHead(message: Uint8Array): number {
  let lineStart = 0
  for (;;) {
    const at = message.indexOf(LF, lineStart)
    if (at < 0) throw new SyntaxError('the headers have no end')
    if (at > MAX_HEAD_BYTES) throw new SyntaxError('the headers are too long')
    if (at === lineStart || (at === lineStart + 1 && message[lineStart] === CR)) return at + 1
    lineStart = at + 1
  }
}

/** What the length says, or everything. Only blank space may follow. */
function bodyOf(message: Uint8Array, { headers, end }: Head): Uint8Array {
  if (headers['transfer-encoding'] !== undefined) throw new SyntaxError('the body has a transfer coding')
  const length = headers['content-length']
  if (length === undefined) return message.subarray(end)
  if (!/^\d{1,15}$/.test(length)) throw new SyntaxError('the length of the body is not a number')
  const body = message.subarray(end, end + Number(length))
  if (body.length < Number(length)) throw new SyntaxError('the body is shorter than its length says')
  for (let i = end + body.length; i < message.length; i++) {
    if (!BLANK.has(message[i]!)) throw new SyntaxError('the body is longer than its length says')
  }
  return body
}

const BLANK = /* @__PURE__ */ new Set([9, LF, CR, 32])
