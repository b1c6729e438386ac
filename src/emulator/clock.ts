/** The emulator's time: real time, or any source, plus what a test moved it by. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Moves the time forward. Tokens expire and timestamps grow as if that time had passed, and stalls end. */
  advance(ms: number): void
}

/** A clock that one can wait by. */
export interface WaitingClock extends Clock {
  /** Waits until so much time has passed, or was moved over. Does not keep the process running. */
  sleep(ms: number): Promise<void>
  /** Ends all waiting. */
  wake(): void
  /** Goes back to its source's time, and ends all waiting. */
  reset(): void
}

export function createClock(now: () => number = Date.now): WaitingClock {
  let offset = 0
  const sleepers = new Set<{ readonly until: number; readonly wake: () => void }>()
  const wakeAll = (): void => {
    for (const { wake } of sleepers) wake()
  }
  return {
    now: () => now() + offset,
    advance: (ms) => {
      if (!(Number.isFinite(ms) && ms >= 0)) throw new TypeError(`the clock cannot advance by ${ms} ms`)
      offset += ms
      for (const { until, wake } of sleepers) if (until <= now() + offset) wake()
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer)
          sleepers.delete(sleeper)
          resolve()
        }
        const timer = setTimeout(wake, ms)
        // Only Node's timers have it.
        ;(timer as { unref?: () => void }).unref?.()
        const sleeper = { until: now() + offset + ms, wake }
        sleepers.add(sleeper)
      }),
    wake: wakeAll,
    reset: () => {
      offset = 0
      wakeAll()
    },
  }
}
