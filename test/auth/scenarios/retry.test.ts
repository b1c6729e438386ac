/** Scenarios 60 to 87 of the credentials that other libraries have: trying again, errors, when tokens are renewed. */
import { type AuthError, type Transport, TransportError } from 'discokit'
import { authorizedFetch, serviceAccount } from 'discokit/auth'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { API, endpoint, type Scripted, token } from '../endpoint.ts'
import { keyFile, PKCS8 } from '../keys.ts'
import { withoutWaiting } from '../waits.ts'

const NOW = 1_767_225_600_000
let now = NOW
const clock = { now: () => now }
beforeEach(() => {
  now = NOW
})
afterEach(() => {
  vi.useRealTimers()
})

const account = () => serviceAccount({ key: keyFile() })
const failing = (times: number, answer: Scripted) => endpoint((i) => (i < times ? answer : token(`t${i}`)))

/** The answer or the error of a call, and how long it waited between tries. */
async function call(google: ReturnType<typeof endpoint>) {
  const { result, waits } = await withoutWaiting(async () =>
    google
      .fetch(
        account(),
        clock,
      )(API)
      .then(
        ({ status }) => status,
        (error: AuthError) => error,
      ),
  )
  return { result, waits: waits.filter((ms) => ms >= 1_000) }
}

describe('a token request', () => {
  const sentAgain = async (status: number): Promise<void> => {
    const google = failing(2, { status, text: '{}' })
    const { result, waits } = await call(google)
    expect(result).toBe(200)
    expect(google.forms).toHaveLength(3)
    expect(waits).toEqual([1_000, 2_000])
  }
  test.each([500, 503, 504, 408, 429])('[60] is sent again after %i', sentAgain)
  test('[61] is sent again after 502', () => sentAgain(502))

  const words = ['internal_failure', 'server_error', 'temporarily_unavailable']
  const trouble = words.flatMap((word): [number, object][] => [
    [400, { error: word }],
    [400, { error: 'invalid_request', error_description: word }],
    [401, { error_description: word }],
    [404, { error: '', error_description: `${word}: try again` }],
  ])
  test.each(trouble)('[62] is sent again when a %i says %j', async (status, answer) => {
    const google = failing(1, { status, text: JSON.stringify(answer) })
    expect((await call(google)).result).toBe(200)
    expect(google.forms).toHaveLength(2)
  })

  test('[63] is given up after three tries, and the error says that another may go better', async () => {
    const google = failing(9, { status: 503, text: '{}' })
    const { result } = await call(google)
    expect(google.forms).toHaveLength(3)
    expect(result).toMatchObject({ code: 'auth_failed', retryable: true, status: 503 })
  })

  test('[70] is sent once at least, waits for nothing when that goes well, and has no number of tries to set', async () => {
    const google = endpoint()
    expect(await call(google)).toEqual({ result: 200, waits: [] })
    expect(google.forms).toHaveLength(1)
    expect(() => serviceAccount({ key: keyFile(), maxAttempts: 0 } as never)).toThrow('maxAttempts')
  })

  test.each([400, 401, 403, 404])('[64] is not sent again after %i', async (status) => {
    const google = failing(9, { status, text: '{"error":"invalid_grant"}' })
    expect((await call(google)).result).toMatchObject({ retryable: false })
    expect(google.forms).toHaveLength(1)
  })

  test.each([
    ['[65] that is no JSON', '<html>no</html>', 'http_400'],
    ['[66] without details', '{}', 'http_400'],
    ['[66] that is empty', '', 'http_400'],
    [
      '[67] with a word and what it means',
      '{"error":"invalid_grant","error_description":"Gone."}',
      'invalid_grant: Gone',
    ],
  ])('is refused with an answer %s', async (_, text, expected) => {
    const { result } = await call(failing(9, { status: 400, text }))
    expect((result as AuthError).message).toContain(expected)
    expect((result as AuthError).message).not.toContain('undefined')
  })

  test('[68] is sent again after a connection that broke', async () => {
    const google = endpoint((i) => {
      if (i === 0) throw new TransportError('reset', { reason: 'ECONNRESET', progress: 'sent' })
      return token('t')
    })
    expect((await call(google)).result).toBe(200)
    expect(google.forms).toHaveLength(2)
  })

  test('[71] ends with the time and the signal of the call', async () => {
    const google = endpoint(() => new Promise<never>(() => {}))
    const fetch = google.fetch(account(), clock)
    await expect(fetch(API, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'timeout' })
    await expect(fetch(API, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })

  test('[72] shows neither key nor assertion in its errors', async () => {
    const google = endpoint((_, request) => ({ status: 400, text: JSON.stringify({ error: request.body }) }))
    const { result } = await call(google)
    const assertion = google.forms[0]!.get('assertion')!
    for (const secret of [assertion, assertion.split('.')[2]!, PKCS8.split('\n')[3]!]) {
      expect(String(result)).not.toContain(secret)
      expect(JSON.stringify(result)).not.toContain(secret)
    }
  })
})

describe('a token', () => {
  test.each([
    [3_374_999, 1],
    [3_375_001, 2],
  ])('[73] that is %i ms old is asked for %i times in all', async (age, requests) => {
    const google = endpoint()
    const fetch = google.fetch(account(), clock)
    await fetch(API)
    now += age
    await fetch(API)
    await expect.poll(() => google.forms.length).toBe(requests)
  })

  test.each([
    [3_374_999, true, false],
    [3_375_000, false, true],
    [3_600_001, false, true],
  ])('[73] that is %i ms old is valid: %j, expired: %j', async (age, valid, expired) => {
    const google = endpoint((i) => (i === 0 ? token('t') : { status: 400, text: '{}' }))
    const credentials = account()
    const fetch = google.fetch(credentials, clock)
    expect(credentials).toMatchObject({ valid: false, expired: false })
    await fetch(API)
    now += age
    expect(credentials).toMatchObject({ valid, expired })
  })

  test.each([undefined, 3600])('[74] [86] with expires_in %j is good for an hour', async (expires_in) => {
    const google = endpoint((i) => token(`t${i}`, { expires_in }))
    const fetch = google.fetch(account(), clock)
    await fetch(API)
    now += 3_000_000
    await fetch(API)
    expect(google.forms).toHaveLength(1)
    now += 700_000
    await fetch(API)
    expect(google.forms).toHaveLength(2)
  })

  test('[80] serves while another is fetched', async () => {
    let release = (): void => {}
    const gate = new Promise<void>((resolve) => (release = resolve))
    const google = endpoint(async (i) => (i > 0 ? gate.then(() => token('second')) : token('first')))
    const fetch = google.fetch(account(), clock)
    await fetch(API)
    now += 3_400_000
    await fetch(API)
    expect(google.calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer first',
      'Bearer first',
    ])
    release()
    await expect
      .poll(async () => (await fetch(API), google.calls.at(-1)!.headers['authorization']))
      .toBe('Bearer second')
  })

  test('[81] that could not be renewed ahead of its end: the next call is not made to wait, it serves on, another attempt is made after ten seconds', async () => {
    const google = endpoint((i) =>
      i === 0 ? token('t0') : i === 1 ? { status: 400, text: '{"error":"invalid_grant"}' } : never,
    )
    const never = new Promise<never>(() => {})
    const fetch = google.fetch(account(), clock)
    await fetch(API)
    now += 3_400_000
    await fetch(API)
    await expect.poll(() => google.forms.length).toBe(2)
    await new Promise(setImmediate)
    now += 9_999
    await fetch(API)
    expect(google.forms).toHaveLength(2)
    now += 1
    await fetch(API) // though nothing comes of the third attempt
    await expect.poll(() => google.forms.length).toBe(3)
    expect(google.calls.map(({ headers }) => headers['authorization'])).toEqual(Array(4).fill('Bearer t0'))
  })

  test('[81] that could not be renewed ahead of its end: a call after its end waits for another', async () => {
    const google = endpoint((i) =>
      i === 1 ? { status: 400, text: '{"error":"invalid_grant"}' } : token(`t${i}`),
    )
    const fetch = google.fetch(account(), clock)
    await fetch(API)
    now += 3_400_000
    await fetch(API)
    await expect.poll(() => google.forms.length).toBe(2)
    await new Promise(setImmediate)
    now += 300_000
    await fetch(API)
    expect(google.calls.at(-1)!.headers['authorization']).toBe('Bearer t2')
  })

  test('[85] that lives shorter than it is renewed ahead is not asked for with every call', async () => {
    const google = endpoint((i) => token(`t${i}`, { expires_in: 60 }))
    const fetch = google.fetch(account(), clock)
    for (let i = 0; i < 10; i++) {
      await fetch(API)
      now += 4_000
    }
    expect(google.forms).toHaveLength(1)
  })

  test('[87] is not waited for longer than thirty seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const google = endpoint(() => new Promise<never>(() => {}))
    const waiting = google
      .fetch(
        account(),
        clock,
      )(API)
      .catch((error: unknown) => error)
    for (let i = 0; i < 50 && google.forms.length === 0; i++) await new Promise(setImmediate)
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await waiting).toMatchObject({ code: 'timeout' })
  })
})

