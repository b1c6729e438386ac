import { createClient, type GoogleApiError, type RestDescription } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering } from '../client/answers.ts'
import { notes } from '../client/notes-document.ts'

const retry = { baseDelayMs: 0.01, maxDelayMs: 0.01 }
const elsewhere: RestDescription = { ...notes, rootUrl: 'https://other.googleapis.com/' }

describe('the budget for further tries', () => {
  test('of an origin is used up in an outage: then calls fail at once, and say so', async () => {
    const transport = answering(() => answer(503))
    const google = createClient({ transport, auth: anonymous(), retry })
    const { notes: methods } = google.api(notes)
    const errors: GoogleApiError[] = []
    for (let i = 0; i < 100; i++) {
      await methods.get({ noteId: '1' }).catch((error: GoogleApiError) => errors.push(error))
    }
    // A hundred calls, and a hundred further tries instead of four hundred.
    expect(transport.requests).toHaveLength(200)
    expect(errors[0]).not.toHaveProperty('retryBudgetExhausted')
    expect(errors[99]).toMatchObject({ status: 503, retryBudgetExhausted: true })
    expect(JSON.parse(JSON.stringify(errors[99]))).toMatchObject({ retryBudgetExhausted: true })

    transport.requests.length = 0
    await google
      .api(elsewhere)
      .notes.get({ noteId: '1' })
      .catch(() => {})
    expect(transport.requests, 'another origin has its own').toHaveLength(5)
    await createClient({ transport, auth: anonymous(), retry })
      .api(notes)
      .notes.get({ noteId: '1' })
      .catch(() => {})
    expect(transport.requests, 'another client has its own').toHaveLength(10)
  })

  test('comes back with answers that are no failures', async () => {
    let status = 503
    const transport = answering(() => answer(status, {}))
    const { notes: methods } = createClient({ transport, auth: anonymous(), retry }).api(notes)
    for (let i = 0; i < 30; i++) await methods.get({ noteId: '1' }).catch(() => {})
    status = 200
    for (let i = 0; i < 5; i++) await methods.get({ noteId: '1' })
    status = 503
    transport.requests.length = 0
    await methods.get({ noteId: '1' }).catch(() => {})
    expect(transport.requests, 'five answers pay for one try').toHaveLength(2)
  })
})

describe('a policy of a call', () => {
  const failing = (status: number, body: object = {}): ReturnType<typeof answering> =>
    answering((_, index) => (index === 0 ? answer(status, body) : answer(200, { index })))

  test('may say that a request can be sent twice', async () => {
    const transport = failing(500)
    const { notes: methods } = createClient({ transport, auth: anonymous(), retry }).api(notes)
    await expect(methods.insert({ body: {} }, { retry: { idempotent: false } })).rejects.toMatchObject({
      status: 500,
    })
    transport.requests.length = 0
    expect(await methods.insert({ body: {} }, { retry: { idempotent: true } })).toEqual({ index: 1 })
  })

  test('may decide itself', async () => {
    const transport = failing(404)
    const { notes: methods } = createClient({ transport, auth: anonymous(), retry }).api(notes)
    const seen: unknown[] = []
    const shouldRetry = (failure: object): boolean | undefined => {
      seen.push('status' in failure ? failure.status : failure)
      return true
    }
    expect(await methods.get({ noteId: '1' }, { retry: { shouldRetry } })).toEqual({ index: 1 })
    expect(seen).toEqual([404])
  })

  test('waits as long as RetryInfo in the answer says', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '0.05s' }]
    const transport = failing(503, { error: { code: 503, details } })
    const started = performance.now()
    await createClient({ transport, auth: anonymous(), retry }).api(notes).notes.get({ noteId: '1' })
    expect(performance.now() - started).toBeGreaterThanOrEqual(49)
  })

  test('takes a requestId for the promise that a second try is recognised', async () => {
    const transport = failing(503)
    const { notes: methods } = createClient({ transport, auth: anonymous(), retry }).api(notes)
    const extraQuery = { requestId: '7f1b' }
    expect(await methods.insert({ body: {} }, { extraQuery })).toEqual({ index: 1 })
  })
})

describe('an answer', () => {
  test('longer than the limit is refused, as the client or the call says', async () => {
    const transport = answering(() => answer(200, 'x'.repeat(1_000), { 'content-type': 'text/plain' }))
    const google = createClient({ transport, auth: anonymous() })
    expect(await google.api(notes).notes.get({ noteId: '1' }, { maxAnswerBytes: 1_000 })).toHaveLength(1_000)
    expect(() => createClient({ maxAnswerBytes: 0 })).toThrow(
      'maxAnswerBytes: must be a positive number of bytes',
    )
  })
})
