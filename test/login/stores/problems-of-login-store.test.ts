/** The suite that stores are held against finds what is wrong with them, each kind. */
import { ValidationError } from 'discokit'
import { type LoginStore, memoryLoginStore, problemsOfLoginStore, type SavedLogin } from 'discokit/login'
import { describe, expect, test } from 'vitest'

type Row = { login: SavedLogin; version: string }
type Level = 'basic' | 'atomic' | 'durable'

/** A store that is right but for what a test changes. */
function changed(change: (rows: Map<string, Row>, right: LoginStore) => Partial<LoginStore>): LoginStore {
  const rows = new Map<string, Row>()
  const right: LoginStore = {
    atomic: true,
    get: async (account) => structuredClone(rows.get(account)),
    async put(account, login, ifVersion) {
      if (rows.get(account)?.version !== ifVersion) return false
      rows.set(account, { login: structuredClone(login), version: crypto.randomUUID() })
      return true
    },
    async delete(account, ifVersion) {
      if (ifVersion !== undefined && rows.get(account)?.version !== ifVersion) return false
      return rows.delete(account)
    },
    accounts: async () => [...rows.keys()],
  }
  return { ...right, ...change(rows, right) }
}

/** What a store does with the names of accounts, or with logins, on their way. */
function through(account: (name: string) => string, login = (given: SavedLogin): SavedLogin => given) {
  return changed((_, right) => ({
    get: (name) => right.get(account(name)),
    put: (name, given, ifVersion) => right.put(account(name), login(given), ifVersion),
    delete: (name, ifVersion) => right.delete(account(name), ifVersion),
  }))
}
const keeping = (login: (given: SavedLogin) => SavedLogin): LoginStore => through((name) => name, login)
const turn = (): Promise<void> => Promise.resolve()

test.each<Level>(['basic', 'atomic', 'durable'])(
  'a store that is right has no problems: %s',
  async (level) => {
    const store = changed(() => ({}))
    expect(await problemsOfLoginStore(() => store, { level })).toEqual([])
    expect(await store.accounts()).toEqual([])
    const memory = memoryLoginStore()
    expect(await problemsOfLoginStore(() => memory, { level })).toEqual([])
  },
)

test('a store that is not atomic, and says so, is right as far as that goes', async () => {
  const store = changed((rows) => ({
    atomic: false,
    async put(account, login) {
      rows.set(account, { login: structuredClone(login), version: crypto.randomUUID() })
      return true
    },
  }))
  for (const level of ['basic', 'durable'] as const)
    expect(await problemsOfLoginStore(() => store, { level })).toEqual([])
  expect(await problemsOfLoginStore(() => store)).toContain('it says that it is not atomic')
})

