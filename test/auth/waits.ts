import { vi } from 'vitest'

/** Runs something whose waits of up to ten seconds end at once, and gives those waits in milliseconds. */
export async function withoutWaiting<T>(work: () => Promise<T>): Promise<{ result: T; waits: number[] }> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const set = globalThis.setTimeout
  const asked: number[] = []
  globalThis.setTimeout = ((run: () => void, ms = 0) => {
    asked.push(ms)
    return set(run, ms)
  }) as typeof setTimeout
  const state = { settled: false }
  try {
    const running = work().finally(() => (state.settled = true))
    running.catch(() => {}) // reported below
    const latest = performance.now() + 20_000
    for (let seen = 0; !state.settled && performance.now() < latest;) {
      await new Promise((resolve) => setImmediate(resolve))
      for (; seen < asked.length; seen++) if (asked[seen]! <= 10_000) vi.advanceTimersByTime(asked[seen]!)
    }
    return { result: await running, waits: asked.filter((ms) => ms <= 10_000) }
  } finally {
    globalThis.setTimeout = set
    vi.useRealTimers()
  }
}
