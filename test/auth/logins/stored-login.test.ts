/** Logins in a store: who renews, what is kept, and what becomes of it when others change it meanwhile. */
import { AuthError, createClient, type Transport } from 'discokit'
import { authorizedFetch, type StoredLoginOptions, userCredentials } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { type LoginStore, memoryLoginStore, oauthClient, type SavedLogin } from 'discokit/login'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { failureOf } from '../../transport/contexts.ts'
import { API, endpoint, type Endpoint, token } from '../endpoint.ts'
import { withoutWaiting } from '../waits.ts'

const NOW = 1_767_225_600_000
const HOUR = 3_600_000
let now = NOW
const clock = { now: () => now }
let store: LoginStore
const client = { clientId: 'client', clientSecret: 'client-secret-canary' }
const login: SavedLogin = { refreshToken: 'refresh-canary-0', scopes: ['openid'] }
beforeEach(() => {
  now = NOW
  store = memoryLoginStore()
})

const ada = (more: Partial<StoredLoginOptions> = {}) =>
  userCredentials({ client, store, account: 'ada', ...more })
const put = async (saved: SavedLogin, account = 'ada'): Promise<void> => {
  expect(await store.put(account, saved, (await store.get(account))?.version)).toBe(true)
}
const kept = async (account = 'ada'): Promise<SavedLogin | undefined> => (await store.get(account))?.login
const sent = ({ calls }: Endpoint): unknown[] => calls.map(({ headers }) => headers['authorization'])
const refreshTokens = ({ forms }: Endpoint): unknown[] => forms.map((form) => form.get('refresh_token'))
/** Each refresh token is good once, as where reuse is detected. */
const rotating = (): Endpoint => {
  const used = new Set<string | null>()
  return endpoint((i, { body }) => {
    const refreshToken = new URLSearchParams(body as string).get('refresh_token')
    if (used.has(refreshToken)) return { status: 400, text: '{"error":"invalid_grant"}' }
    used.add(refreshToken)
    return token(`access-canary-${i}`, { refresh_token: `refresh-canary-${i + 1}` })
  })
}

