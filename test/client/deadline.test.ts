import { type CallOptions, createClient, TimeoutError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answer, answering, endlessAnswer, noAnswer } from './answers.ts'
import { notes } from './notes-document.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const silent = answering((_, __, context) => noAnswer(context))
const noteOne = (options: CallOptions, transport = silent, auth = anonymous()): any =>
  createClient({ transport, auth }).api(notes).notes.get({ noteId: '1' }, options)

/** Expects a call to fail by its deadline, and not before. */
async function expectTimeout(call: PromiseLike<unknown>, timeoutMs: number, phase: string): Promise<void> {
  const settled = vi.fn()
  const outcome = call.then(settled, (error: unknown) => {
    settled()
    return error
  })
  await vi.advanceTimersByTimeAsync(timeoutMs - 1)
  expect(settled).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(2)
  expect(settled).toHaveBeenCalled()
  const error = await outcome
  expect(error).toBeInstanceOf(TimeoutError)
  expect(error).toMatchObject({ code: 'timeout', timeoutMs, phase })
}

describe('timeoutMs', () => {
  test('of a call ends it', async () => {
    await expectTimeout(noteOne({ timeoutMs: 5_000 }), 5_000, 'start')
  })

  test('of a client ends each of its calls, and a call may have another', async () => {
    const api = createClient({ transport: silent, auth: anonymous(), timeoutMs: 3_000 }).api(notes)
    await expectTimeout(api.notes.get({ noteId: '1' }), 3_000, 'start')
    await expectTimeout(api.notes.get({ noteId: '1' }, { timeoutMs: 1_000 }), 1_000, 'start')
    await expectTimeout(api.notes.get({ noteId: '1' }, { timeoutMs: 9_000 }), 9_000, 'start')
  })

  test('is two minutes unless told otherwise', async () => {
    await expectTimeout(noteOne({}), 120_000, 'start')
  })

  test('counts for each call by itself', async () => {
    const api = createClient({ transport: silent, auth: anonymous(), timeoutMs: 1_000 }).api(notes)
    const first = api.notes.get({ noteId: '1' }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(600)
    const second = expectTimeout(api.notes.get({ noteId: '2' }), 1_000, 'start')
    expect(await first).toBeInstanceOf(TimeoutError)
    await second
  })

  test('reaches the reading of the body', async () => {
    const transport = answering((_, __, context) => endlessAnswer(context))
    await expectTimeout(noteOne({ timeoutMs: 5_000 }, transport), 5_000, 'start')
  })

  test('reaches the reading of the body of an error', async () => {
    const transport = answering((_, __, context) => endlessAnswer(context, 404))
    await expectTimeout(noteOne({ timeoutMs: 5_000 }, transport), 5_000, 'start')
  })

  test('says that a token was waited for', async () => {
    await using emulator = await createEmulator()
    const auth = emulator.serviceAccount()
    await emulator.serviceAccountKey()
    await expectTimeout(noteOne({ timeoutMs: 5_000 }, silent, auth), 5_000, 'token')
  })

  test('says what the transport says it does', async () => {
    const transport = answering((_, __, context) => {
      context.phase = 'connect'
      return noAnswer(context)
    })
    await expectTimeout(noteOne({ timeoutMs: 5_000 }, transport), 5_000, 'connect')
    await expect(noteOne({ timeoutMs: 5_000, signal: AbortSignal.abort('x') })).rejects.toBe('x')
  })

  test('begins no wait that it would cut: the answer that asked for it is given', async () => {
    const transport = answering(() => answer(503, '', { 'retry-after': '60' }))
    await expect(noteOne({ timeoutMs: 5_000 }, transport)).rejects.toMatchObject({ status: 503 })
    expect(transport.requests).toHaveLength(1)
  })

  test('counts the waits between tries', async () => {
    const transport = answering((_, index, context) => (index < 2 ? answer(503) : noAnswer(context)))
    await expectTimeout(noteOne({ timeoutMs: 5_000 }, transport), 5_000, 'retry')
    expect(transport.requests).toHaveLength(3)
  })

  test('leaves nothing behind when the call ends in time', async () => {
    await noteOne(
      { timeoutMs: 5_000 },
      answering(() => answer(200, {})),
    )
    await noteOne(
      { timeoutMs: 5_000 },
      answering(() => answer(404)),
    ).catch(() => {})
    expect(vi.getTimerCount()).toBe(0)
  })

  test('may be without end', async () => {
    const transport = answering((_, __, context) => endlessAnswer(context))
    const controller = new AbortController()
    const call = noteOne({ timeoutMs: Infinity, signal: controller.signal }, transport)
    const outcome = call.catch((reason: unknown) => reason)
    await vi.advanceTimersByTimeAsync(10 * 24 * 3_600_000)
    controller.abort('enough')
    expect(await outcome).toBe('enough')
  })

  test.each([0, -1, Number.NaN])('of %s is refused', async (timeoutMs) => {
    const transport = answering(() => answer(200, {}))
    await expect(noteOne({ timeoutMs }, transport)).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ path: 'timeoutMs' }],
    })
    expect(transport.requests).toEqual([])
  })
})

describe('the deadline of a download', () => {
  const document = {
    ...notes,
    methods: { get: { id: 'x.get', path: 'x', httpMethod: 'GET', supportsMediaDownload: true } },
  }

  test('counts from when the download begins', async () => {
    // What reads downloads is loaded with the first one, in time of its own.
    const ended = createClient({ transport: answering(() => answer(200, 'x')), auth: anonymous() })
    await ended.api(document).get.download({}).bytes()
    const transport = answering((_, __, context) => endlessAnswer(context))
    const download = createClient({ transport, auth: anonymous() })
      .api(document)
      .get.download({}, { timeoutMs: 1_000 })
    expect(vi.getTimerCount()).toBe(0)
    await vi.advanceTimersByTimeAsync(5_000)
    await expectTimeout(download.bytes(), 1_000, 'body')
  })

  test('is none unless given', async () => {
    const transport = answering((_, __, context) => endlessAnswer(context))
    const controller = new AbortController()
    const { get } = createClient({ transport, auth: anonymous() }).api(document)
    const outcome = get
      .download({}, { signal: controller.signal, stallTimeoutMs: Infinity })
      .bytes()
      .catch((reason: unknown) => reason)
    await vi.advanceTimersByTimeAsync(3_600_000)
    controller.abort('enough')
    expect(await outcome).toBe('enough')
  })
})
