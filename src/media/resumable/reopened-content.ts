import type { MediaDescription, MediaSource } from '../../request/media-input.ts'
import { crc32c } from '../../protocol/crc32c.ts'
import type { RunningChecksum } from '../checksum.ts'
import { changed, exactly, openAt } from '../media-source.ts'
import type { Content, ContentPiece, Prefix } from './content.ts'

/** The content of a source that is opened anew for each request: nothing of it is held. */
export class ReopenedContent implements Content {
  total: number | undefined
  readonly rewindable = true
  readonly #source: MediaSource
  readonly #description: MediaDescription
  readonly #checksum: RunningChecksum | undefined

  constructor(source: MediaSource, description: MediaDescription, checksum: RunningChecksum | undefined) {
    this.#source = source
    this.#description = description
    this.#checksum = checksum
    this.total = description.length
  }

  begin(): void {}

  async piece(from: number, to: number | undefined): Promise<ContentPiece> {
    if (this.#checksum && this.#checksum.hashed < from) await this.hashTo(from)
    const open = (): AsyncIterable<Uint8Array> => this.#read(from, to)
    const length = to === undefined ? undefined : to - from
    return { body: { length, replayable: true, open }, to, total: this.total }
  }

  async hashTo(end: number): Promise<void> {
    const checksum = this.#checksum
    if (checksum === undefined || checksum.hashed >= end) return
    const to = end === Infinity ? this.total : end
    for await (const _ of this.#read(checksum.hashed, to)) if (checksum.hashed >= end) break
  }

  async matches({ hashed, crc }: Prefix): Promise<boolean> {
    if (hashed > (this.total ?? Infinity)) return false
    let seen = 0
    let at = 0
    for await (const chunk of openAt(this.#source, this.#description, 0, true)) {
      const piece = chunk.subarray(0, hashed - at)
      seen = crc32c(piece, seen)
      at += piece.length
      if (at === hashed) break
    }
    return at === hashed && seen === crc
  }

  close(): void {}

  async *#read(from: number, to: number | undefined): AsyncGenerator<Uint8Array, void, undefined> {
    if (to === from && this.total !== 0) return
    const chunks = openAt(this.#source, this.#description, from, true)
    const isLast = to !== undefined && to === this.total
    let at = from
    for await (const chunk of isLast ? exactly(chunks, to - from) : chunks) {
      const rest = (to ?? Infinity) - at
      const piece = chunk.length > rest ? chunk.subarray(0, rest) : chunk
      this.#checksum?.update(piece, at)
      at += piece.length
      yield piece
      if (at === to && !isLast) return
    }
    if (to === undefined) this.total = at
    else if (at < to) throw changed(to, String(at))
  }
}
