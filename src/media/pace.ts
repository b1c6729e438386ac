import type { Clock } from '../transport/clock.ts'

/** How fast bytes may go, and in what pieces: a bucket of tokens that a second fills, and that holds a quarter of one. */
export class Pace {
  /** Whether the connection is slow, and takes small pieces only. */
  slow = false
  readonly #clock: Clock
  readonly #bytesPerSecond: number
  /** When what went out so far will have been allowed. */
  #freeAtMs: number

  constructor(clock: Clock, bytesPerSecond: number = Infinity) {
    this.#clock = clock
    this.#bytesPerSecond = bytesPerSecond
    this.#freeAtMs = clock.now()
  }

  /** The most that may go at once. */
  get pieceBytes(): number {
    return Math.max(
      1,
      Math.min(this.slow ? SLOW_PIECE_BYTES : MOST_PIECE_BYTES, Math.floor(this.#bytesPerSecond / 8)),
    )
  }

  /** Takes so many bytes out; gives how long to wait before they may go, in milliseconds. */
  take(bytes: number): number {
    if (this.#bytesPerSecond === Infinity) return 0
    const now = this.#clock.now()
    this.#freeAtMs = Math.max(this.#freeAtMs, now - BURST_MS) + (bytes / this.#bytesPerSecond) * 1_000
    return Math.max(0, this.#freeAtMs - now)
  }
}

const BURST_MS = 250
/** A piece must go within the time that a stall takes, also of content that is one array. */
const MOST_PIECE_BYTES = 1_048_576
const SLOW_PIECE_BYTES = 65_536
