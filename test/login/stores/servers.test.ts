/** Stores of logins over real servers, which the tests start and stop, and over a keyv. */
import { createClient, ValidationError } from 'discokit'
import { type LoginStore, type SavedLogin, userCredentials } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import {
  keyvLoginStore,
  oauthClient,
  problemsOfLoginStore,
  sealedLoginStore,
  createSecret,
  redisLoginStore,
  sqlLoginStore,
} from 'discokit/login'
import { Keyv } from 'keyv'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { type Postgres, startPostgres } from '../../servers/postgres.ts'
import { type RedisServer, startRedis } from '../../servers/redis.ts'

let ourRedis: RedisServer | undefined
let ourPostgres: Postgres | undefined
beforeAll(async () => {
  ourRedis = await startRedis()
  ourPostgres = await startPostgres()
}, 60_000)
afterAll(async () => {
  await ourRedis?.stop()
  await ourPostgres?.stop()
})

const redisOf = (context: TestContext): RedisServer =>
  ourRedis ?? context.skip('redis-server is not installed')
const postgresOf = (context: TestContext): Postgres =>
  ourPostgres ?? context.skip('PostgreSQL is not installed')

const DRIVE = 'https://www.googleapis.com/auth/drive'
const ADA = {
  accessToken: 'a',
  refreshToken: 'r',
  scopes: ['openid', 'email'],
  other: { kept: ['\u0000', '\ud800', '"\n'] },
}
/** Hers with a member that nobody knows. */
const named = (name: string): SavedLogin & { readonly name: string } => ({ ...ADA, name })
/** Those that tests put beside one another. */
let tables = 0

/** Opens one place as often as asked, each time with a connection of its own. */
type Open = () => Promise<LoginStore>
const SERVERS: readonly (readonly [string, (context: TestContext) => Promise<Open>])[] = [
  [
    'Redis',
    async (context) => {
      const redis = redisOf(context)
      const prefix = `test-${++tables}:`
      return async () => redisLoginStore(await redis.connect(), { prefix })
    },
  ],
  [
    'PostgreSQL',
    async (context) => {
      const postgres = postgresOf(context)
      const table = `logins_${++tables}`
      const open = () => {
        const pool = postgres.connect(1)
        return sqlLoginStore({ query: (text, values) => pool.query(text, values), table })
      }
      await open().createTable()
      return async () => open()
    },
  ],
]

