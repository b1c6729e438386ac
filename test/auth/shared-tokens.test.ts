/** Programs that share tokens through a store: who shares what, and what becomes of it when the store is not as it should be. */
import { generateKeyPairSync } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { createClient, type HttpRequest, ValidationError } from 'discokit'
import {
  assertionCredentials,
  authorizedFetch,
  type Credentials,
  idTokenCredentials,
  impersonated,
  keySigner,
  memoryTokenStore,
  metadataCredentials,
  serviceAccount,
  type SharedTokens,
  sharedTokens,
  type StoredToken,
  type TokenStore,
  userCredentials,
  type UserCredentialsOptions,
} from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { describe, expect, test, vi } from 'vitest'
import { failureOf } from '../transport/contexts.ts'
import { API, endpoint, type Endpoint, scripted, token } from './endpoint.ts'
import { keyFile, PKCS8 } from './keys.ts'
import { simulatedGoogle } from './simulated-google.ts'

const NOW = 1_767_225_600_000
const clock = { now: () => NOW }

const ada = { clientId: 'client', clientSecret: 'secret', refreshToken: 'refresh' }
const user = (more: Partial<UserCredentialsOptions> = {}) => userCredentials({ ...ada, ...more })
const account = (more: Partial<Parameters<typeof serviceAccount>[0]> = {}) =>
  serviceAccount({ key: keyFile(), ...more })
const signer = keySigner({ privateKey: PKCS8 })
const assertion = (more: Partial<Parameters<typeof assertionCredentials>[0]> = {}) =>
  assertionCredentials({ tokenEndpoint: 'https://auth.example.com/token', issuer: 'me', signer, ...more })
const identity = (more: Partial<Parameters<typeof idTokenCredentials>[0]> = {}) =>
  idTokenCredentials({ key: keyFile(), targetAudience: 'https://my-service.a.run.app', ...more })

/** Another program: it has nothing in common with the others but the store. */
const program = (
  google: Pick<Endpoint, 'transport'>,
  credentials: Credentials,
  store: TokenStore,
  now = clock,
) =>
  authorizedFetch(credentials, { transport: google.transport, tokenStore: sharedTokens(store), clock: now })

/** A token endpoint with access tokens and ID tokens. */
function tokens(lifetimeS = 3_600): Endpoint {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url')
  const claims = { exp: NOW / 1_000 + lifetimeS, iat: NOW / 1_000 }
  return endpoint((i) =>
    token(`t${i}`, {
      id_token: `${part({ alg: 'RS256' })}.${part({ ...claims, jti: i })}.c2ln`,
      expires_in: lifetimeS,
    }),
  )
}

const sent = ({ calls }: { readonly calls: readonly HttpRequest[] }): unknown[] =>
  calls.map(({ headers }) => headers['authorization'])

/** A store that notes what it sees. */
function watched(store: TokenStore = memoryTokenStore()) {
  const gets: string[] = []
  const puts: { key: string; token: StoredToken; ifVersion: string | undefined }[] = []
  return {
    gets,
    puts,
    async get(key: string) {
      gets.push(key)
      return store.get(key)
    },
    async put(key: string, stored: StoredToken, ifVersion: string | undefined) {
      puts.push({ key, token: stored, ifVersion })
      return store.put(key, stored, ifVersion)
    },
  }
}