describe('a login in a store', () => {
  test('is renewed, kept with all that it had, and then used', async () => {
    await put({ ...login, mine: { a: 1 } } as SavedLogin)
    const order: string[] = []
    const google = rotating()
    const watched = {
      ...store,
      put: async (...given: Parameters<LoginStore['put']>) => {
        order.push(given[1].refreshing ? 'lease' : 'put')
        return store.put(...given)
      },
    }
    const onTokens = async ({ refreshToken }: SavedLogin): Promise<void> => {
      await Promise.resolve()
      order.push(`told ${refreshToken}`)
    }
    const onRefreshToken = (refreshToken: string): void => void order.push(`rotated ${refreshToken}`)
    await google.fetch(ada({ store: watched, onTokens, onRefreshToken }), clock)(API)
    order.push(...sent(google).map(String))
    expect(order).toEqual([
      'lease',
      'put',
      'told refresh-canary-1',
      'rotated refresh-canary-1',
      'Bearer access-canary-0',
    ])
    expect(await kept()).toEqual({
      ...login,
      mine: { a: 1 },
      accessToken: 'access-canary-0',
      expiresAt: NOW + HOUR,
      refreshToken: 'refresh-canary-1',
    })
    now += HOUR
    await google.fetch(ada(), clock)(API)
    expect(refreshTokens(google)).toEqual(['refresh-canary-0', 'refresh-canary-1'])
  })

  test.each([
    [226_000, 0],
    [225_000, 1],
    [-1, 1],
    [undefined, 0],
  ])('whose access token has %s ms left is renewed %i times', async (left, renewals) => {
    await put({ ...login, accessToken: 'theirs', ...(left !== undefined && { expiresAt: NOW + left }) })
    const google = endpoint()
    await google.fetch(ada(), clock)(API)
    expect(google.forms).toHaveLength(renewals)
    expect(sent(google)).toEqual([renewals === 0 ? 'Bearer theirs' : 'Bearer t0'])
  })

  test('is renewed once for a thousand callers', async () => {
    await put(login)
    const google = rotating()
    const fetch = google.fetch(ada(), clock)
    await Promise.all(Array.from({ length: 1_000 }, () => fetch(API)))
    expect(google.forms).toHaveLength(1)
  })

  test('is renewed once for several credentials, whoever comes first', async () => {
    await put(login)
    const google = rotating()
    const fetches = Array.from({ length: 10 }, () => google.fetch(ada(), clock))
    for (let round = 1; round <= 2; round++) {
      const { result } = await withoutWaiting(() => Promise.all(fetches.map((fetch) => fetch(API))))
      expect(result.map(({ status }) => status)).toEqual(Array(10).fill(200))
      expect(google.forms).toHaveLength(round)
      now += HOUR
    }
    expect((await kept())?.refreshing).toBeUndefined()
  })

  test('is one for each account', async () => {
    for (const account of ['ada', 'grace/a', '__proto__'])
      await put({ ...login, refreshToken: `refresh of ${account}`.replaceAll(' ', '-') }, account)
    const google = endpoint()
    for (const account of ['ada', 'grace/a', '__proto__']) await google.fetch(ada({ account }), clock)(API)
    expect(refreshTokens(google)).toEqual(['refresh-of-ada', 'refresh-of-grace/a', 'refresh-of-__proto__'])
    expect((await kept('grace/a'))?.accessToken).toBe('t1')
  })

  test('may say itself which client it was given to', async () => {
    await put({ ...login, client: { clientId: 'kept', clientSecret: 's', clientAuthentication: 'basic' } })
    const google = endpoint()
    await google.fetch(userCredentials({ store, account: 'ada' }), clock)(API)
    expect(google.tokenRequests[0]!.headers['authorization']).toMatch(/^Basic /)
  })

  test.each<[string, SavedLogin, Partial<StoredLoginOptions>, string]>([
    ['no client', login, { client: undefined }, 'no_client'],
    ['another client', { ...login, client: { clientId: 'other' } }, {}, 'other_client'],
    [
      'a client of another place',
      { ...login, client: { clientId: 'c', tokenUri: 'https://evil.example/token' } },
      { client: undefined },
      'origin_not_allowed',
    ],
    ['no refresh token', { accessToken: 'a', expiresAt: NOW }, {}, 'no_refresh_token'],
  ])('with %s is refused before anything is sent', async (_, saved, more, reason) => {
    await put(saved)
    const google = endpoint()
    expect(await failureOf(google.fetch(ada(more), clock)(API))).toMatchObject({ reason })
    expect([google.forms.length, (await kept())?.refreshing]).toEqual([0, undefined])
  })

  test('with an access token alone works to its end', async () => {
    await put({ accessToken: 'alone', expiresAt: NOW + 60_000 })
    const fetch = endpoint().fetch(ada(), clock)
    expect((await fetch(API)).status).toBe(200)
    now += 60_000
    expect(await failureOf(fetch(API))).toMatchObject({ reason: 'no_refresh_token' })
  })

  test('that is not there has to be made first', async () => {
    const error = await failureOf(endpoint().fetch(ada(), clock)(API))
    expect([error, error.reason]).toMatchObject([expect.any(AuthError), 'no_such_account'])
    expect(error.message).toContain('Log in first')
  })

  test('says what was granted, as it is now', async () => {
    await put(login)
    expect(await ada().grantedScopes()).toEqual(['openid'])
    const google = endpoint(() => token('t', { scope: 'openid email' }))
    await google.fetch(ada(), clock)(API)
    expect(await ada().grantedScopes()).toEqual(['openid', 'email'])
  })

  test('is deleted when it is revoked, and what came in its place is not', async () => {
    await put({ ...login, accessToken: 'a' })
    const google = endpoint(() => ({ text: '{}' }))
    await ada().revoke({ transport: google.transport, clock })
    expect(google.forms[0]!.get('token')).toBe('refresh-canary-0')
    expect(await kept()).toBeUndefined()
    await put(login)
    const other = endpoint(() => ({ text: '{}' }))
    const transport: Transport = async (...sending) => {
      await put({ refreshToken: 'newer' })
      return other.transport(...sending)
    }
    await ada().revoke({ transport, clock })
    expect((await kept())?.refreshToken).toBe('newer')
  })
})