describe('basic: it is found out when', () => {
  test.each<[string, LoginStore]>([
    ['it does not say whether it is atomic', changed(() => ({ atomic: undefined as never }))],
    [
      'it has something where nothing was put',
      changed(() => ({ get: async () => ({ login: {}, version: '1' }) })),
    ],
    [
      'it has something where nothing was put',
      changed((_, right) => ({ get: async (account) => (await right.get(account)) ?? (null as never) })),
    ],
    [
      'it says that it deleted what was not there',
      changed((rows) => ({ delete: async (account) => (rows.delete(account), true) })),
    ],
    ['it does not put where nothing is', changed(() => ({ put: async () => false }))],
    ['it does not give what was put', changed(() => ({ get: async () => undefined }))],
    [
      'it gives no version',
      changed((_, right) => ({
        get: async (account) => ({ ...(await right.get(account))!, version: 7 as never }),
      })),
    ],
    [
      'it lets others change what it keeps',
      changed((rows) => ({ get: async (account) => rows.get(account) })),
    ],
    [
      'it lets others change what it keeps',
      changed((rows) => ({
        async put(account, login, ifVersion) {
          if (rows.get(account)?.version !== ifVersion) return false
          rows.set(account, { login, version: crypto.randomUUID() })
          return true
        },
      })),
    ],
    [
      'it does not put over the version that is there',
      changed((rows, right) => ({
        put: async (account, login, ifVersion) => !rows.has(account) && right.put(account, login, ifVersion),
      })),
    ],
    [
      'it does not give what was put last, and nothing else',
      changed((rows, right) => ({
        put: (account, login, ifVersion) =>
          right.put(account, { ...rows.get(account)?.login, ...login }, ifVersion),
      })),
    ],
    [
      'it gives a new login an old version',
      changed((rows) => ({
        async put(account, login, ifVersion) {
          if (rows.get(account)?.version !== ifVersion) return false
          rows.set(account, { login: structuredClone(login), version: '1' })
          return true
        },
      })),
    ],
    ['it does not name an account of which it has something', changed(() => ({ accounts: async () => [] }))],
    [
      'it does not delete the version that is there',
      changed((_, right) => ({
        delete: async (account, ifVersion) => ifVersion === undefined && right.delete(account),
      })),
    ],
    ['it has what was deleted', changed(() => ({ delete: async () => true }))],
    [
      'it names an account that was deleted',
      changed((_, right) => {
        const ever = new Set<string>()
        return {
          put: (account, ...more) => (ever.add(account), right.put(account, ...more)),
          accounts: async () => [...ever],
        }
      }),
    ],
    [
      'it does not delete without a version',
      changed((_, right) => ({
        delete: async (account, ifVersion) => ifVersion !== undefined && right.delete(account, ifVersion),
      })),
    ],
    [
      'it does not keep members that it does not know whole',
      keeping(
        ({ accessToken, expiresAt, refreshToken, scopes }) =>
          JSON.parse(JSON.stringify({ accessToken, expiresAt, refreshToken, scopes })) as SavedLogin,
      ),
    ],
    [
      'it does not keep texts of all languages whole',
      keeping((login) => JSON.parse(JSON.stringify(login).replace(/[^ -ÿ]/g, '?')) as SavedLogin),
    ],
    [
      'it does not keep texts of all languages whole',
      keeping((login) => JSON.parse(JSON.stringify(login).normalize('NFC')) as SavedLogin),
    ],
    [
      'it does not keep quotes and line breaks whole',
      keeping((login) => JSON.parse(JSON.stringify(login).replaceAll(String.raw`\r`, '')) as SavedLogin),
    ],
    [
      'it does not keep a member called __proto__ whole',
      keeping((login) => {
        const copy = {}
        for (const [name, value] of Object.entries(login)) (copy as Record<string, unknown>)[name] = value
        return copy
      }),
    ],
    [
      'it does not keep numbers whole',
      keeping(
        (login) =>
          JSON.parse(
            JSON.stringify(login, (_, value: unknown) =>
              typeof value === 'number' ? Math.fround(value) : value,
            ),
          ) as SavedLogin,
      ),
    ],
    [
      'it does not keep empty lists, texts and objects whole',
      keeping(
        (login) =>
          JSON.parse(
            JSON.stringify(login, (_, value: unknown) => (value === '' ? null : value)),
          ) as SavedLogin,
      ),
    ],
    [
      'it does not keep a login with all that it can have whole',
      keeping(({ refreshing: _, ...login }) => login),
    ],
    [
      'it does not keep tokens of 16,384 characters whole',
      keeping(({ refreshToken = '', ...login }) => ({
        ...login,
        refreshToken: refreshToken.slice(0, 4_096),
      })),
    ],
    ['it takes the account "Ada" for another', through((name) => name.toLowerCase())],
    ['it takes the account " ada" for another', through((name) => name.trim())],
    ['it takes the account "e\u0301" for another', through((name) => name.normalize())],
    ['it takes the account "/a" for another', through((name) => name.split('/').at(-1)!)],
    [`it takes the account "${'x'.repeat(199)}y" for another`, through((name) => name.slice(0, 128))],
    [
      'it does not name the account "a/b"',
      changed((rows) => ({ accounts: async () => [...rows.keys()].map((name) => encodeURIComponent(name)) })),
    ],
    [
      'it does not give what was put under the account "__proto__"',
      changed((_, right) => ({
        get: async (account) => (account === '__proto__' ? { login: {}, version: '1' } : right.get(account)),
      })),
    ],
    [
      'it does not delete the account "*"',
      changed((_, right) => ({
        delete: async (account, ifVersion) => account !== '*' && right.delete(account, ifVersion),
      })),
    ],
    [
      'it deletes another account together with "%"',
      changed((rows, right) => ({
        delete: async (account, ifVersion) => {
          const isThere = await right.delete(account, ifVersion)
          if (account === '%') rows.clear()
          return isThere
        },
      })),
    ],
    [
      'it names an account twice',
      changed((rows) => ({ accounts: async () => [...rows.keys(), ...rows.keys()] })),
    ],
    [
      'it throws: RangeError: the name is too long',
      changed((_, right) => ({
        put: async (account, ...more) => {
          if (account.length > 100) throw new RangeError('the name is too long')
          return right.put(account, ...more)
        },
      })),
    ],
  ])('%s', async (problem, store) => {
    expect(await problemsOfLoginStore(() => store, { level: 'basic' })).toContain(problem)
  })
})

