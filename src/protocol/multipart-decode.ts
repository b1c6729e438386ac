import type { HttpHeaders } from './http.ts'
import { concatBytes } from './http-body.ts'

/** A part whose bytes have not been read yet. Read `body` to its end before asking for the next part. */
export interface DecodedPart {
  readonly headers: HttpHeaders
  readonly body: AsyncIterable<Uint8Array>
}

/**
 * Reads a multipart body (RFC 2046 section 5.1) while it arrives. Lines may end in CRLF or, as some of Google's own
 * tools write them, in a bare LF; the first boundary line decides. What is not read of a part is skipped, and so is
 * all that follows the last part: the chunks are read to their end.
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
    const part = { open: true }
    yield { headers, body: readBody(input, delimiter, part) }
    for await (const _ of readBody(input, delimiter, part)) void _ // skip what the reader left
    const line = await input.readLine()
    if (line === undefined) throw new SyntaxError('the multipart body ends early')
    rest = line.text
  }
  do input.take(input.buffer.length)
  while (await input.more())
}

async function readHeaders(input: Input): Promise<HttpHeaders> {
  const headers = new Map<string, string>()
  for (;;) {
    const line = await input.readLine()
    if (line === undefined) throw new SyntaxError('the multipart body ends within the headers of a part')
    if (line.text === '') return Object.fromEntries(headers)
    const colon = line.text.indexOf(':')
    if (colon < 1) throw new SyntaxError('a part of the multipart body has a malformed header')
    const name = line.text.slice(0, colon).trim().toLowerCase()
    const value = line.text.slice(colon + 1).trim()
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value)
  }
}

/** The bytes up to the delimiter, which is consumed; that closes the part, also for another reader of it. */
async function* readBody(
  input: Input,
  delimiter: Uint8Array,
  part: { open: boolean },
): AsyncGenerator<Uint8Array, void, undefined> {
  while (part.open) {
    // The end of the buffer may hold the beginning of the delimiter. Only that much waits for more.
    const at = startOf(input.buffer, delimiter)
    const whole = at + delimiter.length <= input.buffer.length
    const found = input.take(at)
    if (whole) {
      part.open = false
      input.take(delimiter.length)
    }
    if (found.length > 0) yield found
    if (part.open && !(await input.more())) throw new SyntaxError('the multipart body ends within a part')
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
    while ((at = this.buffer.indexOf(LF)) < 0 && this.buffer.length <= MAX_LINE_BYTES && (await this.more()));
    if ((at < 0 ? this.buffer.length : at) > MAX_LINE_BYTES)
      throw new SyntaxError('a line of the multipart body is too long')
    if (at < 0 && this.buffer.length === 0) return undefined
    const line = decoder.decode(this.take(at < 0 ? this.buffer.length : at + 1)).replace(/\n$/, '')
    return line.endsWith('\r') ? { text: line.slice(0, -1), end: '\r\n' } : { text: line, end: '\n' }
  }
}

const LF = 10
/** Without the line feed, so that the limit does not depend on how the bytes are cut. */
const MAX_LINE_BYTES = 16_384
const encoder = /* @__PURE__ */ new TextEncoder()
const decoder = /* @__PURE__ */ new TextDecoder()

/** Where the needle begins, be it cut off by the end of the haystack; the haystack's length when nowhere. */
function startOf(haystack: Uint8Array, needle: Uint8Array): number {
  const first = needle[0]!
  search: for (let at = haystack.indexOf(first); at >= 0; at = haystack.indexOf(first, at + 1)) {
    const end = Math.min(needle.length, haystack.length - at)
    for (let i = 1; i < end; i++) if (haystack[at + i] !== needle[i]) continue search
    return at
  }
  return haystack.length
}
