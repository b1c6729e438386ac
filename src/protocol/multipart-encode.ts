import type { HttpHeaders, HttpRequestBody, StreamBody } from './http.ts'
import { bodyLength, isReplayable } from './body-facts.ts'
import { requestBodyChunks } from './http-body.ts'

/** One part: its headers, written as given, and its bytes. */
export interface MultipartPart {
  readonly headers: HttpHeaders
  readonly body: HttpRequestBody
}

/**
 * A multipart body (RFC 2046 section 5.1) that is written while it is sent: no part is ever held whole. Its length
 * is known when every part's is. The boundary must not occur in any part, and header values must be checked by the
 * caller.
 */
export function encodeMultipart(parts: readonly MultipartPart[], boundary: string): StreamBody {
  const heads = parts.map((part, i) => encoder.encode(head(part.headers, boundary, i === 0)))
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`)
  const sizes = [
    ...heads.map((bytes) => bytes.length),
    ...parts.map((part) => bodyLength(part.body)),
    tail.length,
  ]
  return {
    length: sizes.reduce<number | undefined>(
      (sum, size) => (sum === undefined || size === undefined ? undefined : sum + size),
      0,
    ),
    replayable: parts.every((part) => isReplayable(part.body)),
    async *open(options) {
      for (const [i, part] of parts.entries()) {
        yield heads[i]!
        yield* requestBodyChunks(part.body, options)
      }
      yield tail
    },
  }
}

const encoder = /* @__PURE__ */ new TextEncoder()

function head(headers: HttpHeaders, boundary: string, first: boolean): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${first ? '' : '\r\n'}--${boundary}\r\n${lines.join('')}\r\n`
}
