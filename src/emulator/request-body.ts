import { TransportError } from '../errors.ts'
import { collect, requestBodyChunks } from '../protocol/http-body.ts'
import { bodyLength } from '../protocol/body-facts.ts'
import type { HttpRequestBody } from '../protocol/http.ts'
import { ApiFailure } from './api-failure.ts'

/** The body of a request, to be read once. */
export interface RequestBody {
  /** The bytes as they arrive. Throws {@link BrokenBody} when the sender stops before the end. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Everything as text. Fails with 413 past `maxBytes`. */
  text(maxBytes: number): Promise<string>
}

/** The sender stopped before the end of the body: there is nobody left to answer. The cause says why. */
export class BrokenBody extends Error {
  override name = 'BrokenBody'
  constructor(cause: unknown) {
    super('the body of the request broke off', { cause })
  }
}

/** A failure that a body meets after some bytes, on a test's demand. */
export interface Interruption {
  readonly afterBytes: number
  readonly failure: Error
}

/** Makes a body readable once, and noticeably shorter than declared when it is. */
export function requestBody(body: HttpRequestBody | undefined, interruption?: Interruption): RequestBody {
  const chunks = arriving(body, interruption)
  return {
    chunks,
    text: async (maxBytes) => {
      try {
        return new TextDecoder().decode(await collect(chunks, maxBytes))
      } catch (error) {
        if (!(error instanceof TransportError && error.reason === 'ANSWER_TOO_LARGE')) throw error
        throw new ApiFailure(413, 'uploadTooLarge', `The body may have at most ${maxBytes} bytes here.`)
      }
    },
  }
}

async function* arriving(
  body: HttpRequestBody | undefined,
  interruption: Interruption | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const limit = interruption?.afterBytes ?? Infinity
  let received = 0
  try {
    for await (const chunk of requestBodyChunks(body)) {
      if (received + chunk.length < limit) {
        received += chunk.length
        yield chunk
        continue
      }
      if (limit > received) yield chunk.subarray(0, limit - received)
      received = limit
      break
    }
  } catch (error) {
    throw new BrokenBody(error)
  }
  if (received >= limit) throw interruption!.failure
  const declared = bodyLength(body)
  if (declared !== undefined && received !== declared) {
    throw new BrokenBody(
      new TransportError(`the body has ${received} bytes and not ${declared} as declared`, {
        reason: 'BODY_LENGTH_MISMATCH',
        progress: 'sent',
      }),
    )
  }
}