describe.each(SERVERS)('in %s', (_, place) => {
  test('the store is as good when what it keeps is sealed', async (context) => {
    const open = await place(context)
    const secret = createSecret()
    const sealed = async () => sealedLoginStore(await open(), secret)
    expect(await problemsOfLoginStore(sealed, { level: 'durable' })).toEqual([])
    await (await sealed()).put('ada', ADA, undefined)
    expect(JSON.stringify(await (await open()).get('ada'))).not.toContain('openid')
    expect(await (await sealed()).get('ada')).toMatchObject({ login: ADA })
  })

  test('the store is as durable ones should be', async (context) => {
    expect(await problemsOfLoginStore(await place(context), { level: 'durable' })).toEqual([])
  })

  test('logins are kept by account, whatever is in them', async (context) => {
    const store = await (await place(context))()
    const accounts = [
      '1',
      'ada@example.com',
      'ä/../\\ "\'$1;--',
      '😀'.repeat(100),
      '__proto__',
      'x'.repeat(200),
    ]
    expect(await store.accounts()).toEqual([])
    for (const account of accounts) {
      expect(await store.get(account)).toBeUndefined()
      expect(await store.put(account, named(account), undefined)).toBe(true)
    }
    for (const account of accounts) expect(await store.get(account)).toMatchObject({ login: named(account) })
    expect([...(await store.accounts())].toSorted()).toEqual(accounts.toSorted())
    expect(await store.delete('ada@example.com')).toBe(true)
    expect(await store.delete('ada@example.com')).toBe(false)
    expect(await store.get('ada@example.com')).toBeUndefined()
    expect(await store.accounts()).toHaveLength(accounts.length - 1)
  })

  test('twenty programs that find a login ended at once renew it once, and nobody is logged out', async (context) => {
    const open = await place(context)
    const stores = await Promise.all(Array.from({ length: 20 }, open))
    await using emulator = await createEmulator()
    const redirectUri = 'https://app.example.com/back'
    const { clientId, clientSecret } = emulator.oauthClient({ redirectUris: [redirectUri], rotating: true })
    const { transport, clock } = emulator.connect()
    const client = oauthClient({ clientId, clientSecret, redirectUri, scopes: [DRIVE], transport, clock })
    const { url, request } = await client.authorizationUrl({ accessType: 'offline' })
    const tokens = await client.finish(emulator.consent(url, { email: 'ada@example.com' }), request)
    await stores[0]!.put('ada', tokens, undefined)

    const programs = stores.map((store) =>
      createClient({ ...emulator.connect(), auth: userCredentials({ client, store, account: 'ada' }) }),
    )
    for (let renewals = 1; renewals <= 3; renewals++) {
      emulator.clock.advance(7_200_000)
      emulator.journal.clear()
      await Promise.all(programs.map(async (google) => (await google.discover('drive:v3'))['files'].list()))
      const asked = emulator.journal.exchanges.filter(({ methodId }) => methodId === 'oauth2.token')
      expect(asked.map(({ status }) => status)).toEqual([200])
    }
    const kept = await stores[1]!.get('ada')
    expect(kept?.login.refreshToken).not.toBe(tokens.refreshToken)
    expect(kept?.login.refreshing).toBeUndefined()
  })

  test('only one of twenty connections puts over a version', async (context) => {
    const open = await place(context)
    const stores = await Promise.all(Array.from({ length: 20 }, open))
    let version: string | undefined
    const seen = new Set<string | undefined>([undefined])
    for (let round = 0; round < 10; round++) {
      const puts = stores.map((store, i) => store.put('ada', { accessToken: `${round}-${i}` }, version))
      const won = (await Promise.all(puts)).flatMap((isPut, i) => (isPut ? [i] : []))
      expect(won).toHaveLength(1)
      const kept = await stores[round]!.get('ada')
      expect(kept?.login).toEqual({ accessToken: `${round}-${won[0]}` })
      version = kept?.version
      expect(seen.has(version)).toBe(false)
      seen.add(version)
    }
    const deleted = await Promise.all(stores.map((store) => store.delete('ada', version)))
    expect(deleted.filter((isGone) => isGone)).toHaveLength(1)
  })

  test('a counter that twenty connections count up by looking and putting loses nothing', async (context) => {
    const open = await place(context)
    const stores = await Promise.all(Array.from({ length: 20 }, open))
    const countUp = async (store: LoginStore): Promise<void> => {
      for (;;) {
        const { login, version } = (await store.get('counter')) ?? {}
        const accessToken = String(Number(login?.accessToken ?? 0) + 1)
        if (await store.put('counter', { accessToken }, version)) return
      }
    }
    await Promise.all(
      stores.map(async (store) => {
        for (let i = 0; i < 5; i++) await countUp(store)
      }),
    )
    expect((await stores[0]!.get('counter'))?.login).toEqual({ accessToken: '100' })
  })

  test('a version of one that was deleted does not come back', async (context) => {
    const store = await (await place(context))()
    await store.put('ada', ADA, undefined)
    const { version } = (await store.get('ada'))!
    await store.delete('ada', version)
    expect(await store.put('ada', ADA, version)).toBe(false)
    await store.put('ada', ADA, undefined)
    expect((await store.get('ada'))?.version).not.toBe(version)
    expect(await store.delete('ada', version)).toBe(false)
    expect(await store.get('ada')).toMatchObject({ login: ADA })
  })

  test('thousands of accounts are listed, each once', async (context) => {
    const open = await place(context)
    const stores = await Promise.all(Array.from({ length: 4 }, open))
    await Promise.all(
      stores.map(async (store, part) => {
        const puts = Array.from({ length: 600 }, (_, i) => store.put(`${part}-${i}`, ADA, undefined))
        expect((await Promise.all(puts)).every((isPut) => isPut)).toBe(true)
      }),
    )
    const accounts = await stores[0]!.accounts()
    expect([accounts.length, new Set(accounts).size]).toEqual([2_400, 2_400])
  })

  test('accounts that are none are refused before the server is asked', async (context) => {
    const store = await (await place(context))()
    for (const account of ['', 'x'.repeat(201), 'a\nb', '\u0000', '\ud800', 7 as never]) {
      await expect(store.get(account)).rejects.toBeInstanceOf(ValidationError)
      await expect(store.put(account, ADA, undefined)).rejects.toBeInstanceOf(ValidationError)
      await expect(store.delete(account)).rejects.toBeInstanceOf(ValidationError)
    }
    expect(await store.accounts()).toEqual([])
  })
})

test('in Redis, logins are there after a restart', async (context) => {
  const redis = redisOf(context)
  const store = redisLoginStore(await redis.connect())
  await store.put('ada', ADA, undefined)
  const before = await store.get('ada')
  await redis.restart()
  expect(await store.get('ada')).toEqual(before)
  expect(await store.put('ada', ADA, before?.version)).toBe(true)
})

