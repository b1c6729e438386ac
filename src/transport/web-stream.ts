/** A web stream over any source of bytes. Pulls one chunk at a time; cancelling ends the source. */
export function toReadableStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  let iterator: AsyncIterator<Uint8Array>
  return new ReadableStream<Uint8Array>(
    {
      start: () => void (iterator = chunks[Symbol.asyncIterator]()),
      pull: async (controller) => {
        const next = await iterator.next()
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      cancel: async () => void (await iterator.return?.()),
    },
    { highWaterMark: 0 },
  )
}

/** What is read of a web stream, described without the web's types. */
interface Readable {
  getReader(): {
    read(): Promise<{ done: boolean; value?: unknown }>
    cancel(reason?: unknown): Promise<void>
  }
}

/** The chunks of a web stream. Not every runtime can iterate one. Leaving early cancels it. */
export async function* readStream(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader()
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) {
        ended = true
        return
      }
      yield value as Uint8Array // whoever made the stream says so
    }
  } finally {
    if (!ended) await reader.cancel().catch(() => {})
  }
}