describe('a refused access token', () => {
  /** Refuses all but one. */
  const only =
    (google: Endpoint, good: string): Transport =>
    async (request, context) => {
      const answer = await google.transport(request, context)
      const isBad = request.url === API && request.headers['authorization'] !== `Bearer ${good}`
      return isBad ? { ...answer, status: 401 } : answer
    }

  test('is renewed once', async () => {
    await put({ ...login, accessToken: 'theirs', expiresAt: NOW + HOUR })
    const google = endpoint()
    const fetch = authorizedFetch(ada(), { transport: only(google, 't0'), clock })
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await fetch(API)).status))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect([google.forms.length, (await kept())?.accessToken]).toEqual([1, 't0'])
  })

  test('is not renewed where the store has another already', async () => {
    await put({ ...login, accessToken: 'theirs', expiresAt: NOW + HOUR })
    const google = endpoint()
    const fetch = authorizedFetch(ada(), { transport: only(google, 'newer'), clock })
    const before = fetch(API)
    await put({ ...login, accessToken: 'newer', expiresAt: NOW + HOUR })
    expect((await before).status).toBe(200)
    expect(google.forms).toHaveLength(0)
  })

  test('of an access token alone ends the login', async () => {
    await put({ accessToken: 'alone' })
    const fetch = authorizedFetch(ada(), { transport: only(endpoint(), 'other'), clock })
    expect(await failureOf(fetch(API))).toMatchObject({ reason: 'no_refresh_token' })
  })
})

