import { createClient, MaybeAppliedError, type RetryPolicy, TransportError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { answer, answering, type Recorder } from './answers.ts'
import { notes } from './notes-document.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const reset = (progress: TransportError['progress'] = 'sent'): TransportError =>
  new TransportError('broken', { reason: 'ECONNRESET', progress })

/** A transport that gives these outcomes in turn, the last one for ever, and notes when it was asked. */
function giving(
  ...outcomes: (number | TransportError | ReturnType<typeof answer>)[]
): Recorder & { at: number[] } {
  const at: number[] = []
  const transport = answering((_, index) => {
    at.push(performance.now())
    const outcome = outcomes[Math.min(index, outcomes.length - 1)]!
    if (outcome instanceof Error) throw outcome
    return typeof outcome === 'number' ? answer(outcome, outcome < 300 ? { ok: true } : '') : outcome
  })
  return Object.assign(transport, { at })
}

/** What becomes of a call when time passes as it must. */
async function outcomeOf(
  transport: Recorder,
  call: (methods: any) => PromiseLike<unknown> = (methods) => methods.get({ noteId: '1' }),
  retry?: Partial<RetryPolicy> | false,
): Promise<any> {
  const google = createClient({ transport, auth: anonymous(), ...(retry !== undefined && { retry }) })
  const outcome = Promise.resolve(call(google.api(notes)['notes'])).catch((error: unknown) => error)
  await vi.runAllTimersAsync()
  return outcome
}

const waits = ({ at }: { at: number[] }): number[] => at.slice(1).map((time, i) => time - at[i]!)

describe('a request that reads', () => {
  test.each([408, 429, 500, 502, 503, 504])('is sent again after a %i', async (status) => {
    const transport = giving(status, 200)
    expect(await outcomeOf(transport)).toEqual({ ok: true })
    expect(transport.requests).toHaveLength(2)
  })

  test.each(['unsent', 'sent', 'answered'] as const)(
    'is sent again after a connection broke (%s)',
    async (progress) => {
      const transport = giving(reset(progress), 200)
      expect(await outcomeOf(transport)).toEqual({ ok: true })
      expect(transport.requests).toHaveLength(2)
    },
  )

  test.each([400, 401, 403, 404, 409, 412, 501])('is not sent again after a %i', async (status) => {
    const transport = giving(status)
    expect(await outcomeOf(transport)).toMatchObject({ status })
    expect(transport.requests).toHaveLength(1)
  })

  test('is sent five times, with growing waits', async () => {
    const transport = giving(503)
    expect(await outcomeOf(transport)).toMatchObject({ status: 503 })
    expect(transport.requests).toHaveLength(5)
    const limits = [1_000, 2_000, 4_000, 8_000]
    for (const [i, wait] of waits(transport).entries()) {
      expect(wait).toBeGreaterThanOrEqual(limits[i]! / 2 - 1)
      expect(wait).toBeLessThanOrEqual(limits[i]! + 1)
    }
  })

  test('fails with the last failure', async () => {
    expect(await outcomeOf(giving(503, 503, 503, 503, reset()))).toMatchObject({ reason: 'ECONNRESET' })
    expect(await outcomeOf(giving(reset(), reset(), reset(), reset(), 500))).toMatchObject({ status: 500 })
    expect(await outcomeOf(giving(503, 404))).toMatchObject({ status: 404 })
  })

  test('waits no less than the server asks for', async () => {
    const transport = giving(answer(503, '', { 'retry-after': '30' }), 200)
    await outcomeOf(transport)
    expect(waits(transport)[0]).toBeGreaterThanOrEqual(30_000)
    expect(waits(transport)[0]).toBeLessThanOrEqual(31_001)
    const dated = giving(answer(429, '', { 'retry-after': new Date(Date.now() + 20_000).toUTCString() }), 200)
    await outcomeOf(dated)
    expect(waits(dated)[0]).toBeGreaterThanOrEqual(19_000)
  })

  test('is not made to wait less than usual by a small Retry-After', async () => {
    const transport = giving(answer(503, '', { 'retry-after': '0' }), 200)
    await outcomeOf(transport)
    expect(waits(transport)[0]).toBeGreaterThanOrEqual(499)
  })
})

describe('a request that writes', () => {
  const insert = (methods: any): PromiseLike<unknown> => methods.insert({ body: {} })

  test.each([500, 502, 503, 504, 408])('is not sent again after a %i', async (status) => {
    const transport = giving(status)
    expect(await outcomeOf(transport, insert)).toMatchObject({ status })
    expect(transport.requests).toHaveLength(1)
  })

  test('is sent again when the server refused it before it acted', async () => {
    const refusals = [answer(429), answer(503, '', { 'retry-after': '1' })]
    refusals.push(answer(403, { error: { errors: [{ reason: 'rateLimitExceeded' }] } }))
    for (const refusal of refusals) {
      const transport = giving(refusal, 200)
      expect(await outcomeOf(transport, insert)).toEqual({ ok: true })
      expect(transport.requests).toHaveLength(2)
    }
  })

  test('is sent again when the server saw nothing of it', async () => {
    expect(await outcomeOf(giving(reset('unsent'), 200), insert)).toEqual({ ok: true })
  })

  test.each(['sent', 'answered'] as const)(
    'may have been carried out when the connection broke (%s)',
    async (progress) => {
      const cause = reset(progress)
      const transport = giving(cause)
      const error = await outcomeOf(transport, insert)
      expect(error).toBeInstanceOf(MaybeAppliedError)
      expect(error).toMatchObject({
        code: 'maybe_applied',
        request: { id: 'notes.notes.insert', method: 'POST' },
        cause,
      })
      expect(transport.requests).toHaveLength(1)
    },
  )

  test('is sent again when a precondition makes that safe', async () => {
    const guarded = (methods: any): PromiseLike<unknown> =>
      methods.insert({ body: {} }, { extraQuery: { ifGenerationMatch: '0' } })
    expect(await outcomeOf(giving(reset(), 503, 200), guarded)).toEqual({ ok: true })
    const tagged = (methods: any): PromiseLike<unknown> =>
      methods.insert({}, { headers: { 'If-Match': '"a"' } })
    expect(await outcomeOf(giving(reset(), 200), tagged)).toEqual({ ok: true })
  })

  test('is sent again when it replaces or deletes', async () => {
    expect(await outcomeOf(giving(503, 200), (methods) => methods.update({ noteId: '1', body: {} }))).toEqual(
      { ok: true },
    )
    expect(await outcomeOf(giving(reset(), 200), (methods) => methods.delete({ noteId: '1' }))).toEqual({
      ok: true,
    })
  })
})

describe('the option retry', () => {
  test('may be false, for the client or for a call', async () => {
    const transport = giving(503)
    await outcomeOf(transport, undefined, false)
    await outcomeOf(transport, (methods) => methods.get({ noteId: '1' }, { retry: false }))
    expect(transport.requests).toHaveLength(2)
  })

  test('sets the number of tries', async () => {
    const transport = giving(503)
    await outcomeOf(transport, undefined, { maxAttempts: 3 })
    expect(transport.requests).toHaveLength(3)
    await outcomeOf(
      transport,
      (methods) => methods.get({ noteId: '1' }, { retry: { maxAttempts: 2 } }),
      false,
    )
    expect(transport.requests).toHaveLength(5)
  })

  test('sets the waits', async () => {
    const transport = giving(503)
    await outcomeOf(transport, undefined, { baseDelayMs: 100, maxDelayMs: 200 })
    for (const wait of waits(transport)) expect(wait).toBeLessThanOrEqual(201)
  })

  test('keeps its defaults for what is undefined', async () => {
    const transport = giving(503)
    await outcomeOf(transport, undefined, { maxAttempts: undefined, baseDelayMs: undefined } as never)
    expect(transport.requests).toHaveLength(5)
  })
})

describe('a retry, of the emulator', () => {
  beforeEach(() => void vi.useRealTimers())
  const retry = { baseDelayMs: 1 }

  test('meets faults in process', async () => {
    await using emulator = await createEmulator()
    const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount(), retry })
    const storage = await google.discover('storage:v1')
    emulator.journal.clear()
    emulator.fail('storage.buckets.list', ['return-503', 'return-reset-connection', 'return-broken-stream'])
    // The answer that breaks in the middle is asked for once more.
    expect(await storage['buckets'].list({ project: 'p' })).toMatchObject({ kind: 'storage#buckets' })
    expect(emulator.journal.exchanges.filter((e) => e.methodId === 'storage.buckets.list')).toHaveLength(4)
    emulator.fail('storage.buckets.list', ['return-broken-stream', 'return-broken-stream'])
    await expect(storage['buckets'].list({ project: 'p' })).rejects.toMatchObject({
      code: 'transport_failed',
    })
  })

  test('meets a reset of the connection over the port', async () => {
    await using emulator = await createEmulator()
    await emulator.listen()
    await using google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount(), retry })
    const storage = await google.discover('storage:v1')
    emulator.fail('storage.buckets.list', ['return-reset-connection', 'return-503'])
    expect(await storage['buckets'].list({ project: 'p' })).toMatchObject({ kind: 'storage#buckets' })
    await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
    emulator.fail('storage.buckets.patch', ['return-reset-connection'])
    const patch = { bucket: 'box', body: { labels: { a: 'b' } } }
    await expect(storage['buckets'].patch(patch)).rejects.toBeInstanceOf(MaybeAppliedError)
    await storage['buckets'].patch(patch)
  })
})
