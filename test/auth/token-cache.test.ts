import { setImmediate as turn } from 'node:timers/promises'
import { createClient, TransportError, UnauthenticatedError } from 'discokit'
import { authorizedFetch, serviceAccount } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failureOf } from '../transport/contexts.ts'
import { API, endpoint, type Scripted, token } from './endpoint.ts'
import { keyFile } from './keys.ts'
import { withoutWaiting } from './waits.ts'

const credentials = () => serviceAccount({ key: keyFile() })

describe('callers that come together', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await createEmulator()
  })
  afterEach(() => emulator.close())

  const requests = (id: string): number =>
    emulator.journal.exchanges.filter(({ methodId }) => methodId === id).length

  async function connect() {
    const google = createClient({
      ...emulator.connect(),
      auth: emulator.serviceAccount(),
      clock: emulator.clock,
      retry: false,
    })
    return google.discover('storage:v1')
  }

  test('share one request for a token, be they a thousand', async () => {
    const { endpoint, transport } = emulator.connect()
    const sent: string[] = []
    const google = createClient({
      endpoint,
      auth: emulator.serviceAccount(),
      transport: (request, context) => {
        sent.push(request.url)
        return transport!(request, context)
      },
    })
    const storage = await google.discover('storage:v1')
    await Promise.all(Array.from({ length: 1_000 }, () => storage['buckets'].list({ project: 'p' })))
    expect(sent.filter((url) => url.endsWith('/token'))).toHaveLength(1)
    expect(sent).toHaveLength(1_002)
  })

  test('share one request for a token when the one they had has expired', async () => {
    const storage = await connect()
    await storage['buckets'].list({ project: 'p' })
    emulator.clock.advance(3_600_000)
    emulator.journal.clear()
    await Promise.all(Array.from({ length: 900 }, () => storage['buckets'].list({ project: 'p' })))
    expect(requests('oauth2.token')).toBe(1)
    expect(requests('storage.buckets.list')).toBe(900)
  })

  test('share one new token when two hundred of them are refused, and all succeed', async () => {
    const storage = await connect()
    await storage['buckets'].list({ project: 'p' })
    emulator.revokeTokens()
    emulator.journal.clear()
    await Promise.all(Array.from({ length: 200 }, () => storage['buckets'].list({ project: 'p' })))
    expect(requests('oauth2.token')).toBe(1)
    expect(requests('storage.buckets.list')).toBe(400)
  })

  test('share one new token over sockets too', async () => {
    await emulator.listen()
    await using google = createClient({
      ...emulator.connect(),
      auth: emulator.serviceAccount(),
      retry: false,
    })
    const storage = await google.discover('storage:v1')
    await storage['buckets'].list({ project: 'p' })
    emulator.revokeTokens()
    emulator.journal.clear()
    await Promise.all(Array.from({ length: 200 }, () => storage['buckets'].list({ project: 'p' })))
    expect(requests('oauth2.token')).toBe(1)
  })

  test('are refused for good after one renewal', async () => {
    const storage = await connect()
    await storage['buckets'].list({ project: 'p' })
    emulator.journal.clear()
    emulator.fail('storage.buckets.list', Array(10).fill('return-401'))
    const error = await failureOf(storage['buckets'].list({ project: 'p' }))
    expect(error).toBeInstanceOf(UnauthenticatedError)
    expect(error).toMatchObject({ status: 401, code: 'unauthenticated', retryable: false })
    expect(requests('storage.buckets.list')).toBe(2)
    expect(requests('oauth2.token')).toBe(1)
  })

  test('are not sent again with a body that can be read once, but the token is renewed for the next', async () => {
    const storage = await connect()
    await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
    emulator.revokeTokens()
    emulator.journal.clear()
    let reads = 0
    const upload = () =>
      storage['objects'].insert(
        {
          bucket: 'box',
          name: 'a',
          media: (async function* () {
            reads++
            yield Buffer.from('once')
          })(),
        },
        { upload: { kind: 'simple' } },
      )
    expect(await failureOf(upload())).toMatchObject({ status: 401 })
    expect(requests('storage.objects.insert')).toBe(1)
    expect(reads).toBeLessThanOrEqual(1)
    expect(await upload()).toMatchObject({ name: 'a', size: '4' })
  })

  test('each have a token of their own with credentials of their own', async () => {
    const one = await connect()
    const two = await connect()
    await Promise.all([one, two].map((storage) => storage['buckets'].list({ project: 'p' })))
    expect(requests('oauth2.token')).toBe(2)
  })
})