describe('a call that is refused', () => {
  /** An API that refuses so many calls with a status, beside a token endpoint. */
  function refusing(status: number, times: number) {
    const google = endpoint()
    const statuses: number[] = []
    const transport: Transport = async (request, context) => {
      const answer = await google.transport(request, context)
      if (request.headers['authorization'] === undefined) return answer
      const given = statuses.length < times ? status : 200
      statuses.push(given)
      return { ...answer, status: given }
    }
    return { google, statuses, fetch: authorizedFetch(account(), { transport, clock }) }
  }

  test('[82] with 401 is sent once more with another token, and no more than that', async () => {
    const once = refusing(401, 1)
    expect((await once.fetch(API)).status).toBe(200)
    expect(once.google.calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer t0',
      'Bearer t1',
    ])
    const always = refusing(401, 9)
    expect((await always.fetch(API)).status).toBe(401)
    expect(always.statuses).toEqual([401, 401])
  })

  test('[83] with 403 keeps its token', async () => {
    const { google, statuses, fetch } = refusing(403, 9)
    expect((await fetch(API)).status).toBe(403)
    expect(statuses).toEqual([403])
    expect(google.forms).toHaveLength(1)
  })

  test('[84] is not sent again with a stream, which can be read once', async () => {
    const { statuses, fetch } = refusing(401, 1)
    const body = new Blob(['x']).stream()
    expect((await fetch(API, { method: 'POST', body })).status).toBe(401)
    expect(statuses).toEqual([401])
  })
})