describe('programs with one store', () => {
  test.each<[string, () => Credentials]>([
    ['a service account', account],
    [
      'a service account that acts for somebody',
      () => account({ subject: 'ada@example.com', claims: { a: 1 } }),
    ],
    [
      'a service account with a signer',
      () => serviceAccount({ signer, email: 'robot@p.iam.gserviceaccount.com' }),
    ],
    ['an ID token', identity],
    ['a person', user],
    ['a person whose client says who it is in a header', () => user({ clientAuthentication: 'basic' })],
    ['an assertion', assertion],
  ])('have one token of %s', async (_, credentials) => {
    const google = tokens()
    const store = memoryTokenStore()
    for (let i = 0; i < 3; i++) await program(google, credentials(), store)(API)
    expect(google.tokenRequests).toHaveLength(1)
    expect(new Set(sent(google)).size).toBe(1)
    await google.fetch(credentials(), clock)(API) // without the store
    expect(google.tokenRequests).toHaveLength(2)
  })

  const another = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const PEM = another.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  test.each<[string, Credentials, Credentials]>([
    ['scopes', account({ scopes: ['a'] }), account({ scopes: ['a', 'b'] })],
    ['subject', account({ subject: 'ada@example.com' }), account({ subject: 'bob@example.com' })],
    ['claims', account(), account({ claims: { a: 1 } })],
    ['token endpoint', account(), account({ tokenUri: 'https://sts.googleapis.com/token' })],
    ['key', account(), serviceAccount({ key: keyFile({ private_key: PEM }) })],
    ['kind', account(), identity()],
    ['audience', identity(), identity({ targetAudience: 'https://other.a.run.app' })],
    ['refresh token', user(), user({ refreshToken: 'other' })],
    ['client', user(), user({ clientId: 'other' })],
    ['client secret', user(), user({ clientSecret: 'other' })],
    ['scopes', user(), user({ scopes: ['a'] })],
    ['issuer', assertion(), assertion({ issuer: 'you' })],
    ['audience', assertion(), assertion({ audience: 'https://example.com' })],
    ['header', assertion(), assertion({ header: { typ: 'at+jwt' } })],
    ['scope', assertion(), assertion({ scope: 'a' })],
  ])('have tokens of their own for another %s', async (_, one, other) => {
    const google = tokens()
    const store = watched()
    await program(google, one, store)(API)
    await program(google, other, store)(API)
    expect(google.tokenRequests).toHaveLength(2)
    expect(new Set(store.puts.map(({ key }) => key)).size).toBe(2)
  })

  const pem = (curve: string): string =>
    generateKeyPairSync('ec', { namedCurve: curve })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString()
  test.each<[string, () => Credentials]>([
    ['the machine', metadataCredentials],
    ['an account that signs its tokens', () => account({ scopes: ['a'], alwaysUseJwtAccess: true })],
    ['ECDSA', () => assertion({ signer: keySigner({ privateKey: pem('P-256'), algorithm: 'ES256' }) })],
    ['PSS', () => assertion({ signer: keySigner({ privateKey: PKCS8, algorithm: 'PS256' }) })],
  ])('keep no tokens of %s there', async (_, credentials) => {
    const answer = { text: JSON.stringify({ access_token: 't', expires_in: 3_600, token_type: 'Bearer' }) }
    const google = scripted(() => ({ ...answer, headers: { 'metadata-flavor': 'Google' } }))
    const store = watched()
    expect((await program(google, credentials(), store)(API)).status).toBe(200)
    expect([store.gets, store.puts]).toEqual([[], []])
  })

  test('share the token of the account that speaks for another', async () => {
    const expireTime = new Date(NOW + 3_600_000).toISOString()
    const google = scripted(({ url }) =>
      url.includes('iamcredentials')
        ? {
            text: JSON.stringify({ accessToken: 'other', expireTime }),
            headers: { date: new Date(NOW).toUTCString() },
          }
        : token('own'),
    )
    const store = watched()
    const robot = 'robot@p.iam.gserviceaccount.com'
    for (let i = 0; i < 2; i++)
      await program(google, impersonated({ source: account(), serviceAccount: robot }), store)(API)
    expect(google.asked.map(({ url }) => new URL(url).host)).toEqual([
      'oauth2.googleapis.com',
      'iamcredentials.googleapis.com',
      'iamcredentials.googleapis.com',
    ])
    expect(store.puts.map(({ token: { value } }) => value)).toEqual(['own'])
  })

  test('tell the store a hash, the token and its end, and nothing else', async () => {
    const google = tokens()
    const store = watched()
    for (const credentials of [account(), user(), assertion()]) await program(google, credentials, store)(API)
    expect(store.gets).toEqual(store.puts.map(({ key }) => key))
    expect(store.puts).toEqual(
      ['t0', 't1', 't2'].map((value) => ({
        key: expect.stringMatching(/^[0-9a-f]{64}$/),
        token: { value, expiresAt: NOW + 3_600_000 },
        ifVersion: undefined,
      })),
    )
  })

  test('put ends there that are whole numbers, whatever the clock says', async () => {
    const store = watched()
    await program(tokens(3_599.5), account(), store, { now: () => NOW + 0.75 })(API)
    expect(store.puts[0]!.token.expiresAt).toBe(NOW + 3_599_500)
  })

  test('share over clients too', async () => {
    const emulator = await createEmulator()
    const store = memoryTokenStore()
    const key = await emulator.serviceAccountKey()
    for (let i = 0; i < 2; i++) {
      const auth = serviceAccount({ key: { ...key } })
      const google = createClient({ ...emulator.connect(), auth, tokenStore: sharedTokens(store) })
      const storage = await google.discover('storage:v1')
      await storage['buckets'].list({ project: 'p' })
    }
    const asked = emulator.journal.exchanges.filter(({ methodId }) => methodId === 'oauth2.token')
    expect(asked).toHaveLength(1)
    await emulator.close()
  })

  test('keep a refresh token that was replaced to themselves', async () => {
    const google = endpoint((i) => token(`t${i}`, { refresh_token: `rotated-${i}`, expires_in: 3_600 }))
    const store = watched()
    const kept: string[] = []
    const time = { now: NOW }
    const now = { now: () => time.now }
    const fetch = program(google, user({ onRefreshToken: (value) => void kept.push(value) }), store, now)
    await fetch(API)
    await program(google, user(), store, now)(API)
    time.now += 3_600_000
    await fetch(API)
    expect(google.forms.map((form) => form.get('refresh_token'))).toEqual(['refresh', 'rotated-0'])
    expect(kept).toEqual(['rotated-0', 'rotated-1'])
    expect(JSON.stringify(store.puts)).not.toContain('rotated')
  })
})

