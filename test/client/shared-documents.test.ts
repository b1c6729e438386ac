import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { answer, answering, noAnswer } from './answers.ts'
import { notes } from './notes-document.ts'

afterEach(() => void vi.useRealTimers())

/** A transport that answers when told to. */
function held(): ReturnType<typeof answering> & { release(): void } {
  const releases: (() => void)[] = []
  const transport = answering(async (_, __, context) => {
    await Promise.race([new Promise<void>((resolve) => releases.push(resolve)), noAnswer(context)])
    return answer(200, notes)
  })
  return Object.assign(transport, { release: () => releases.forEach((release) => release()) })
}

const realImmediate = setImmediate // also while timers are faked

/** Lets the event loop turn: the part that asks the Discovery Service is loaded when first used. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => realImmediate(resolve))
}

describe('the documents of a client', () => {
  test('are fetched once, for discovers at the same time and later', async () => {
    await using emulator = await createEmulator()
    const google = createClient(emulator.connect())
    await Promise.all([google.discover('storage:v1'), google.discover('storage:v1')])
    await google.discover('storage:v1')
    expect(emulator.journal.exchanges).toHaveLength(1)
  })

  test('are the same for a name alone and for its preferred version', async () => {
    await using emulator = await createEmulator()
    const google = createClient(emulator.connect())
    await Promise.all([google.discover('storage'), google.discover('storage:v1'), google.discover('storage')])
    await google.discover('storage')
    const asked = emulator.journal.exchanges.map(({ methodId }) => methodId)
    expect(asked).toHaveLength(2)
    expect(asked).toEqual(expect.arrayContaining(['discovery.apis.list', 'discovery.apis.getRest']))
  })

  test('are shared with its children, and theirs with it', async () => {
    await using emulator = await createEmulator()
    const google = createClient(emulator.connect())
    const child = google.as(anonymous())
    await Promise.all([child.discover('storage:v1'), child.as(anonymous()).discover('storage:v1')])
    await google.discover('storage:v1')
    expect(emulator.journal.exchanges).toHaveLength(1)
  })

  test('are not shared with another client', async () => {
    await using emulator = await createEmulator()
    await createClient(emulator.connect()).discover('storage:v1')
    await createClient(emulator.connect()).discover('storage:v1')
    expect(emulator.journal.exchanges).toHaveLength(2)
  })

  test('are asked for again after a failure', async () => {
    await using emulator = await createEmulator()
    emulator.fail('discovery.apis.getRest', ['return-503'])
    const google = createClient({ ...emulator.connect(), retry: false })
    const [first, second] = await Promise.allSettled([
      google.discover('storage:v1'),
      google.discover('storage:v1'),
    ])
    expect([first.status, second.status]).toEqual(['rejected', 'rejected'])
    expect((await google.discover('storage:v1')).$id).toBe('storage:v1')
    expect(emulator.journal.exchanges).toHaveLength(2)
  })

  test('do not fail for one caller because another has aborted', async () => {
    const transport = held()
    const google = createClient({ transport })
    const controller = new AbortController()
    const first = google.discover('notes:v1', { signal: controller.signal })
    const second = google.discover('notes:v1')
    await settled()
    controller.abort('first caller')
    await expect(first).rejects.toBe('first caller')
    transport.release()
    expect((await second).$id).toBe('notes:v1')
    expect(transport.requests).toHaveLength(1)
  })

  test('let a caller who joined abort by its own signal', async () => {
    const transport = held()
    const google = createClient({ transport })
    const controller = new AbortController()
    const first = google.discover('notes:v1')
    const second = google.discover('notes:v1', { signal: controller.signal })
    await settled()
    controller.abort('second caller')
    await expect(second).rejects.toBe('second caller')
    transport.release()
    expect((await first).$id).toBe('notes:v1')
  })

  test('are no longer loaded when nobody waits any more', async () => {
    vi.useFakeTimers()
    const ended = vi.fn()
    const transport = answering((_, __, context) => {
      context.onEnd(ended)
      return noAnswer(context)
    })
    const google = createClient({ transport })
    const failure = expect(google.discover('notes:v1', { timeoutMs: 1_000 })).rejects.toMatchObject({
      code: 'timeout',
      phase: 'discovery',
    })
    await vi.advanceTimersByTimeAsync(1_000)
    await failure
    expect(ended).toHaveBeenCalledOnce()
    google.discover('notes:v1').catch(() => {})
    await settled()
    expect(transport.requests).toHaveLength(2)
  })

  test('are not asked for by a caller who has aborted before', async () => {
    const transport = held()
    const google = createClient({ transport })
    const signal = AbortSignal.abort('before')
    await expect(google.discover('notes:v1', { signal })).rejects.toBe('before')
    await expect(google.discover('notes', { signal })).rejects.toBe('before')
    await expect(google.listApis({}, { signal })).rejects.toBe('before')
    expect(transport.requests).toEqual([])
  })
})
