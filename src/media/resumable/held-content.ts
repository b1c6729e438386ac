import type { MediaDescription, MediaSource } from '../../request/media-input.ts'
import { crc32c } from '../../protocol/crc32c.ts'
import type { RunningChecksum } from '../checksum.ts'
import { changed } from '../media-source.ts'
import type { Content, ContentPiece, Prefix } from './content.ts'

/**
 * The content of a source that is read once, from the beginning to the end. What the server does not have yet is held:
 * one piece, and the chunk of the source that shows whether it is the last.
 */
export class HeldContent implements Content {
  total: number | undefined
  readonly #source: MediaSource
  readonly #description: MediaDescription
  readonly #checksum: RunningChecksum | undefined
  #chunks: AsyncIterator<Uint8Array> | undefined
  #ahead: Promise<IteratorResult<Uint8Array, unknown>> | undefined
  #held: Uint8Array[] = []
  /** Where the first held byte is, and the end of the last. */
  #first = 0
  #end = 0
  #ended = false
  #shared = new Uint8Array(0)
  #used = 0

  constructor(source: MediaSource, description: MediaDescription, checksum: RunningChecksum | undefined) {
    this.#source = source
    this.#description = description
    this.#checksum = checksum
    this.total = description.length
  }

  get rewindable(): boolean {
    return this.#description.replayable || this.#first === 0
  }

  begin(): void {
    if (this.#chunks !== undefined) return
    this.#chunks = this.#source.open({ reuse: false })[Symbol.asyncIterator]()
    this.#ahead = this.#chunks.next()
    this.#ahead.catch(() => {}) // reported when the bytes are asked for
  }

  async piece(from: number, to: number = Infinity): Promise<ContentPiece> {
    if (from < this.#first) await this.#rewind()
    while (this.#end < from && !this.#ended) {
      await this.#readOn()
      this.#drop(Math.min(from, this.#end))
    }
    if (this.#end < from) throw changed(from, String(this.#end))
    this.#drop(from)
    // One more than is asked for, to know whether that is all.
    while (this.#end <= to && !this.#ended) await this.#readOn()
    const end = Math.min(to, this.#end)
    const chunks = this.#slice(end - from)
    const open = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      yield* chunks
    }
    return { body: { length: end - from, replayable: true, open }, to: end, total: this.total }
  }

  async hashTo(end: number): Promise<void> {
    while (this.#end < end && !this.#ended) {
      await this.#readOn()
      this.#drop(this.#end)
    }
  }

  async matches({ kept, hashed, crc }: Prefix): Promise<boolean> {
    let seen = 0
    while (this.#end < hashed && !this.#ended) {
      const from = this.#end
      await this.#readOn((chunk) => void (seen = crc32c(chunk.subarray(0, hashed - from), seen)))
      this.#drop(Math.min(kept, this.#end))
    }
    return this.#end >= hashed && seen === crc
  }

  close(): void {
    this.#held = []
    // Not awaited: a generator that waits for something ends only after that.
    if (!this.#ended) this.#chunks?.return?.().catch(() => {})
  }

  async #rewind(): Promise<void> {
    await this.#chunks?.return?.()
    this.#chunks = undefined
    this.#ahead = undefined
    this.#held = []
    this.#first = this.#end = 0
    this.#ended = false
  }

  async #readOn(look?: (chunk: Uint8Array) => void): Promise<void> {
    this.begin()
    const reading = this.#ahead ?? this.#chunks!.next()
    this.#ahead = undefined
    const { done, value } = await reading
    const { length } = this.#description
    if (done) {
      this.#ended = true
      if (length !== undefined && this.#end !== length) throw changed(length, String(this.#end))
      this.total = this.#end
      return
    }
    if (length !== undefined && this.#end + value.length > length)
      throw changed(length, `more than ${length}`)
    look?.(value)
    this.#checksum?.update(value, this.#end)
    this.#end += value.length
    if (value.length >= SMALL_BYTES) this.#held.push(value)
    else if (value.length > 0) this.#gather(value)
  }

  /** Many small chunks would take more memory than what is in them, so they share some. */
  #gather(chunk: Uint8Array): void {
    if (this.#used + chunk.length > this.#shared.length) {
      this.#shared = new Uint8Array(SHARED_BYTES)
      this.#used = 0
    }
    const last = this.#held.at(-1)
    const adjoins = last?.buffer === this.#shared.buffer
    this.#shared.set(chunk, this.#used)
    const first = adjoins ? last.byteOffset : this.#used
    this.#used += chunk.length
    this.#held.splice(adjoins ? -1 : this.#held.length, 1, this.#shared.subarray(first, this.#used))
  }

  #drop(before: number): void {
    while (this.#first < before) {
      const [chunk] = this.#held
      const dropped = Math.min(before - this.#first, chunk!.length)
      if (dropped === chunk!.length) this.#held.shift()
      else this.#held[0] = chunk!.subarray(dropped)
      this.#first += dropped
    }
  }

  #slice(length: number): Uint8Array[] {
    const chunks: Uint8Array[] = []
    let left = length
    for (const chunk of this.#held) {
      if (left === 0) break
      chunks.push(chunk.length > left ? chunk.subarray(0, left) : chunk)
      left -= chunks.at(-1)!.length
    }
    return chunks
  }
}

const SMALL_BYTES = 16_384
const SHARED_BYTES = 65_536
