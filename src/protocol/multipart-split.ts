import { startOf } from './multipart-decode.ts'
import { concatBytes } from './http-body.ts'

/** The parts of a multipart body that came whole. */
export interface SplitBody {
  /** Headers and body of each, as they came. */
  readonly parts: readonly Uint8Array[]
  /** Whether the closing boundary was there. */
  readonly complete: boolean
}

/**
 * Splits a multipart body that is in memory (RFC 2046 section 5.1); `decodeMultipart` reads one that arrives. The
 * first boundary line decides how lines end. A boundary counts only when nothing else stands in its line. A part that
 * is cut off by the end of the bytes is left out.
 * @throws {SyntaxError} when the body has no boundary line, or more than `maxParts` parts.
 */
export function splitMultipart(bytes: Uint8Array, boundary: string, maxParts: number): SplitBody {
  const dashes = encoder.encode(`--${boundary}`)
  // What stands before the first boundary line is for readers that know nothing of multipart.
  let at = startOf(bytes.subarray(0, dashes.length), dashes) === 0 ? 0 : startOf(bytes, lineOf(dashes)) + 1
  const first = readDelimiter(bytes, at + dashes.length)
  if (at >= bytes.length || first === undefined)
    throw new SyntaxError('the multipart body has no boundary line')
  const delimiter = bytes[first.next - 2] === CR ? concatBytes([CRLF, dashes]) : lineOf(dashes)
  const parts: Uint8Array[] = []
  let { closing, next: start } = first
  at = start
  while (!closing) {
    // A part may be empty but for its headers, and a body without headers begins at its blank line.
    at += startOf(bytes.subarray(at), delimiter)
    const line = at < bytes.length ? readDelimiter(bytes, at + delimiter.length) : undefined
    if (at >= bytes.length) return { parts, complete: false }
    if (line === undefined) {
      at++
      continue
    }
    if (parts.length >= maxParts) throw new SyntaxError(`there are more than ${maxParts} parts`)
    parts.push(bytes.subarray(start, at))
    closing = line.closing
    at = start = line.next
  }
  return { parts, complete: true }
}

const LF = 10
const CR = 13
const DASH = 45
const CRLF = Uint8Array.of(CR, LF)
const encoder = /* @__PURE__ */ new TextEncoder()

function lineOf(dashes: Uint8Array): Uint8Array {
  return concatBytes([Uint8Array.of(LF), dashes])
}

/** What follows a boundary: two dashes, or the end of its line. Anything else was no boundary. */
function readDelimiter(
  bytes: Uint8Array,
  from: number,
): { readonly closing: boolean; readonly next: number } | undefined {
  if (bytes[from] === DASH && bytes[from + 1] === DASH) return { closing: true, next: from + 2 }
  let at = from
  while (bytes[at] === 32 || bytes[at] === 9) at++
  if (bytes[at] === CR) at++
  return bytes[at] === LF ? { closing: false, next: at + 1 } : undefined
}