describe('a token', () => {
  test('is used until a sixteenth of its hour is left, and then renewed', async () => {
    let now = 0
    const google = endpoint()
    const fetch = google.fetch(credentials(), { now: () => now })
    for (now of [0, 1, 3_000_000, 3_374_999]) await fetch(API)
    expect(google.tokenRequests).toHaveLength(1)
    now = 3_375_000
    await fetch(API)
    expect(google.calls.at(-1)!.headers['authorization']).toBe('Bearer t0') // which lives; nobody waits
    await vi.waitFor(() => expect(google.tokenRequests).toHaveLength(2))
    await turn()
    await fetch(API)
    expect(google.calls.at(-1)!.headers['authorization']).toBe('Bearer t1')
    expect(google.tokenRequests).toHaveLength(2)
  })

  test.each([1, 5, 30, 200])('that lives %i seconds is not asked for on every call', async (expires_in) => {
    let now = 0
    const google = endpoint((index) => token(`t${index}`, { expires_in }))
    const fetch = google.fetch(credentials(), { now: () => now })
    for (let i = 0; i < 10; i++) {
      now = i * expires_in * 70 // up to 63 hundredths of its life
      await fetch(API)
    }
    expect(google.tokenRequests).toHaveLength(1)
  })

  test('serves on when it cannot be renewed ahead of its end, with a pause between attempts', async () => {
    const emulator = await createEmulator()
    const google = createClient({
      ...emulator.connect(),
      auth: emulator.serviceAccount(),
      clock: emulator.clock,
    })
    const storage = await google.discover('storage:v1')
    const list = (): Promise<unknown> => Promise.resolve(storage['buckets'].list({ project: 'p' }))
    const tries = (): number =>
      emulator.journal.exchanges.filter(({ methodId }) => methodId === 'oauth2.token').length
    await list()
    emulator.clock.advance(3_599_000 - 200_000)
    emulator.fail('oauth2.token', ['return-400', 'return-400', 'return-400'])
    await Promise.all([list(), list(), list()])
    await vi.waitFor(() => expect(tries()).toBe(2))
    await turn()
    await list()
    expect(tries()).toBe(2)
    emulator.clock.advance(10_000)
    await list()
    await vi.waitFor(() => expect(tries()).toBe(3))
    await turn()
    emulator.clock.advance(200_000)
    await expect(list()).rejects.toMatchObject({ code: 'auth_failed', status: 400 })
    await emulator.close()
  })

  test('serves while another is on its way, be it a long way', async () => {
    let now = 0
    const google = endpoint((index) => (index === 0 ? token('t0') : new Promise<never>(() => {})))
    const fetch = google.fetch(credentials(), { now: () => now })
    for (now of [0, 3_400_000, 3_589_000]) await fetch(API)
    expect(google.calls.map(({ headers }) => headers['authorization'])).toEqual(Array(3).fill('Bearer t0'))
    await vi.waitFor(() => expect(google.tokenRequests).toHaveLength(2))
  })

  test('is not outlived by a clock that jumps back', async () => {
    let now = 10_000_000
    const google = endpoint()
    const fetch = google.fetch(credentials(), { now: () => now })
    await fetch(API)
    now = 0
    await fetch(API)
    expect(google.tokenRequests).toHaveLength(1)
    now = 14_000_000
    await fetch(API)
    expect(google.tokenRequests).toHaveLength(2)
  })
})