describe('atomic: it is found out when', () => {
  /** Looks, and acts a moment later. */
  const late = (...names: ('put' | 'delete')[]): LoginStore =>
    changed((rows) => ({
      ...(names.includes('put') && {
        async put(account, login, ifVersion) {
          const isStill = rows.get(account)?.version === ifVersion
          await turn()
          if (isStill) rows.set(account, { login: structuredClone(login), version: crypto.randomUUID() })
          return isStill
        },
      }),
      ...(names.includes('delete') && {
        async delete(account, ifVersion) {
          const isStill =
            rows.has(account) && (ifVersion === undefined || rows.get(account)?.version === ifVersion)
          await turn()
          if (isStill) rows.delete(account)
          return isStill
        },
      }),
    }))
  /** Versions are made of what they are given. */
  const versioned = (version: (login: SavedLogin, before: Row | undefined) => string): LoginStore =>
    changed((rows) => ({
      async put(account, login, ifVersion) {
        const before = rows.get(account)
        if (before?.version !== ifVersion) return false
        rows.set(account, { login: structuredClone(login), version: version(login, before) })
        return true
      },
    }))
  test.each<[string, LoginStore]>([
    ['it says that it is not atomic', changed(() => ({ atomic: false }))],
    [
      'it puts over a version where nothing is',
      changed((rows, right) => ({
        put: (account, login, ifVersion) =>
          right.put(account, login, rows.has(account) ? ifVersion : undefined),
      })),
    ],
    [
      'it keeps what it said that it did not put',
      changed((rows, right) => ({
        async put(account, login, ifVersion) {
          const isPut = await right.put(account, login, ifVersion)
          if (!isPut) rows.set(account, { login, version: crypto.randomUUID() })
          return isPut
        },
      })),
    ],
    [
      'it says that it deleted a version where nothing is',
      changed((_, right) => ({
        async delete(account, ifVersion) {
          return (await right.delete(account, ifVersion)) || ifVersion !== undefined
        },
      })),
    ],
    [
      'it puts where something is, as if nothing were',
      changed((rows, right) => ({
        put: (account, login, ifVersion) =>
          right.put(account, login, ifVersion ?? rows.get(account)?.version),
      })),
    ],
    [
      'it puts over another version',
      changed((rows, right) => ({
        put: (account, login, ifVersion) =>
          right.put(account, login, ifVersion && rows.get(account)?.version),
      })),
    ],
    [
      'it puts over an old version',
      changed((rows, right) => ({
        put: (account, login, ifVersion) =>
          right.put(account, login, ifVersion && rows.get(account)?.version),
      })),
    ],
    ['it deletes by an old version', changed((_, right) => ({ delete: (account) => right.delete(account) }))],
    [
      'it loses what is newer than the version that was named',
      changed((_, right) => ({ delete: (account) => right.delete(account) })),
    ],
    ['it gives what was put again an old version', versioned((login) => JSON.stringify(login))],
    [
      'it gives an old version again after a delete',
      versioned((_, before) => String(Number(before?.version ?? 0) + 1)),
    ],
    ['it lets 20 of 20 put that come together', late('put')],
    ['it lets 20 of 20 delete one login that come together', late('delete')],
    ['it lets one put and another delete the same version', late('put', 'delete')],
    [
      'it keeps the login of one who lost',
      changed((rows, right) => ({
        async put(account, login, ifVersion) {
          const isPut = await right.put(account, login, ifVersion)
          const row = rows.get(account)
          if (!isPut && row && row.login.refreshToken === 'refresh-0') row.login = login
          return isPut
        },
      })),
    ],
    [
      'it does not do what it said about a delete',
      changed((rows, right) => ({
        async delete(account, ifVersion) {
          if (rows.get(account)?.login.refreshToken === 'refresh-1' && rows.size === 1) rows.delete(account)
          return right.delete(account, ifVersion)
        },
      })),
    ],
  ])('%s', async (problem, store) => {
    expect(await problemsOfLoginStore(() => store)).toContain(problem)
  })
})