describe('what others wrote into Redis', () => {
  test('counts as missing, or as a login with nothing in it, and is written over', async (context) => {
    const redis = redisOf(context)
    const client = await redis.connect()
    const store = redisLoginStore(client, { prefix: 'hostile:' })
    const version = crypto.randomUUID()
    const write = (text: string) => client.sendCommand(['HSET', 'hostile:logins', 'ada', text])
    for (const text of [
      '',
      'x',
      '{}',
      `${version}{}`,
      `${version.toUpperCase()} {}`,
      `${'-'.repeat(37)} {}`,
    ]) {
      await write(text)
      expect(await store.get('ada'), text).toBeUndefined()
      expect(await store.put('ada', ADA, undefined), text).toBe(true)
    }
    for (const json of [
      '',
      '{',
      'null',
      '[]',
      '7',
      '"text"',
      '{"accessToken":{}}',
      '{"__proto__":{"x":1}}',
    ]) {
      await write(`${version} ${json}`)
      expect(await store.get('ada'), json).toEqual({ login: {}, version })
      expect(await store.put('ada', ADA, undefined), json).toBe(false)
      expect(await store.put('ada', ADA, version), json).toBe(true)
    }
    await client.sendCommand(['SET', 'hostile:text:logins', 'no hash'])
    const other = redisLoginStore(client, { prefix: 'hostile:text:' })
    await expect(other.get('ada')).rejects.toThrow('WRONGTYPE')
  })
})

test('in a cluster of Redis, each step is for one node', async (context) => {
  redisOf(context)
  const server = (await startRedis({ cluster: true }))!
  try {
    const client = await server.connectCluster()
    const stores = [1, 2].map((i) => redisLoginStore(client, { prefix: `app-${i}:` }))
    for (const store of stores) {
      expect(await store.put('ada', ADA, undefined)).toBe(true)
      expect(await store.accounts()).toEqual(['ada'])
      expect(await store.delete('ada', (await store.get('ada'))?.version)).toBe(true)
    }
  } finally {
    await server.stop()
  }
})

test('Redis is asked in the form of ioredis too', async (context) => {
  const redis = redisOf(context)
  const client = await redis.connect()
  const call = (...words: string[]): Promise<unknown> => client.sendCommand(words)
  const unlike = async (): Promise<never> => {
    throw new Error('another form')
  }
  const store = redisLoginStore({ call, eval: unlike }, { prefix: 'called:' })
  expect(await store.put('ada', ADA, undefined)).toBe(true)
  expect(await redisLoginStore(client, { prefix: 'called:' }).get('ada')).toEqual(await store.get('ada'))
  expect(await store.accounts()).toEqual(['ada'])
})

test('in PostgreSQL, logins are there after a restart', async (context) => {
  const postgres = postgresOf(context)
  const pool = postgres.connect()
  const store = sqlLoginStore({ query: (text, values) => pool.query(text, values) })
  await store.createTable()
  await store.put('ada', ADA, undefined)
  const before = await store.get('ada')
  await postgres.restart()
  await store.createTable()
  expect(await store.get('ada')).toEqual(before)
})

test('a table is made by many at once, and in a schema', async (context) => {
  const postgres = postgresOf(context)
  const pool = postgres.connect(20)
  const query = (text: string, values: string[]) => pool.query(text, values)
  await pool.query('create schema app')
  const stores = Array.from({ length: 20 }, () => sqlLoginStore({ query, table: 'app.user' }))
  await Promise.all(stores.map((store) => store.createTable()))
  expect(await stores[3]!.put('ada', ADA, undefined)).toBe(true)
  expect((await pool.query('select account from app."user"')).rows).toEqual([{ account: 'ada' }])
  await expect(sqlLoginStore({ query, table: 'nowhere.user' }).createTable()).rejects.toThrow('nowhere')
})

test('where transactions are serializable, one wins and nobody fails', async (context) => {
  const postgres = postgresOf(context)
  const pools = Array.from({ length: 10 }, () => postgres.connect(1))
  const stores = pools.map((pool) =>
    sqlLoginStore({ query: (text, values) => pool.query(text, values), table: 'serial' }),
  )
  await stores[0]!.createTable()
  for (const pool of pools) await pool.query('set default_transaction_isolation = serializable')
  for (let round = 0, version: string | undefined; round < 20; round++) {
    const puts = await Promise.all(stores.map((store) => store.put('ada', ADA, version)))
    expect(puts.filter((isPut) => isPut)).toHaveLength(1)
    version = (await stores[0]!.get('ada'))?.version
  }
})