describe('a renewal', () => {
  /** An endpoint whose answers wait until they are let go. */
  function held(answer: (index: number) => Scripted = (index) => token(`t${index}`)) {
    const release: (() => void)[] = []
    const google = endpoint(async (index) => {
      await new Promise<void>((resolve) => release.push(resolve))
      return answer(index)
    })
    const asked = () => vi.waitFor(() => expect(release).not.toEqual([]), { interval: 1, timeout: 20_000 })
    return { google, release, asked }
  }

  test('goes on for the others when the one who began it is gone', async () => {
    const { google, release, asked } = held()
    const fetch = google.fetch(credentials())
    const ended = new AbortController()
    const reason = new Error('enough')
    const first = failureOf(fetch(API, { signal: ended.signal }))
    const others = [fetch(API), fetch(API)]
    await asked()
    ended.abort(reason)
    expect(await first).toBe(reason)
    release[0]!()
    for (const answer of await Promise.all(others)) expect(answer.status).toBe(200)
    expect(google.tokenRequests).toHaveLength(1)
    expect(google.calls).toHaveLength(2)
  })

  test('is waited for no longer than each caller has time, and helps the next', async () => {
    const { google, release, asked } = held()
    const fetch = google.fetch(credentials())
    const error = await failureOf(fetch(API, { timeoutMs: 20 }))
    expect(error).toMatchObject({ code: 'timeout', timeoutMs: 20, phase: 'token' })
    await asked()
    release[0]!()
    expect((await fetch(API)).status).toBe(200)
    expect(google.tokenRequests).toHaveLength(1)
  })

  test('that waits for a key for ever ends after thirty seconds, and the next begins anew', async () => {
    vi.useFakeTimers()
    let asked = 0
    const key = (): Promise<object> => (++asked === 1 ? new Promise(() => {}) : Promise.resolve(keyFile()))
    const google = endpoint()
    const fetch = google.fetch(serviceAccount({ key }))
    const failure = failureOf(fetch(API))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await failure).toMatchObject({ code: 'timeout', phase: 'token' })
    vi.useRealTimers()
    await fetch(API)
    expect(google.calls).toHaveLength(1)
    expect(asked).toBe(2)
  })

  test('begun through a client that is closed meanwhile is begun anew through one’s own', async () => {
    const shared = credentials()
    let close = (): void => {}
    const closing = endpoint(
      () =>
        new Promise((_, reject) => {
          close = () => reject(new TransportError('closed', { reason: 'CLOSED', progress: 'unsent' }))
        }),
    )
    const other = endpoint()
    const first = failureOf(closing.fetch(shared)(API))
    await vi.waitFor(() => expect(closing.tokenRequests).toHaveLength(1))
    const second = other.fetch(shared)(API)
    await turn()
    close()
    expect(await first).toMatchObject({ code: 'auth_failed', reason: 'CLOSED' })
    expect((await second).status).toBe(200)
    expect(other.tokenRequests).toHaveLength(1)
  })

  test('does not begin for a call that has ended', async () => {
    const google = endpoint(() => ({ status: 400 }))
    const fetch = google.fetch(credentials())
    expect(await failureOf(fetch(API, { signal: AbortSignal.abort(new Error('enough')) }))).toMatchObject({
      message: 'enough',
    })
    for (let i = 0; i < 50; i++) await turn()
    expect(google.tokenRequests).toEqual([])
  })

  test('that fails when nobody waits any more disturbs nobody', async () => {
    const { google, release, asked } = held(() => ({ status: 400, text: '{"error":"invalid_grant"}' }))
    const ended = new AbortController()
    const failure = failureOf(google.fetch(credentials())(API, { signal: ended.signal }))
    await asked()
    ended.abort(new Error('enough'))
    expect(await failure).toMatchObject({ message: 'enough' })
    release[0]!()
    // An unhandled rejection would fail the run.
    for (let i = 0; i < 50; i++) await turn()
  })

  test('does not begin for an upload that is aborted while its content is looked at', async () => {
    const google = endpoint(() => ({ status: 400, text: '{"error":"invalid_grant"}' }))
    const client = createClient({ auth: credentials(), transport: google.transport })
    const ended = new AbortController()
    const upload = client.send(
      {
        id: 'storage.objects.insert',
        method: 'POST',
        url: 'https://storage.googleapis.com/upload/storage/v1/b/box/o?uploadType=media&name=a.png',
        headers: {},
        media: 'content',
      },
      { signal: ended.signal },
    )
    ended.abort(new Error('enough'))
    expect(await failureOf(upload)).toMatchObject({ message: 'enough' })
    for (let i = 0; i < 50; i++) await turn()
    expect(google.tokenRequests).toEqual([])
  })

  test('that failed is told to all who waited, and is not remembered', async () => {
    const google = endpoint((index) =>
      index === 0 ? { status: 400, text: '{"error":"invalid_grant"}' } : token('good'),
    )
    const fetch = google.fetch(credentials())
    const failures = await Promise.all(Array.from({ length: 50 }, () => failureOf(fetch(API))))
    for (const failure of failures) expect(failure).toMatchObject({ reason: 'invalid_grant' })
    expect(google.tokenRequests).toHaveLength(1)
    expect((await fetch(API)).status).toBe(200)
    expect(google.calls[0]!.headers['authorization']).toBe('Bearer good')
  })

  test('that failed after its tries is begun anew by the next caller', async () => {
    const google = endpoint((index) => (index < 3 ? { status: 503 } : token('good')))
    const fetch = google.fetch(credentials())
    const { result } = await withoutWaiting(() => failureOf(fetch(API)))
    expect(result).toMatchObject({ status: 503, retryable: true })
    expect((await fetch(API)).status).toBe(200)
    expect(google.tokenRequests).toHaveLength(4)
  })

  test('carries nothing of the call that began it', async () => {
    const { google, release, asked } = held()
    const fetch = google.fetch(credentials())
    const answer = fetch(API, { headers: { 'x-mine': 'yes', cookie: 'a=b' } })
    await asked()
    release[0]!()
    await answer
    expect(Object.keys(google.tokenRequests[0]!.headers).toSorted()).toEqual(['accept', 'content-type'])
  })
})

test('authorizedFetch and a client share the token of one credential', async () => {
  const google = endpoint()
  const auth = credentials()
  await authorizedFetch(auth, { transport: google.transport })(API)
  const client = createClient({ auth, transport: google.transport })
  await client.send({ id: 'x', method: 'GET', url: API, headers: {} })
  expect(google.tokenRequests).toHaveLength(1)
})
