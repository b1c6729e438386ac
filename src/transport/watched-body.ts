import type { HttpResponseBody } from '../protocol/http.ts'

/** The chunks of a body. `finish` is called at their end, and when the reader leaves, be it before the first. */
export function watchedBody(body: HttpResponseBody, finish: () => void): AsyncIterable<Uint8Array> {
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
