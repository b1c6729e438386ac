/** Scenario 102 of the credentials that other libraries have: how the keys that check ID tokens are had and kept. */
import { AuthError, TimeoutError, type Transport, TransportError } from 'discokit'
import { jwksCache, verifyIdToken, type VerifyIdTokenOptions } from 'discokit/auth'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { failureOf } from '../../transport/contexts.ts'
import type { Scripted } from '../endpoint.ts'
import { type IssuerKey, jwks, type KeyServer, keyServer, makeKey, sign } from '../issuer.ts'
import { withoutWaiting } from '../waits.ts'

const NOW = 1_767_225_600_000
const AUDIENCE = 'my-client'
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
let now = NOW
let one: IssuerKey
let two: IssuerKey
beforeAll(async () => {
  ;[one, two] = await Promise.all([makeKey('ES256', 'one'), makeKey('ES256', 'two')])
})
beforeEach(() => {
  now = NOW
})

/** Verifies a token that was made just now. */
async function verify(
  server: { readonly transport: Transport },
  key: IssuerKey = one,
  options: Partial<VerifyIdTokenOptions> = {},
): Promise<string> {
  const iat = now / SECOND
  const claims = { iss: 'https://accounts.google.com', aud: AUDIENCE, sub: 'ada', iat, exp: iat + 3600 }
  const { transport } = server
  const all = { audience: AUDIENCE, transport, clock: { now: () => now }, ...options }
  return (await verifyIdToken(await sign(key, claims), all)).sub
}
const reasonOf = async (...args: Parameters<typeof verify>): Promise<string> =>
  ((await failureOf(verify(...args))) as AuthError).reason

/** Whether the keys are asked for again so many milliseconds after the last verification. */
async function asksAgain(server: KeyServer, afterMs: number): Promise<boolean> {
  const before = server.requests.length
  now += afterMs
  await verify(server)
  return server.requests.length > before
}

describe('keys are kept', () => {
  test.each<[string, Record<string, string>, number]>([
    ['max-age', { 'cache-control': 'public, max-age=7200, must-revalidate' }, 2 * HOUR],
    ['max-age in quotes and capitals', { 'cache-control': 'Max-Age="600"' }, 10 * MINUTE],
    ['what is left of it', { 'cache-control': 'max-age=7200', age: '3600' }, HOUR],
    ['a minute, when it is less', { 'cache-control': 'max-age=0' }, MINUTE],
    ['a minute, when nothing is left of it', { 'cache-control': 'max-age=600', age: '700' }, MINUTE],
    ['a minute, when they should not be kept', { 'cache-control': 'no-store, max-age=600' }, MINUTE],
    ['a day, when it is more', { 'cache-control': 'max-age=99999999' }, 24 * HOUR],
    ['five minutes, when nothing is said', {}, 5 * MINUTE],
    ['five minutes, when it is said for others', { 'cache-control': 's-maxage=7200' }, 5 * MINUTE],
    ['five minutes, when it makes no sense', { 'cache-control': 'max-age=soon', age: '-7' }, 5 * MINUTE],
  ])('[102] for %s', async (_, headers, keptForMs) => {
    const server = keyServer(() => ({ ...jwks([one.jwk]), headers }))
    await verify(server)
    expect(await asksAgain(server, keptForMs - 1)).toBe(false)
    expect(await asksAgain(server, 1)).toBe(true)
    expect(server.requests).toHaveLength(2)
  })

  test('[102] for each address', async () => {
    const server = keyServer((i) => jwks([i === 0 ? one.jwk : two.jwk]))
    const other = { jwksUri: 'https://keys.example.com/jwks' }
    expect(await verify(server)).toBe('ada')
    expect(await verify(server, two, other)).toBe('ada')
    expect(await reasonOf(server, one, other)).toBe('unknown_key')
    expect(await verify(server)).toBe('ada')
    expect(server.requests).toHaveLength(2)
  })

  test('of a hundred addresses, and those that were used longest ago make room', async () => {
    const server = keyServer(() => jwks([one.jwk]))
    const at = (i: number) => verify(server, one, { jwksUri: `https://keys.example.com/${i}` })
    for (let i = 0; i < 100; i++) await at(i)
    for (const i of [50, 0]) await at(i)
    expect(server.requests).toHaveLength(100)
    await at(100)
    expect(server.requests).toHaveLength(101)
    await at(0)
    expect(server.requests).toHaveLength(101)
    await at(1)
    expect(server.requests).toHaveLength(102)
  })

  test('for each transport, or in a cache that transports share', async () => {
    const keys = jwksCache()
    const servers = [0, 1].map(() => keyServer(() => jwks([one.jwk])))
    const asked = (): number[] => servers.map(({ requests }) => requests.length)
    for (const server of servers) await verify(server)
    expect(asked()).toEqual([1, 1])
    for (const server of servers) await verify(server, one, { keys })
    expect(asked()).toEqual([2, 1])
    await verify(servers[0]!, one, { keys: jwksCache() })
    expect(asked()).toEqual([3, 1])
  })

  test('not into a time before they were had', async () => {
    const server = keyServer(() => jwks([one.jwk], 'max-age=600'))
    await verify(server)
    expect(await asksAgain(server, -HOUR)).toBe(true)
  })
})

