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
