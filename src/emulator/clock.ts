/** The emulator's time: real time, or any source, plus what a test moved it by. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Moves the time forward. Tokens expire and timestamps grow as if that time had passed. */
  advance(ms: number): void
}

/** A clock that can also go back to its source's time. */
export function createClock(now: () => number = Date.now): Clock & { reset(): void } {
  let offset = 0
  return {
    now: () => now() + offset,
    advance: (ms) => {
      if (!(Number.isFinite(ms) && ms >= 0)) throw new TypeError(`the clock cannot advance by ${ms} ms`)
      offset += ms
    },
    reset: () => void (offset = 0),
  }
}
