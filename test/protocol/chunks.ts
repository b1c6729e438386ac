import * as fc from 'fast-check'

/** Text as UTF-8 bytes. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** Sizes in which to cut bytes, repeated as needed: single bytes, any mix that also has empty pieces, or one piece. */
export const chunkSizes: fc.Arbitrary<number[]> = fc.oneof(
  fc.constant<number[]>([1]),
  fc
    .array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 8 })
    .filter((sizes) => sizes.some((size) => size > 0)),
  fc.constant<number[]>([Infinity]),
)

/** The same bytes, cut anew. */
export function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let start = 0
  while (start < bytes.length) {
    for (const size of sizes) {
      pieces.push(bytes.subarray(start, start + size))
      start += size
    }
  }
  return pieces
}

/** A source of bytes that remembers how it was used. */
export class Source implements AsyncIterable<Uint8Array> {
  /** How many pieces were asked for. */
  given = 0
  /** Whether the source was read past its last piece. */
  ended = false
  /** Whether the source could clean up: after its end, or because its reader let go of it. */
  released = false
  readonly #pieces: readonly Uint8Array[]

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (const piece of this.#pieces) {
        this.given++
        yield piece
      }
      this.ended = true
    } finally {
      this.released = true
    }
  }
}