describe('durable: it is found out when', () => {
  /** Stores that are opened on one place, each with a part of its own. */
  const opening = (open: (place: LoginStore, nth: number, rows: Map<string, Row>) => LoginStore) => {
    let rows!: Map<string, Row>
    const place = changed((all) => ((rows = all), {}))
    let opened = 0
    return () => open(place, opened++, rows)
  }
  test.each<[string, () => LoginStore]>([
    ['opened again, it has not what was put', () => memoryLoginStore()],
    [
      'opened again, it gives another version',
      opening((place, nth) => ({
        ...place,
        get: async (account) => {
          const found = await place.get(account)
          return found && { ...found, version: `${nth}-${found.version}` }
        },
        put: (account, login, ifVersion) => place.put(account, login, ifVersion?.replace(/^\d-/, '')),
        delete: (account, ifVersion) => place.delete(account, ifVersion?.replace(/^\d-/, '')),
      })),
    ],
    [
      'opened again, it does not name an account',
      opening((place) => {
        const own = new Set<string>()
        return {
          ...place,
          put: (account, ...more) => (own.add(account), place.put(account, ...more)),
          accounts: async () => [...own],
        }
      }),
    ],
    [
      'it does not see what was put through another object',
      opening((place) => {
        const cache = new Map<string, Promise<Row | undefined>>()
        return {
          ...place,
          get: (account) =>
            cache.get(account) ?? (cache.set(account, place.get(account)), cache.get(account)!),
          put: (account, ...more) => (cache.delete(account), place.put(account, ...more)),
          delete: (account, ...more) => (cache.delete(account), place.delete(account, ...more)),
        }
      }),
    ],
    [
      'opened again, it gives an old version again',
      opening((place, _, rows) => {
        let puts = 0
        return {
          ...place,
          async put(account, login, ifVersion) {
            if (rows.get(account)?.version !== ifVersion) return false
            rows.set(account, { login: structuredClone(login), version: String(++puts) })
            return true
          },
        }
      }),
    ],
    [
      'it lets 3 of 20 put that come together',
      opening((place, _, rows) => {
        // A lock within the object alone.
        let last: Promise<unknown> = Promise.resolve()
        return {
          ...place,
          put(account, login, ifVersion) {
            const isPut = last.then(async () => {
              const isStill = rows.get(account)?.version === ifVersion
              await turn()
              await turn()
              if (isStill) rows.set(account, { login: structuredClone(login), version: crypto.randomUUID() })
              return isStill
            })
            last = isPut
            return isPut
          },
        }
      }),
    ],
  ])('%s', async (problem, open) => {
    expect(await problemsOfLoginStore(open, { level: 'durable' })).toContain(problem)
  })
})

test('a level that does not exist is refused', async () => {
  for (const options of [{ level: 'best' }, { levels: 'basic' }, { level: 'toString' }])
    await expect(problemsOfLoginStore(memoryLoginStore, options as never)).rejects.toBeInstanceOf(
      ValidationError,
    )
})

describe('the store in memory', () => {
  test.each(['', 'x'.repeat(201), 'a\nb', '\u0000', '\ud800', 7, undefined])(
    'refuses the account %j',
    async (account) => {
      const store = memoryLoginStore()
      const name = account as string
      for (const act of [
        () => store.get(name),
        () => store.put(name, {}, undefined),
        () => store.delete(name),
      ])
        await expect(act()).rejects.toBeInstanceOf(ValidationError)
    },
  )
})
