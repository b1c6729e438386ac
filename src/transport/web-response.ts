import { TransportError } from '../errors.ts'
import type { HttpResponse, HttpResponseBody } from '../protocol/http.ts'
import type { WebResponse } from '../web-types.ts'
import { toReadableStream } from './web-stream.ts'

/** An answer as the web's `Response`. `finish` is called when its body was read or is not wanted. */
export function toWebResponse({ status, headers, body }: HttpResponse, finish: () => void): WebResponse {
  if (status > 599) {
    body.cancel()
    finish()
    throw new TransportError(`the answer has the status ${status}, which the web's Response cannot have`, {
      reason: 'UNKNOWN_STATUS',
      progress: 'answered',
    })
  }
  const empty = status === 204 || status === 205 || status === 304
  if (empty) {
    body.cancel()
    finish()
  }
  return new Response(empty ? null : toReadableStream(watched(body, finish)), { status, headers })
}

/** The chunks of a body. `finish` is called at their end, and when the reader leaves, be it before the first. */
function watched(body: HttpResponseBody, finish: () => void): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const next = await chunks.next()
          if (next.done) finish()
          return next
        } catch (error) {
          finish()
          throw error
        }
      },
      async return() {
        finish()
        body.cancel() // an iterator that has not begun frees nothing by itself
        chunks.return?.().catch(() => {}) // not awaited: it waits for a chunk that may never come
        return { done: true, value: undefined }
      },
    }),
  }
}
