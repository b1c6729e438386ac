import type { StreamBody } from '../../protocol/http.ts'

/** The bytes of an upload, in the pieces that are asked for. */
export interface Content {
  /** Bytes in all, as far as they are known. */
  readonly total: number | undefined
  /** Whether a piece may begin at 0 again. */
  readonly rewindable: boolean
  /** Begins to read, so that a stream that fails before its bytes are asked for is noticed. */
  begin(): void
  /** The bytes from `from` to before `to`; undefined: to the end. */
  piece(from: number, to: number | undefined): Promise<ContentPiece>
  /** Reads on without sending, until so many bytes from the beginning are in the checksum. */
  hashTo(end: number): Promise<void>
  /**
   * Reads on without sending, until the bytes before `hashed` were read, and holds what is behind `kept` of them. Gives
   * whether they have this checksum.
   */
  matches(prefix: Prefix): Promise<boolean>
  /** Lets go of the source. */
  close(): void
}

/** What a state says of the bytes that were read before. */
export interface Prefix {
  /** Bytes that are not needed any more. */
  readonly kept: number
  readonly hashed: number
  readonly crc: number
}

/** Bytes for one request. */
export interface ContentPiece {
  readonly body: StreamBody
  /** The end, not included: before the one asked for when the content ends there; undefined when not known. */
  readonly to: number | undefined
  /** Bytes of the whole content, where they are known by now. */
  readonly total: number | undefined
}