describe('while another renews it', () => {
  const leased = (until: number): Promise<void> => put({ ...login, refreshing: { by: 'another', until } })

  test('its tokens are awaited', async () => {
    await leased(NOW + 20_000)
    const google = endpoint()
    let reads = 0
    const watched: LoginStore = {
      ...store,
      async get(account) {
        if (++reads === 4) await put({ ...login, accessToken: 'theirs', expiresAt: NOW + HOUR })
        return store.get(account)
      },
    }
    const { waits } = await withoutWaiting(() => google.fetch(ada({ store: watched }), clock)(API))
    expect([google.forms.length, ...sent(google)]).toEqual([0, 'Bearer theirs'])
    expect(waits).toEqual([50, 100, 200])
  })

  test.each([
    ['died', NOW + 20_000],
    ['has a clock that is a year ahead', NOW + 365 * 24 * HOUR],
  ])('who %s, it is free after 20 seconds', async (_, until) => {
    await leased(until)
    const google = endpoint()
    const { waits } = await withoutWaiting(() => google.fetch(ada(), clock)(API))
    expect(google.forms).toHaveLength(1)
    const waited = waits.reduce((sum, wait) => sum + wait, 0)
    expect(waited).toBeGreaterThanOrEqual(20_000)
    expect(waited).toBeLessThan(21_000)
    expect((await kept())?.refreshing).toBeUndefined()
  })

  test('whose time has ended, nobody waits', async () => {
    await leased(NOW)
    const { waits } = await withoutWaiting(() => endpoint().fetch(ada(), clock)(API))
    expect(waits).toEqual([])
  })

  test('and fails, the next one tries', async () => {
    await put(login)
    const google = endpoint((i) =>
      i === 0 ? { status: 400, text: '{"error":"invalid_client"}' } : token(`t${i}`),
    )
    const { result } = await withoutWaiting(() =>
      Promise.allSettled([ada(), ada()].map((credentials) => google.fetch(credentials, clock)(API))),
    )
    expect(result.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect((await kept())?.refreshing).toBeUndefined()
  })
})

describe('what others put there meanwhile', () => {
  /** Does something while the token endpoint is asked. */
  const during = (change: () => Promise<unknown>, answer = token('ours', { refresh_token: 'rotated' })) =>
    endpoint(async (i) => {
      if (i === 0) await change()
      return answer
    })

  test('a new login stays, and is used', async () => {
    await put(login)
    const newer = { refreshToken: 'newer', accessToken: 'theirs', expiresAt: NOW + HOUR }
    const google = during(() => put(newer))
    await google.fetch(ada(), clock)(API)
    expect([await kept(), sent(google)]).toEqual([newer, ['Bearer theirs']])
  })

  test('another access token stays, with the refresh token that took the place of the old one', async () => {
    await put(login)
    const newer = { ...login, accessToken: 'theirs', expiresAt: NOW + HOUR, scopes: ['openid', 'more'] }
    await during(() => put(newer)).fetch(ada(), clock)(API)
    expect(await kept()).toEqual({ ...newer, refreshToken: 'rotated' })
  })

  test('a member of a program stays', async () => {
    await put(login)
    const google = during(async () => put({ ...(await kept())!, mine: 1 } as SavedLogin))
    await google.fetch(ada(), clock)(API)
    expect(await kept()).toMatchObject({ mine: 1, refreshToken: 'rotated', accessToken: 'ours' })
  })

  test('a logout stays', async () => {
    await put(login)
    const google = during(() => store.delete('ada'))
    expect(await failureOf(google.fetch(ada(), clock)(API))).toMatchObject({ reason: 'no_such_account' })
    expect([await kept(), google.calls.length]).toEqual([undefined, 0])
  })

  test('a refresh token is tried when the old one is worth nothing', async () => {
    await put(login)
    const google = endpoint(async (i) => {
      if (i > 0) return token('t')
      await put({ refreshToken: 'newer' })
      return { status: 400, text: '{"error":"invalid_grant"}' }
    })
    expect((await google.fetch(ada(), clock)(API)).status).toBe(200)
    expect(refreshTokens(google)).toEqual(['refresh-canary-0', 'newer'])
  })

  test('without one, the error names the causes, and nobody has the lease', async () => {
    await put(login)
    const google = endpoint(() => ({ status: 400, text: '{"error":"invalid_grant"}' }))
    const error = await failureOf(google.fetch(ada(), clock)(API))
    expect([error.reason, google.forms.length, await kept()]).toEqual(['invalid_grant', 1, login])
    for (const cause of [
      'took the consent back',
      'password',
      'six months',
      'seven days',
      'Testing',
      'replaced',
      'log in again',
    ])
      expect(error.message).toContain(cause)
    expect(error.message).toContain('the account ada')
  })
})

describe('a store', () => {
  const failing = (name: keyof LoginStore, fails = (_: SavedLogin) => true): LoginStore => ({
    ...store,
    [name]: async (...given: never[]) => {
      if (fails(given[1]!))
        throw Object.assign(new Error(`cannot ${JSON.stringify(given)} refresh-canary-0`), {
          code: 'ECONNREFUSED',
        })
      return (store[name] as (...given: never[]) => unknown)(...given)
    },
  })

  test.each<[keyof LoginStore, string]>([
    ['get', 'read'],
    ['put', 'keep'],
  ])('that fails at %s is told as such, without secrets', async (name, verb) => {
    await put(login)
    const google = endpoint()
    const error = await failureOf(google.fetch(ada({ store: failing(name) }), clock)(API))
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ reason: 'store_failed', retryable: true })
    expect(error.message).toBe(
      `the store could not ${verb} the login of the account ada: it failed with Error ECONNREFUSED`,
    )
    expect(JSON.stringify(error) + String(error.stack)).not.toContain('canary')
    expect(google.forms).toHaveLength(0)
  })

  test('that fails when tokens were renewed has them when it is back', async () => {
    await put(login)
    let isDown = true
    const broken = failing('put', (given) => isDown && given.refreshing === undefined)
    const google = rotating()
    const fetch = google.fetch(ada({ store: broken }), clock)
    const { result } = await withoutWaiting(() => failureOf(fetch(API)))
    expect(result).toMatchObject({ reason: 'store_failed' })
    expect((await kept())?.refreshing).toBeDefined() // the old refresh token is worth nothing: nobody may use it
    isDown = false
    expect((await fetch(API)).status).toBe(200)
    expect([google.forms.length, (await kept())?.refreshToken]).toEqual([1, 'refresh-canary-1'])
  })

  test('that fails for a moment is asked again', async () => {
    await put(login)
    let failures = 0
    const broken = failing('put', (given) => given.refreshing === undefined && failures++ < 2)
    const google = rotating()
    const { result } = await withoutWaiting(() => google.fetch(ada({ store: broken }), clock)(API))
    expect([result.status, (await kept())?.refreshToken]).toEqual([200, 'refresh-canary-1'])
  })

  test.each<[string, unknown]>([
    ['a text', 'refresh-canary-0'],
    ['a list', []],
    ['an empty object', {}],
    ['a refresh token that is none', { refreshToken: 'refresh canary' }],
    ['an end that is none', { refreshToken: 'canary', expiresAt: 'canary' }],
    ['scopes that are none', { refreshToken: 'canary', scopes: [7] }],
    ['a lease that is none', { refreshToken: 'canary', refreshing: 'canary' }],
    ['a client that is none', { refreshToken: 'canary', client: { clientId: 7 } }],
  ])('that gives %s has a login that cannot be used', async (_, saved) => {
    const broken = { ...store, get: async () => ({ login: saved as SavedLogin, version: '1' }) }
    const error = await failureOf(endpoint().fetch(ada({ store: broken }), clock)(API))
    expect(error).toMatchObject({ reason: 'unreadable_login' })
    expect(error.message).not.toContain('canary')
  })

  test('that is not atomic has no lease, and loses nothing that is there first', async () => {
    await put(login)
    const puts: SavedLogin[] = []
    const plain: LoginStore = {
      ...store,
      atomic: false,
      put: async (account, given) => {
        puts.push(given)
        return store.put(account, given, (await store.get(account))?.version)
      },
    }
    const google = endpoint(async () => {
      await put({ refreshToken: 'newer' })
      return token('t')
    })
    await google.fetch(ada({ store: plain }), clock)(API)
    expect([puts, await kept()]).toEqual([[], { refreshToken: 'newer' }])
    now += HOUR
    await google.fetch(ada({ store: plain }), clock)(API)
    expect(puts.some(({ refreshing }) => refreshing)).toBe(false)
  })

  test('has the new refresh token, though the access token cannot be used', async () => {
    await put(login)
    const google = endpoint(() => token('a b', { refresh_token: 'rotated' }))
    expect(await failureOf(google.fetch(ada(), clock)(API))).toMatchObject({ reason: 'unreadable_answer' })
    expect(await kept()).toEqual({ ...login, refreshToken: 'rotated' })
  })

  test('has the tokens though the program could not be told; it is told again', async () => {
    await put(login)
    const told: unknown[] = []
    const onTokens = async ({ accessToken }: SavedLogin): Promise<void> => {
      told.push(accessToken)
      if (told.length === 1) throw new RangeError('the queue is full')
    }
    const google = endpoint()
    const fetch = google.fetch(ada({ onTokens }), clock)
    await expect(fetch(API)).rejects.toThrow('the queue is full')
    expect((await kept())?.accessToken).toBe('t0')
    expect((await fetch(API)).status).toBe(200)
    expect([told, google.forms.length]).toEqual([['t0', 't0'], 1])
  })
})

