import { invalid } from '../api-failure.ts'

/** The same chunks; fails with 400 when there are more bytes than there may be. */
export async function* upTo(
  most: number,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let passed = 0
  for await (const chunk of chunks) {
    passed += chunk.length
    if (passed > most) throw invalid(`The body has more than the ${most} bytes that the request speaks of.`)
    yield chunk
  }
}

/** Fails with 400 when a request that only asks brings bytes too. */
export async function expectNothing(chunks: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of chunks) {
    if (chunk.length > 0) throw invalid('The client sent a query request with a non-empty body.')
  }
}