describe('a token of the store', () => {
  /** Two programs, of which one got a token some time ago. */
  async function later(ms: number) {
    const google = tokens()
    const store = watched()
    const time = { now: NOW }
    const now = { now: () => time.now }
    await program(google, account(), store, now)(API)
    time.now += ms
    await program(google, account(), store, now)(API)
    return { google, store }
  }

  test('is taken while more than ten minutes of its life are left', async () => {
    expect((await later(3_600_000 - 601_000)).google.tokenRequests).toHaveLength(1)
  })

  test('is replaced when less is left', async () => {
    const { google, store } = await later(3_600_000 - 600_000)
    expect(google.tokenRequests).toHaveLength(2)
    expect(store.puts[1]).toMatchObject({ token: { value: 't1' }, ifVersion: '1' })
  })

  test('was not put there when it lives ten minutes only', async () => {
    const google = tokens(600)
    const store = watched()
    for (let i = 0; i < 2; i++) await program(google, account(), store)(API)
    expect(google.tokenRequests).toHaveLength(2)
    expect(store.puts).toEqual([])
  })

  test('is used for as long as another clock may be ahead of ours', async () => {
    const google = simulatedGoogle(() => NOW + 300_000)
    const store = memoryTokenStore()
    await program(google, account(), store, { now: () => NOW + 300_000 })(API)
    const time = { now: NOW }
    const fetch = program(google, account(), store, { now: () => time.now })
    await fetch(API)
    time.now = NOW + 3_600_000 - 1_000
    await fetch(API)
    expect(google.tokenRequests).toBe(2)
  })

  test('is taken in place of an own one when another program was faster', async () => {
    const google = tokens()
    const memory = memoryTokenStore()
    let isFirst = true
    const store: TokenStore = {
      get: (key) => memory.get(key),
      async put(key, stored, ifVersion) {
        if (isFirst) await memory.put(key, { value: 'theirs', expiresAt: NOW + 3_600_000 }, ifVersion)
        isFirst = false
        return memory.put(key, stored, ifVersion)
      },
    }
    await program(google, account(), store)(API)
    expect(sent(google)).toEqual(['Bearer theirs'])
  })

  test.each([
    ['that has ended', { value: 'theirs', expiresAt: NOW, version: '1' }],
    ['that is none', {}],
    ['that is gone', undefined],
  ])('%s is not taken, though another program was faster', async (_, stored) => {
    const google = tokens()
    const store: TokenStore = { get: async () => stored as never, put: async () => false }
    const fetch = program(google, account(), store)
    await fetch(API)
    await fetch(API)
    expect(sent(google)).toEqual(['Bearer t0', 'Bearer t0'])
  })
})