test('what others wrote into the table counts as a login with nothing in it', async (context) => {
  const postgres = postgresOf(context)
  const pool = postgres.connect()
  const store = sqlLoginStore({ query: (text, values) => pool.query(text, values), table: 'hostile' })
  await store.createTable()
  for (const json of ['', '{', 'null', '[]', '7', '{"accessToken":{}}']) {
    await pool.query('delete from hostile')
    await pool.query("insert into hostile values ('ada', 'one', $1)", [json])
    expect(await store.get('ada'), json).toEqual({ login: {}, version: 'one' })
    expect(await store.put('ada', ADA, 'one'), json).toBe(true)
  }
})

test('names of tables that are none are refused, and never sent', () => {
  const query = () => Promise.reject(new Error('nothing must be sent'))
  for (const table of [
    '',
    'a b',
    'a;drop table users',
    'a"',
    "a'",
    'A',
    'a.b.c',
    '.a',
    'a.',
    '1a',
    'x'.repeat(64),
    7,
  ])
    expect(() => sqlLoginStore({ query, table: table as string }), String(table)).toThrow(ValidationError)
  expect(() => sqlLoginStore({ table: 'logins' } as never)).toThrow(/query: must be a function/)
  expect(() => sqlLoginStore({ query, tabel: 'logins' } as never)).toThrow(/tabel/)
})

test('what is no client, or no keyv, is refused', () => {
  for (const none of [undefined, null, {}, 'redis://127.0.0.1', { get() {} }]) {
    expect(() => redisLoginStore(none as never)).toThrow(/client: must be a client of Redis/)
    expect(() => keyvLoginStore(none as never)).toThrow(/keyv: must be a Keyv/)
  }
  expect(() => redisLoginStore({ eval: async () => 1 }, { prefix: 7 as never })).toThrow(/prefix/)
  expect(() => redisLoginStore({ eval: async () => 1 }, { prefx: 'x' } as never)).toThrow(/prefx/)
})

test('what the server says is thrown as it is', async () => {
  const down = () => Promise.reject(new Error('the server is down'))
  for (const store of [redisLoginStore({ eval: down }), sqlLoginStore({ query: down })]) {
    await expect(store.get('ada')).rejects.toThrow('the server is down')
    await expect(store.put('ada', ADA, undefined)).rejects.toThrow('the server is down')
    await expect(store.delete('ada')).rejects.toThrow('the server is down')
    await expect(store.accounts()).rejects.toThrow('the server is down')
  }
})

describe('in a keyv', () => {
  test('the store is as it says', async () => {
    const keyv = new Keyv()
    expect(await problemsOfLoginStore(() => keyvLoginStore(keyv), { level: 'durable' })).toEqual([])
    expect(await problemsOfLoginStore(() => keyvLoginStore(keyv))).toContain('it says that it is not atomic')
  })

  test('logins are kept by account, also by several stores over it', async () => {
    const keyv = new Keyv({ ttl: 60_000 }) // which is for others
    const store = keyvLoginStore(keyv)
    const accounts = ['1', 'ada@example.com', 'ä/../ :"', '😀'.repeat(100), '__proto__', 'logins']
    const puts = accounts.map((account) => store.put(account, named(account), undefined))
    expect(await Promise.all(puts)).toEqual(accounts.map(() => true))
    expect(await keyv.get('login-1', { raw: true })).not.toHaveProperty('expires')
    const other = keyvLoginStore(keyv)
    for (const account of accounts) expect(await other.get(account)).toMatchObject({ login: named(account) })
    expect([...(await other.accounts())].toSorted()).toEqual(accounts.toSorted())
    const { version } = (await other.get('1'))!
    expect(await other.put('1', ADA, undefined)).toBe(false)
    expect(await other.put('1', ADA, version)).toBe(true)
    expect(await store.delete('1', version)).toBe(false)
    expect(await store.delete('1')).toBe(true)
    expect(await store.delete('1')).toBe(false)
    expect(await store.accounts()).not.toContain('1')
  })

  test('what others wrote counts as missing, and is written over', async () => {
    const keyv = new Keyv()
    const store = keyvLoginStore(keyv)
    for (const kept of [7, null, {}, [], 'x', { login: ADA, version: 'one' }]) {
      await keyv.set('login-ada', kept)
      await keyv.set('logins', kept)
      expect(await store.get('ada')).toBeUndefined()
      expect(await store.accounts()).toEqual([])
      expect(await store.put('ada', ADA, undefined)).toBe(true)
      expect(await store.accounts()).toEqual(['ada'])
    }
  })

  test('what was not kept is an error', async () => {
    const store = keyvLoginStore({
      get: async () => undefined,
      set: async () => false,
      delete: async () => true,
    })
    await expect(store.put('ada', ADA, undefined)).rejects.toThrow(/was not kept/)
  })
})
