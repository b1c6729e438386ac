import { vi } from 'vitest'

/**
 * Runs something whose waits of up to ten seconds end at once, and gives those waits in milliseconds.
 * @param chance what takes the place of randomness, from 0 to 1: waits are longer or shorter by it
 */
export async function withoutWaiting<T>(
  work: () => Promise<T>,
  chance = 0.5,
): Promise<{ result: T; waits: number[] }> {
  const random = vi.spyOn(Math, 'random').mockReturnValue(chance)
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
    random.mockRestore()
    vi.useRealTimers()
  }
}