describe('a token that a server refused', () => {
  /** An API that lets in only with the tokens that are good. */
  function guarded(good: () => string) {
    const google = tokens()
    return {
      ...google,
      transport: (async (request, context) => {
        const answer = await google.transport(request, context)
        const isCall = request.url === API && request.headers['authorization'] !== `Bearer ${good()}`
        return isCall ? { ...answer, status: 401 } : answer
      }) as typeof google.transport,
    }
  }

  test('is not taken from the store again, and replaced there', async () => {
    let good = 't0'
    const google = guarded(() => good)
    const store = memoryTokenStore()
    const one = program(google, account(), store)
    const two = program(google, account(), store)
    await one(API)
    await two(API)
    good = 't1'
    expect((await one(API)).status).toBe(200)
    expect((await two(API)).status).toBe(200) // with the token that the other got
    expect(google.tokenRequests).toHaveLength(2)
    expect(sent(google)).toEqual(['t0', 't0', 't0', 't1', 't0', 't1'].map((value) => `Bearer ${value}`))
  })

  test('is not taken by another credential of the program', async () => {
    const google = guarded(() => 't1')
    const tokenStore = sharedTokens(memoryTokenStore())
    const options = { transport: google.transport, tokenStore, clock }
    await authorizedFetch(account(), options)(API)
    await authorizedFetch(account(), options)(API)
    expect(sent(google)).toEqual(['Bearer t0', 'Bearer t1', 'Bearer t1'])
  })

  test('is not taken when no other could be had meanwhile', async () => {
    const google = endpoint((i) =>
      i === 1 ? { status: 400, text: '{"error":"invalid_grant"}' } : token(`t${i}`),
    )
    const transport: typeof google.transport = async (request, context) => {
      const answer = await google.transport(request, context)
      return request.headers['authorization'] === 'Bearer t0' ? { ...answer, status: 401 } : answer
    }
    const fetch = program({ transport }, account(), memoryTokenStore())
    expect(await failureOf(fetch(API))).toMatchObject({ reason: 'invalid_grant' })
    expect((await fetch(API)).status).toBe(200)
    expect(sent(google)).toEqual(['Bearer t0', 'Bearer t2'])
  })

  test('for a part of a batch is not taken from the store again', async () => {
    const emulator = await createEmulator()
    const store = watched()
    const google = createClient({
      ...emulator.connect(),
      auth: emulator.serviceAccount(),
      tokenStore: sharedTokens(store),
    })
    const storage = await google.discover('storage:v1')
    await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
    emulator.revokeTokens()
    const [result] = await google.batch([storage['buckets'].get.prepare({ bucket: 'box' })])
    expect(result).toMatchObject({ status: 'fulfilled' })
    expect(store.puts.map(({ ifVersion }) => ifVersion)).toEqual([undefined, '1'])
    await emulator.close()
  })
})