describe('against the emulator', () => {
  const BACK = 'https://app.example.com/back'
  async function signedIn(emulator: Emulator, scopes: readonly string[]) {
    const { clientId, clientSecret } = emulator.oauthClient({ redirectUris: [BACK], rotating: true })
    const { transport } = emulator.connect()
    const oauth = oauthClient({ clientId, clientSecret, redirectUri: BACK, transport, clock: emulator.clock })
    const { url, request } = await oauth.authorizationUrl({ scopes, accessType: 'offline' })
    return { oauth, tokens: await oauth.finish(emulator.consent(url, { email: 'ada@example.com' }), request) }
  }
  const DRIVE = 'https://www.googleapis.com/auth/drive.file'

  test('an OAuthClient renews its logins, says what was granted, asks for more and takes it back', async () => {
    await using emulator = await createEmulator()
    const { oauth, tokens } = await signedIn(emulator, [DRIVE])
    await put(tokens)
    const auth = ada({ client: oauth })
    const google = createClient({ ...emulator.connect(), auth })
    const drive = await google.discover('drive:v3')
    for (let day = 0; day < 3; day++) {
      await drive['files'].list()
      emulator.clock.advance(24 * HOUR)
    }
    expect((await kept())?.refreshToken).not.toBe(tokens.refreshToken)
    expect(await auth.grantedScopes()).toEqual([DRIVE])
    expect((await auth.authorizationUrl!({ scopes: ['openid', 'email'] })).url).toContain('scope=openid')
    emulator.revokeTokens()
    await drive['files'].list()
    await auth.revoke()
    expect(await kept()).toBeUndefined()
    emulator.revokeTokens()
    expect(await failureOf(drive['files'].list())).toMatchObject({ reason: 'no_such_account' })
  })

  test('consent that was taken back ends the login', async () => {
    await using emulator = await createEmulator()
    const { oauth, tokens } = await signedIn(emulator, [DRIVE])
    await put(tokens)
    emulator.revokeConsents()
    emulator.clock.advance(HOUR)
    const { transport } = emulator.connect()
    const fetch = authorizedFetch(ada({ client: oauth }), { transport: transport!, clock: emulator.clock })
    expect(await failureOf(fetch(API))).toMatchObject({ reason: 'invalid_grant' })
  })
})

test('no timer is left behind', async () => {
  await put(login)
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    await endpoint().fetch(ada(), clock)(API)
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
