import type { HttpHeaders } from './http.ts'
import { concatBytes } from './http-body.ts'

/** A part whose bytes have not been read yet. Read `body` to its end before asking for the next part. */
export interface DecodedPart {
  readonly headers: HttpHeaders
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Reads a multipart body (RFC 2046 section 5.1) while it arrives. Lines may end in CRLF or, as some of Google's own
 * tools write them, in a bare LF; the first boundary line decides. A part that is not read is skipped.
 * @throws {SyntaxError} when the body does not begin with the boundary, ends early or has a malformed header.
 */
export async function* decodeMultipart(
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<DecodedPart, void, undefined> {
  const input = new Input(chunks)
  const dashBoundary = encoder.encode(`--${boundary}`)
  const first = await input.readLine()
  if (first === undefined || !first.text.startsWith(`--${boundary}`)) {
    throw new SyntaxError(`the multipart body does not begin with its boundary`)
  }
  const delimiter = concatBytes([encoder.encode(first.end), dashBoundary])
  let rest = first.text.slice(dashBoundary.length)
  while (!rest.startsWith('--')) {
    const headers = await readHeaders(input)
    const body = readBody(input, delimiter)
    yield { headers, body }
    for await (const _ of body) void _ // skip what the reader left
    const line = await input.readLine()
    if (line === undefined) throw new SyntaxError('the multipart body ends early')
    rest = line.text
  }
}

async function readHeaders(input: Input): Promise<HttpHeaders> {
  const headers: Record<string, string> = {}
  for (;;) {
    const line = await input.readLine()
    if (line === undefined) throw new SyntaxError('the multipart body ends within the headers of a part')
    if (line.text === '') return headers
    const colon = line.text.indexOf(':')
    if (colon < 1) throw new SyntaxError('a part of the multipart body has a malformed header')
    headers[line.text.slice(0, colon).trim().toLowerCase()] = line.text.slice(colon + 1).trim()
  }
}

/** The bytes up to the delimiter, which is consumed. */
async function* readBody(input: Input, delimiter: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const at = indexOf(input.buffer, delimiter)
    if (at >= 0) {
      const found = input.take(at)
      input.take(delimiter.length)
      if (found.length > 0) yield found
      return
    }
    // The end of the buffer may hold the beginning of the delimiter.
    const safe = input.buffer.length - delimiter.length + 1
    if (safe > 0) yield input.take(safe)
    if (!(await input.more())) throw new SyntaxError('the multipart body ends within a part')
  }
}

/** A line of the framing: its text, and which line end it had. */
interface Line {
  readonly text: string
  readonly end: '\r\n' | '\n'
}

/** Bytes that arrived and were not consumed. */
class Input {
  buffer: Uint8Array = new Uint8Array(0)
  readonly #chunks: AsyncIterator<Uint8Array>

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async more(): Promise<boolean> {
    const next = await this.#chunks.next()
    if (next.done) return false
    this.buffer = this.buffer.length === 0 ? next.value : concatBytes([this.buffer, next.value])
    return true
  }

  take(length: number): Uint8Array {
    const taken = this.buffer.subarray(0, length)
    this.buffer = this.buffer.subarray(length)
    return taken
  }

  /** The next line without its end; the closing boundary may have none. */
  async readLine(): Promise<Line | undefined> {
    let at: number
    while ((at = this.buffer.indexOf(LF)) < 0 && this.buffer.length < MAX_LINE_BYTES && (await this.more()));
    if (at < 0 && this.buffer.length >= MAX_LINE_BYTES)
      throw new SyntaxError('a line of the multipart body is too long')
    if (at < 0 && this.buffer.length === 0) return undefined
    const line = decoder.decode(this.take(at < 0 ? this.buffer.length : at + 1)).replace(/\n$/, '')
    return line.endsWith('\r') ? { text: line.slice(0, -1), end: '\r\n' } : { text: line, end: '\n' }
  }
}

const LF = 10
const MAX_LINE_BYTES = 16_384
const encoder = new TextEncoder()
const decoder = new TextDecoder()

function indexOf(haystack: Uint8Array, needle: Uint8Array): number {
  const first = needle[0]!
  const last = haystack.length - needle.length
  search: for (
    let at = haystack.indexOf(first);
    at >= 0 && at <= last;
    at = haystack.indexOf(first, at + 1)
  ) {
    for (let i = 1; i < needle.length; i++) if (haystack[at + i] !== needle[i]) continue search
    return at
  }
  return -1
}
