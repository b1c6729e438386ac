/** Somewhere bytes can go. `file(path)` of `discokit/node` is one. */
export interface MediaDestination {
  /**
   * Whether `save` is done with a chunk when it asks for the one after the next, so that its memory can be given back
   * at once. Default: chunks are its to keep.
   */
  readonly reuse?: boolean
  /**
   * Takes all bytes, or nothing: when `chunks` fails, what was there before stays.
   */
  save(chunks: AsyncIterable<Uint8Array>): Promise<void>
  /**
   * Opens the place to be written in any order. Destinations that have this can be told `slices` and `resume`.
   * @param resume whether what was written is kept until it is whole, to be found by the next who asks for it
   */
  openParts?(resume: boolean): Promise<PartsDestination>
}

/** A place that is written in any order, and takes what was there before only when it is whole. */
export interface PartsDestination {
  /** What an earlier download left, with what `keep` was told of it. */
  readonly found: KeptParts | undefined
  /** Bytes that were written, from `offset`. */
  read(offset: number, length: number): AsyncIterable<Uint8Array>
  /** The bytes are on their way to the disk when it resolves. */
  write(bytes: Uint8Array, offset: number): Promise<void>
  /** Makes sure that what was written survives a crash, and keeps this beside it. Only with `resume`. */
  keep(parts: KeptParts): Promise<void>
  /** All is written and right. */
  finish(length: number): Promise<void>
  /** It is not. Without `resume`, or with `forget`, nothing of it stays. */
  leave(forget: boolean): Promise<void>
}

/** What is known of a download that is not whole: plain JSON. */
export interface KeptParts {
  readonly version: 1
  /** SHA-256 of the address, in hex, so that nothing is gone on with that was something else. */
  readonly source: string
  readonly generation?: string
  readonly etag?: string
  readonly contentType?: string
  /** Bytes in all, as stored. */
  readonly length: number
  readonly storedAsGzip?: boolean
  /** What the server declares, in Google's form. */
  readonly crc32c?: string
  readonly md5?: string
  readonly parts: readonly KeptPart[]
}

/** One part, from `first` to `last`, both included. */
export interface KeptPart {
  readonly first: number
  readonly last: number
  /** Bytes that were written of it. */
  readonly received: number
  /** CRC-32C of these. */
  readonly crc32c: number
}
