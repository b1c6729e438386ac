import { TransportError } from '../errors.ts'
import { responseBody } from '../protocol/http-body.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'

/** Answers a request, or rejects when the connection is to break. */
export type Handle = (request: HttpRequest) => Promise<HttpResponse>

/** A transport as clients take it, as far as it is needed here. */
export type InProcessTransport = (
  request: HttpRequest,
  context: { onEnd(listener: (reason: unknown) => void): () => void },
) => Promise<HttpResponse>

/**
 * A transport that hands requests to a handler in the same process. When the caller's context ends, the call rejects
 * with its reason at once, the handler's reading of the request fails like on a broken connection, and so does the
 * caller's reading of the answer.
 * @param isClosed whether the emulator is: then there is nobody to answer
 */
export function inProcessTransport(handle: Handle, isClosed: () => boolean): InProcessTransport {
  return async (request, context) => {
    if (isClosed()) throw closed()
    const end = untilEnd(context)
    try {
      const response = await end.orFirst(handle(withGuardedBody(request, end)))
      const unread = (): void => {
        end.forget()
        response.body.cancel()
      }
      return { ...response, body: responseBody(guarded(response.body, end, end.forget), unread) }
    } catch (error) {
      end.forget()
      throw error
    }
  }
}

function closed(): TransportError {
  return new TransportError('the emulator is closed', { reason: 'CLOSED', progress: 'unsent' })
}

interface End {
  /** What the promise gives, or a rejection with the reason when the context ends before. */
  orFirst<T>(promise: Promise<T>): Promise<T>
  forget(): void
}

function untilEnd(context: Parameters<InProcessTransport>[1]): End {
  let ended: { reason: unknown } | undefined
  const waiting = new Set<(reason: unknown) => void>()
  const forget = context.onEnd((reason) => {
    ended = { reason }
    for (const reject of waiting) reject(reason)
  })
  return {
    orFirst: (promise) =>
      new Promise((resolve, reject) => {
        if (ended) {
          promise.catch(() => {})
          return reject(ended.reason)
        }
        waiting.add(reject)
        promise.then(resolve, reject).finally(() => waiting.delete(reject))
      }),
    forget,
  }
}

function withGuardedBody(request: HttpRequest, end: End): HttpRequest {
  const { body } = request
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return request
  const { length, replayable } = body
  return { ...request, body: { length, replayable, open: () => guarded(body.open(), end) } }
}

async function* guarded(
  chunks: AsyncIterable<Uint8Array>,
  end: End,
  finished: () => void = () => {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = chunks[Symbol.asyncIterator]()
  let done = false
  try {
    for (;;) {
      const next = await end.orFirst(iterator.next())
      if (next.done) break
      yield next.value
    }
    done = true
  } finally {
    finished()
    // Not awaited: a source that waits for its next chunk settles this only when the chunk is there.
    if (!done) void iterator.return?.().catch(() => {})
  }
}