describe('keys are asked for', () => {
  test('[102] once, by however many verifications', async () => {
    const server = keyServer(() => jwks([one.jwk]))
    const subjects = await Promise.all(Array.from({ length: 100 }, () => verify(server)))
    expect(new Set(subjects)).toEqual(new Set(['ada']))
    expect(server.requests).toHaveLength(1)
    now += HOUR
    await Promise.all(Array.from({ length: 100 }, () => verify(server)))
    expect(server.requests).toHaveLength(2)
  })

  test('[102] when one is not among them, and that once a minute', async () => {
    let keys = [one.jwk]
    const server = keyServer(() => jwks(keys, 'max-age=86400'))
    expect(await reasonOf(server, two)).toBe('unknown_key')
    expect(server.requests).toHaveLength(1)
    now += MINUTE - 1
    keys = [one.jwk, two.jwk]
    expect(await reasonOf(server, two)).toBe('unknown_key')
    expect(server.requests).toHaveLength(1)
    now += 1
    expect(await Promise.all(Array.from({ length: 20 }, () => verify(server, two)))).toEqual(
      Array(20).fill('ada'),
    )
    expect(server.requests).toHaveLength(2)
  })

  test('[102] no more often by tokens with names that somebody made up', async () => {
    const server = keyServer(() => jwks([one.jwk], 'max-age=86400'))
    await verify(server)
    for (let i = 0; i < 50; i++) {
      now += 6 * SECOND
      expect(await reasonOf(server, { ...two, jwk: { ...two.jwk, kid: `made-up-${i}` } })).toBe('unknown_key')
      expect(await verify(server)).toBe('ada')
    }
    expect(server.requests).toHaveLength(6)
  })

  test('[102] by a verification that comes while they are on their way', async () => {
    let arrive = (): void => {}
    const arrived = new Promise<void>((resolve) => (arrive = resolve))
    const server = keyServer(async (i) => {
      if (i === 0) return jwks([one.jwk])
      await arrived
      return jwks([one.jwk, two.jwk])
    })
    await verify(server)
    now += MINUTE
    const waiting = verify(server, two)
    while (server.requests.length < 2) await new Promise((resolve) => setImmediate(resolve))
    const joining = verify(server, two)
    expect(await verify(server)).toBe('ada') // its key is there
    await new Promise((resolve) => setImmediate(resolve))
    arrive()
    expect(await Promise.all([waiting, joining])).toEqual(['ada', 'ada'])
    expect(server.requests).toHaveLength(2)
  })

  test('without the limits of whoever asked first', async () => {
    let arrive = (): void => {}
    const arrived = new Promise<void>((resolve) => (arrive = resolve))
    const server = keyServer(async () => {
      await arrived
      return jwks([one.jwk])
    })
    const abort = new AbortController()
    const gone = failureOf(verify(server, one, { signal: abort.signal }))
    const late = failureOf(verify(server, one, { timeoutMs: 5 }))
    const patient = verify(server)
    expect(await late).toBeInstanceOf(TimeoutError)
    abort.abort(new Error('gone'))
    expect(await gone).toMatchObject({ message: 'gone' })
    arrive()
    expect(await patient).toBe('ada')
    expect(server.requests).toHaveLength(1)
  })

  test('not by one that was aborted before', async () => {
    const server = keyServer(() => jwks([one.jwk]))
    const error = await failureOf(verify(server, one, { signal: AbortSignal.abort(new Error('gone')) }))
    expect(error).toMatchObject({ message: 'gone' })
    expect(server.requests).toEqual([])
  })
})

