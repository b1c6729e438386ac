import { TransportError } from '../errors.ts'
import type { HttpRequestBody, HttpResponseBody, OpenOptions } from './http.ts'

/**
 * A response body over any source of bytes.
 * @param release frees what the source holds, when it is cancelled before it was read: a generator that never began
 *   does not run its own `finally`
 */
export function responseBody(
  source: AsyncIterable<Uint8Array> | Uint8Array | string,
  release?: () => void,
): HttpResponseBody {
  const chunks = typeof source === 'string' || source instanceof Uint8Array ? once(source) : source
  const iterator = (): AsyncIterator<Uint8Array> => (active ??= chunks[Symbol.asyncIterator]())
  let active: AsyncIterator<Uint8Array> | undefined
  const body: HttpResponseBody = {
    [Symbol.asyncIterator]: iterator,
    bytes: (maxBytes) => collect(body, maxBytes),
    text: async (maxBytes) => new TextDecoder().decode(await collect(body, maxBytes)),
    cancel() {
      if (active === undefined) release?.()
      iterator()
        .return?.()
        .catch(() => {})
    },
  }
  return body
}

/** The chunks of a request body, whichever form it has. */
export function requestBodyChunks(
  body: HttpRequestBody | undefined,
  options?: OpenOptions,
): AsyncIterable<Uint8Array> {
  if (body === undefined) return once('')
  return typeof body === 'string' || body instanceof Uint8Array ? once(body) : body.open(options)
}

/** All chunks in one array. Rejects with a `TransportError` (`ANSWER_TOO_LARGE`) past `maxBytes`. */
export async function collect(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number = Infinity,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(maxBytes)
    parts.push(chunk)
  }
  return concatBytes(parts, length)
}

/** The error of an answer that passed the size we are ready to hold. */
export function tooLarge(maxBytes: number): TransportError {
  return new TransportError(`the answer is larger than ${maxBytes} bytes and was given up`, {
    reason: 'ANSWER_TOO_LARGE',
    progress: 'answered',
  })
}

/** One array out of many. */
export function concatBytes(parts: readonly Uint8Array[], length: number = totalLength(parts)): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0)
}

async function* once(content: string | Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  if (bytes.length > 0) yield bytes
}
