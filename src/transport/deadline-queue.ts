/** Something that ends when its time is up. The queue links these to each other, so each can be in one queue only. */
export interface Deadline {
  /** By the monotonic clock, in milliseconds. Set by the queue. */
  deadlineAt: number
  earlier: Deadline | undefined
  later: Deadline | undefined
  expire(): void
}

/**
 * The deadlines of calls that all have the same time, under one timer. The first added is the first due, so a list
 * in order of arrival is enough; a timer for each call costs a tenth of a small call.
 */
export class DeadlineQueue {
  readonly timeoutMs: number
  #first: Deadline | undefined
  #last: Deadline | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs
  }

  add(deadline: Deadline): void {
    deadline.deadlineAt = performance.now() + this.timeoutMs
    deadline.earlier = this.#last
    if (this.#last) this.#last.later = deadline
    else this.#first = deadline
    this.#last = deadline
    if (this.#timer === undefined) this.#arm(this.timeoutMs)
    else if (this.#first === deadline) keepRunning(this.#timer, true)
  }

  /** Takes a deadline out. Does nothing when it is not in the queue. */
  remove(deadline: Deadline): void {
    const { earlier, later } = deadline
    if (earlier === undefined && this.#first !== deadline) return
    if (earlier) earlier.later = later
    else this.#first = later
    if (later) later.earlier = earlier
    else this.#last = earlier
    deadline.earlier = deadline.later = undefined
    // The timer is left to run out: calls come and go more often than it does. It must not hold up the process.
    if (this.#first === undefined && this.#timer !== undefined) keepRunning(this.#timer, false)
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => this.#expireDue(), Math.min(delayMs, MAX_TIMER_MS))
  }

  #expireDue(): void {
    this.#timer = undefined
    const now = performance.now()
    while (this.#first && this.#first.deadlineAt <= now + TIMER_GRAIN_MS) {
      const due = this.#first
      this.remove(due)
      try {
        due.expire()
      } catch {
        // A listener that throws is its owner's trouble; the other deadlines go on.
      }
    }
    if (this.#first && this.#timer === undefined) this.#arm(this.#first.deadlineAt - now)
  }
}

/** Timers hold no more; a longer time is waited for in parts. */
const MAX_TIMER_MS = 2 ** 31 - 1
/** Timers fire up to a millisecond early by the finer clock. */
const TIMER_GRAIN_MS = 1

/** Node's timers hold up the end of the process unless told not to; elsewhere they are numbers and there is no end. */
function keepRunning(timer: unknown, keep: boolean): void {
  const { ref, unref } = timer as { ref?: () => void; unref?: () => void }
  if (keep) ref?.call(timer)
  else unref?.call(timer)
}
