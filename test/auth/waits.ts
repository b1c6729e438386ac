import { vi } from 'vitest'

/** Runs something whose waits of up to ten seconds end at once, and gives those waits in milliseconds. */
export async function withoutWaiting<T>(run: () => Promise<T>): Promise<{ result: T; waits: number[] }> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const set = vi.spyOn(globalThis, 'setTimeout')
  const waits: number[] = []
  let settled = false
  try {
    const running = run().finally(() => (settled = true))
    running.catch(() => {}) // reported below
    for (let turn = 0, seen = 0; !settled && turn < 100_000; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      for (; seen < set.mock.calls.length; seen++) {
        const ms = set.mock.calls[seen]![1] ?? 0
        if (ms > 10_000) continue
        waits.push(ms)
        vi.advanceTimersByTime(ms)
      }
    }
    return { result: await running, waits }
  } finally {
    set.mockRestore()
    vi.useRealTimers()
  }
}
