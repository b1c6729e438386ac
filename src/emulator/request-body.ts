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

/** What happens to a body after some bytes, on a test's demand: it fails, or waits. */
export interface Interruption {
  readonly afterBytes: number
  meet(): Promise<void>
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
  let awaited = interruption
  let received = 0
  for await (const chunk of fromSender(body)) {
    const before = awaited ? Math.max(0, awaited.afterBytes - received) : Infinity
    received += chunk.length
    if (before > chunk.length) {
      yield chunk
      continue
    }
    if (before > 0) yield chunk.subarray(0, before)
    await awaited?.meet()
    awaited = undefined
    if (before < chunk.length) yield chunk.subarray(before)
  }
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

async function* fromSender(body: HttpRequestBody | undefined): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* requestBodyChunks(body)
  } catch (error) {
    throw new BrokenBody(error)
  }
}