describe('keys that cannot be had', () => {
  const reset = (): never => {
    throw new TransportError('the connection failed (ECONNRESET)', { reason: 'ECONNRESET', progress: 'sent' })
  }

  test.each<[string, Scripted, boolean]>([
    ['404', { status: 404 }, false],
    [
      'a redirect',
      { status: 302, text: '{"keys":[]}', headers: { location: 'https://elsewhere.example/keys' } },
      false,
    ],
    ['a web page', { text: '<html>hello</html>' }, false],
    ['no list', { text: '{"keys":{}}' }, false],
    ['null', { text: 'null' }, false],
    ['certificates', { text: '{"one":"-----BEGIN CERTIFICATE-----"}' }, false],
    ['too much', { text: `{"keys":[],"a":"${'a'.repeat(262_144)}"}` }, false],
    ['503', { status: 503, text: 'secret-answer' }, true],
    ['429', { status: 429 }, true],
  ])('[102] because the server answers with %s are an error that says so', async (_, answer, retryable) => {
    const server = keyServer(() => answer)
    const { result } = await withoutWaiting(() => failureOf(verify(server)))
    expect(result).toBeInstanceOf(AuthError)
    expect(result).toMatchObject({ reason: 'keys_unavailable', retryable })
    expect(result.message).toContain('www.googleapis.com')
    expect(result.stack).not.toMatch(/secret-answer|hello/)
    expect(server.requests).toHaveLength(retryable ? 3 : 1)
  })

  test('are asked for three times when there are none', async () => {
    const server = keyServer((i) => (i < 2 ? reset() : jwks([one.jwk])))
    const { result, waits } = await withoutWaiting(() => verify(server))
    expect(result).toBe('ada')
    expect(waits).toEqual([1_000, 2_000])
    const broken = keyServer(reset)
    const { result: error } = await withoutWaiting(() => failureOf(verify(broken)))
    expect(error).toMatchObject({ reason: 'keys_unavailable', retryable: true })
    expect(broken.requests).toHaveLength(3)
  })

  test('are asked for by the next one', async () => {
    const server = keyServer((i) => (i === 0 ? { status: 404 } : jwks([one.jwk])))
    expect(await reasonOf(server)).toBe('keys_unavailable')
    expect(await verify(server)).toBe('ada')
  })

  test('are waited for half a minute', async () => {
    const never: Transport = () => new Promise(() => {})
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const state = { settled: false }
      const failing = failureOf(verify({ transport: never })).finally(() => (state.settled = true))
      // The timer is set when the request is made.
      while (!state.settled) {
        await new Promise((resolve) => setImmediate(resolve))
        vi.advanceTimersByTime(30_000)
      }
      expect(await failing).toMatchObject({ reason: 'keys_unavailable', retryable: true })
      expect((await failing).message).toContain('it did not answer within 30000 ms')
    } finally {
      vi.useRealTimers()
    }
  })

  test('[102] leave the old ones to serve for an hour, and are asked for once a minute', async () => {
    let works = true
    const server = keyServer(() => (works ? jwks([one.jwk], 'max-age=600') : reset()))
    await verify(server)
    works = false
    now += 10 * MINUTE
    expect(await verify(server)).toBe('ada')
    expect(server.requests).toHaveLength(2)
    expect(await asksAgain(server, MINUTE - 1)).toBe(false)
    expect(await asksAgain(server, 1)).toBe(true)
    now = NOW + 10 * MINUTE + HOUR - 1
    expect(await verify(server)).toBe('ada')
    now += 1
    expect(await reasonOf(server)).toBe('keys_unavailable')
    works = true
    expect(await verify(server)).toBe('ada')
  })

  test('[102] leave the old ones to serve as long as they hold when another was looked for', async () => {
    let works = true
    const server = keyServer(() => (works ? jwks([one.jwk], 'max-age=3600') : reset()))
    await verify(server)
    works = false
    now += MINUTE
    // Nobody knows whether there is such a key now.
    expect(await reasonOf(server, two)).toBe('keys_unavailable')
    expect(await reasonOf(server, two)).toBe('keys_unavailable')
    expect(server.requests).toHaveLength(2)
    now += 58 * MINUTE
    expect(await verify(server)).toBe('ada')
    expect(server.requests).toHaveLength(2)
    works = true
    expect(await reasonOf(server, two)).toBe('unknown_key')
  })

  test('are not those that were taken back', async () => {
    const server = keyServer((i) => jwks(i === 0 ? [one.jwk, two.jwk] : [two.jwk]))
    expect(await verify(server)).toBe('ada')
    now += 5 * MINUTE
    expect(await reasonOf(server)).toBe('unknown_key')
    expect(await verify(server, two)).toBe('ada')
  })
})
