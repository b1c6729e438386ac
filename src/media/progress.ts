import type { Clock } from '../transport/clock.ts'

/** How far an upload is. */
export interface UploadProgress {
  /** Bytes of the content handed to the connection. Goes back when some have to be sent again. */
  readonly sent: number
  /** Bytes that the server has said it has. Equal to `sent` at the end. */
  readonly acknowledged: number
  /** Bytes in all, or undefined as long as the source does not say. */
  readonly total: number | undefined
  /** What went out of late; undefined in the beginning. */
  readonly bytesPerSecond: number | undefined
  /** The time that the rest takes at this rate, in milliseconds; undefined when not known. */
  readonly remainingMs: number | undefined
}

/** Counts what is sent and tells of it. */
export class ProgressMeter {
  total: number | undefined
  #sent = 0
  #acknowledged = 0
  readonly #clock: Clock
  readonly #tell: ((progress: UploadProgress) => void) | undefined
  /** Times, and bytes handed over until then, of late. */
  readonly #marks: { atMs: number; handed: number }[] = []
  #handed = 0

  constructor(
    clock: Clock,
    total: number | undefined,
    tell: ((progress: UploadProgress) => void) | undefined,
  ) {
    this.#clock = clock
    this.total = total
    this.#tell = tell
  }

  /** Bytes handed to the connection. */
  get sent(): number {
    return this.#sent
  }

  /** Bytes went to the connection. */
  add(bytes: number): void {
    this.#sent += bytes
    this.#handed += bytes
    this.#emit()
  }

  /** Begins at a place: that which the server has, or the beginning. */
  startAt(offset: number): void {
    this.#sent = offset
    this.#emit()
  }

  /** The server said how much it has. */
  acknowledge(bytes: number): void {
    this.#acknowledged = bytes
    this.#sent = Math.max(this.#sent, bytes)
    this.#emit()
  }

  /** The server has everything. */
  finish(): void {
    this.total ??= this.#sent
    this.#sent = this.#acknowledged = this.total
    this.#emit()
  }

  #emit(): void {
    if (this.#tell === undefined) return
    const bytesPerSecond = this.#rate()
    const { total } = this
    const left = total === undefined ? undefined : total - this.#sent
    this.#tell({
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      total,
      bytesPerSecond,
      remainingMs:
        left === undefined || !bytesPerSecond ? undefined : Math.round((left / bytesPerSecond) * 1_000),
    })
  }

  /** Over the last seconds; over less than a half it would say nothing. */
  #rate(): number | undefined {
    const now = this.#clock.now()
    const marks = this.#marks
    const last = marks.at(-1)
    if (last === undefined || now - last.atMs >= MARK_MS) marks.push({ atMs: now, handed: this.#handed })
    while (marks.length > MOST_MARKS) marks.shift()
    const [first] = marks
    const elapsedMs = now - first!.atMs
    return elapsedMs < SHORTEST_MS
      ? undefined
      : Math.round(((this.#handed - first!.handed) / elapsedMs) * 1_000)
  }
}

const MARK_MS = 250
const MOST_MARKS = 20
const SHORTEST_MS = 500