describe('a store that', () => {
  const broken = (): never => {
    throw new Error('the store is down')
  }
  const nothing: TokenStore = { get: async () => undefined, put: async () => true }
  test.each<[string, TokenStore]>([
    ['fails when read', { ...nothing, get: async () => broken() }],
    ['fails at once when read', { ...nothing, get: broken }],
    ['fails when written', { ...nothing, put: async () => broken() }],
    ['fails at once when written', { ...nothing, put: broken }],
    ['says that nothing was put, and has nothing', { ...nothing, put: async () => false }],
  ])('%s breaks no call', async (_, store) => {
    const google = tokens()
    const fetch = program(google, account(), store)
    for (let i = 0; i < 2; i++) expect((await fetch(API)).status).toBe(200)
    expect(sent(google)).toEqual(['Bearer t0', 'Bearer t0'])
  })

  test.each(['get', 'put'] as const)('hangs at %s keeps a call for two seconds', async (name) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const google = tokens()
      let hang = (): void => {}
      const hanging = new Promise<void>((resolve) => (hang = resolve))
      const store = { ...nothing, [name]: () => (hang(), new Promise<never>(() => {})) }
      const answer = program(google, account(), store)(API)
      await hanging
      await vi.advanceTimersByTimeAsync(1_999)
      expect(google.calls).toHaveLength(0)
      await vi.advanceTimersByTimeAsync(1)
      expect((await answer).status).toBe(200)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  const END = NOW + 3_600_000
  test.each([
    ['null', null],
    ['a text', 'token'],
    ['a list', [1]],
    ['no value', { expiresAt: END }],
    ['an empty value', { value: '', expiresAt: END }],
    ['a value that is no text', { value: 7, expiresAt: END }],
    ['a value with a line break', { value: 'a\r\nx-evil: 1', expiresAt: END }],
    ['a value with a space', { value: 'a b', expiresAt: END }],
    ['a value that is far too long', { value: 'x'.repeat(20_000), expiresAt: END }],
    ['no end', { value: 'bad' }],
    ['an end that is no number', { value: 'bad', expiresAt: 'soon' }],
    ['an end that cannot be one', { value: 'bad', expiresAt: Symbol('end') }],
    ['an end in seconds', { value: 'bad', expiresAt: END / 1_000 }],
  ])('gives %s is passed over', async (_, stored) => {
    const google = tokens()
    const store = { get: async () => stored as never, put: async () => true }
    expect((await program(google, account(), store)(API)).status).toBe(200)
    expect(sent(google)).toEqual(['Bearer t0'])
  })

  test('gives times as texts or as large integers is understood', async () => {
    for (const expiresAt of [String(END), BigInt(END)]) {
      const google = tokens()
      const stored = { value: 'theirs', expiresAt, version: '1' } as never
      await program(google, account(), { get: async () => stored, put: async () => true })(API)
      expect(sent(google)).toEqual(['Bearer theirs'])
    }
  })

  test('gives an end far away is asked again within twelve hours', async () => {
    const google = tokens()
    let reads = 0
    const stored = { value: 'theirs', expiresAt: Infinity, version: '1' }
    const store: TokenStore = { get: async () => (reads++, stored), put: async () => true }
    const time = { now: NOW }
    const fetch = program(google, account(), store, { now: () => time.now })
    await fetch(API)
    time.now += 43_200_000
    await fetch(API)
    expect(reads).toBe(2)
  })

  test.each([[undefined], [{}], [{ get: async () => undefined }], ['redis://']])(
    'is %o is refused at once',
    (store) => {
      expect(() => sharedTokens(store as never)).toThrow(ValidationError)
      expect(() => sharedTokens(store as never)).toThrow('must be an object with the functions get and put')
    },
  )

  test('was not made for clients is refused at once', () => {
    const tokenStore = memoryTokenStore() as never
    const message = 'tokenStore: must be what sharedTokens(store) gives'
    expect(() => createClient({ auth: account(), tokenStore })).toThrow(message)
    expect(() => authorizedFetch(account(), { tokenStore })).toThrow(message)
    expect(() => createClient({ auth: account(), tokenStore: null as never })).toThrow(ValidationError)
    expect(() => authorizedFetch(account(), { tokenStore: null as never })).toThrow(ValidationError)
  })
})

describe('a fleet', () => {
  /** Programs that call every so often for a day, each by a clock of its own. */
  async function day(credentials: () => Credentials, skewsMs: readonly number[], everyMs: number) {
    const time = { now: NOW }
    const google = simulatedGoogle(() => time.now)
    const store = memoryTokenStore()
    const loading = new Set<Promise<unknown>>()
    const fetches = skewsMs.map((skewMs) => {
      const shared = sharedTokens(store)
      const tokenStore: SharedTokens = {
        ...shared,
        load(...request) {
          const token = shared.load(...request)
          loading.add(token)
          return token
        },
      }
      const now = { now: () => time.now + skewMs }
      return authorizedFetch(credentials(), { transport: google.transport, tokenStore, clock: now })
    })
    for (; time.now < NOW + 86_400_000; time.now += everyMs) {
      for (const fetch of fetches) expect((await fetch(API)).status).toBe(200)
      await Promise.all(loading) // which takes a moment of the day, and not minutes
      loading.clear()
      await turn()
    }
    return google
  }

  test.each<[string, () => Credentials]>([
    ['a service account', account],
    ['a person', user],
  ])('of ten with one token of %s asks 30 times a day at most', async (_, credentials) => {
    const google = await day(credentials, Array<number>(10).fill(0), 20_000)
    expect(google.refused).toBe(0)
    expect(google.tokenRequests).toBeGreaterThanOrEqual(24)
    expect(google.tokenRequests).toBeLessThanOrEqual(30)
  })

  test('whose clocks differ by five minutes sends no token that has expired', async () => {
    const google = await day(account, [-150_000, -80_000, 0, 70_000, 150_000], 20_000)
    expect(google.refused).toBe(0)
    expect(google.tokenRequests).toBeLessThanOrEqual(36)
  })

  test('that starts together has one token in the end', async () => {
    const google = tokens()
    const store = memoryTokenStore()
    const fetches = Array.from({ length: 10 }, () => program(google, account(), store))
    await Promise.all(fetches.map((fetch) => fetch(API)))
    google.calls.length = 0
    for (const fetch of fetches) await fetch(API)
    expect(new Set(sent(google)).size).toBe(1)
  })
})
