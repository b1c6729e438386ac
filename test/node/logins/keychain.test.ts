import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import { AuthError } from 'discokit'
import { createSecret } from 'discokit/login'
import { fileLoginStore } from 'discokit/node'
import { describe, expect, test, vi } from 'vitest'
import type { Keyring } from '../../../src/node/keychain.ts'
import { failureOf } from '../../media/connection.ts'
import { useFolder } from '../../media/folder.ts'
import { storeWith, testKeyring } from './keyrings.ts'

const path = useFolder()
const login = { refreshToken: '1//the-refresh-token' }

/** Every error here is typed, names the folder, and says nothing of the key. */
async function refusal(
  work: Promise<unknown>,
  reason: string,
  secrets: Iterable<string> = [],
): Promise<string> {
  const failure = await failureOf(work)
  expect(failure).toBeInstanceOf(AuthError)
  expect(failure).toMatchObject({ reason })
  expect(failure.message).toContain(path('logins'))
  for (const secret of secrets) expect(`${failure.stack} ${JSON.stringify(failure)}`).not.toContain(secret)
  return failure.message
}

describe('a keychain that works', () => {
  test('has the key, and the folder does not', async () => {
    const keyring = testKeyring()
    const store = storeWith(path('logins'), keyring)
    expect(await store.keyPlace()).toBeUndefined()
    expect(await store.put('ada', login, undefined)).toBe(true)
    expect(await store.keyPlace()).toBe('keychain')
    expect(keyring.secrets.size).toBe(1)
    expect(existsSync(path('logins.key'))).toBe(false)
    const [key] = keyring.secrets.values()
    for (const name of await readdir(path('logins')))
      expect(await readFile(path(`logins/${name}`), 'utf8')).not.toContain(key)
    expect((await storeWith(path('logins'), keyring).get('ada'))?.login).toEqual(login)
  })

  test('is asked once, however often and however many at once', async () => {
    const keyring = testKeyring()
    await storeWith(path('logins'), keyring).put('ada', login, undefined)
    keyring.asked = 0
    const store = storeWith(path('logins'), keyring)
    await Promise.all(Array.from({ length: 20 }, () => store.get('ada')))
    await store.put('bob', login, undefined)
    await store.accounts()
    expect(keyring.asked).toBe(1)
  })

  test('has a key for each folder, also when a folder is moved', async () => {
    const keyring = testKeyring()
    await storeWith(path('logins'), keyring).put('ada', login, undefined)
    await storeWith(path('others'), keyring).put('ada', login, undefined)
    expect(new Set(keyring.secrets.values()).size).toBe(2)
    await rename(path('logins'), path('moved'))
    expect((await storeWith(path('moved'), keyring).get('ada'))?.login).toEqual(login)
  })
})

describe('a keychain that does not work costs no login: the key is in a file', () => {
  const other = createSecret()
  const fails = (): never => {
    throw new Error(`the platform's storage cannot be had`)
  }
  test.each([
    ['says that it put what it did not put', testKeyring({ put: () => undefined })],
    ['puts something else', testKeyring({ put: () => other })],
    ['cuts what it puts', testKeyring({ put: (text) => text.slice(1) })],
    ['throws when it puts', testKeyring({ put: fails })],
    ['throws when it reads', testKeyring({ get: fails })],
    ['reads something else', testKeyring({ get: () => other })],
    ['reads nothing', testKeyring({ get: () => null })],
    ['is not installed', undefined],
  ])('%s', async (_, keyring) => {
    const store = storeWith(path('logins'), keyring)
    await store.put('ada', login, undefined)
    expect(await store.keyPlace()).toBe('file')
    expect(keyring?.secrets.size ?? 0).toBe(0)
    // Whatever the keychain does later.
    for (const later of [keyring, undefined, testKeyring()])
      expect((await storeWith(path('logins'), later).get('ada'))?.login).toEqual(login)
    expect(await readFile(path('logins.key'), 'utf8')).toMatch(/^[\w-]{43}\n$/)
  })
})

describe('a keychain that goes', () => {
  test.each([
    ['its package is not there any more', async () => undefined, 'install it'],
    ['it has forgotten', async () => testKeyring(), 'does not have it any more'],
    [
      'it is locked',
      async () =>
        testKeyring({
          get: () => {
            throw new Error('locked')
          },
        }),
      'unlock it',
    ],
    ['it has junk', async () => testKeyring({ get: () => 'junk' }), 'does not have it any more'],
  ])('because %s makes no second key', async (_, later, advice) => {
    const keyring = testKeyring()
    await storeWith(path('logins'), keyring).put('ada', login, undefined)
    const before = await readdir(path('logins'))
    const store = storeWith(path('logins'), await later())
    const works = [
      () => store.get('ada'),
      () => store.put('ada', login, 'x'),
      () => store.put('bob', login, undefined),
      () => store.accounts(),
    ]
    for (const work of works)
      expect(await refusal(work(), 'no_login_key', keyring.secrets.values())).toContain(advice)
    expect(await readdir(path('logins'))).toEqual(before)
    expect(existsSync(path('logins.key'))).toBe(false)
    // And when it is back, all is as it was.
    expect((await storeWith(path('logins'), keyring).get('ada'))?.login).toEqual(login)
  })

  test('and comes back with another key is told from what it was', async () => {
    const keyring = testKeyring()
    await storeWith(path('logins'), keyring).put('ada', login, undefined)
    const other = createSecret()
    const store = storeWith(path('logins'), testKeyring({ get: () => other }))
    await refusal(store.get('ada'), 'unreadable_login', [other, ...keyring.secrets.values()])
    await refusal(store.put('bob', login, undefined), 'unreadable_login', [other])
  })
})

describe('a keychain that never answers is waited for a minute', () => {
  /** As the package does: what it has begun it does to the end, whatever the signal says. */
  const waiting = {
    getPassword: () => new Promise<never>(() => {}),
    setPassword: () => new Promise<never>(() => {}),
  }
  const mute = (asking: Partial<typeof waiting>): Keyring => {
    const { AsyncEntry } = testKeyring()
    return {
      AsyncEntry: class extends AsyncEntry {
        constructor(service: string, account: string) {
          super(service, account)
          Object.assign(this, asking)
        }
      },
    }
  }
  /** Minutes that pass in no time. */
  async function afterMinutes<Result>(work: () => Promise<Result>): Promise<Result> {
    const wait = setTimeout
    const spied = vi
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation((run: () => void, ms = 0) => wait(run, ms >= 60_000 ? 20 : ms))
    try {
      return await work()
    } finally {
      spied.mockRestore()
    }
  }

  test('and then the key is in a file', async () => {
    const store = storeWith(path('logins'), mute({ setPassword: waiting.setPassword }))
    expect(await afterMinutes(() => store.put('ada', login, undefined))).toBe(true)
    expect(await store.keyPlace()).toBe('file')
  })

  test('and where it has the key, that is an error', async () => {
    await storeWith(path('logins'), testKeyring()).put('ada', login, undefined)
    const store = storeWith(path('logins'), mute({ getPassword: waiting.getPassword }))
    expect(await afterMinutes(() => refusal(store.get('ada'), 'no_login_key'))).toContain('unlock it')
  })
})

test('a keychain that comes later changes nothing', async () => {
  await storeWith(path('logins'), undefined).put('ada', login, undefined)
  const keyring = testKeyring()
  const store = storeWith(path('logins'), keyring)
  await store.put('bob', login, undefined)
  expect(await store.keyPlace()).toBe('file')
  expect(keyring.secrets.size).toBe(0)
  expect(await store.accounts()).toHaveLength(2)
})

test('two stores that have the first login at once agree on one key', async () => {
  const keyring = testKeyring()
  const stores = Array.from({ length: 10 }, () => storeWith(path('logins'), keyring))
  await Promise.all(stores.map((store, i) => store.put(`account ${i}`, login, undefined)))
  expect(keyring.secrets.size).toBe(1)
  expect(await storeWith(path('logins'), keyring).accounts()).toHaveLength(10)
})

describe('a key that is given', () => {
  const key = createSecret()

  test('is used, and kept nowhere', async () => {
    const store = fileLoginStore({ folder: path('logins'), key })
    expect(await store.keyPlace()).toBe('given')
    await store.put('ada', login, undefined)
    expect(await readdir(path())).toEqual(['logins'])
    expect(inspect(store, { depth: 9, showHidden: true })).not.toContain(key)
    for (const name of await readdir(path('logins')))
      expect(await readFile(path(`logins/${name}`), 'utf8')).not.toContain(key)
    const bytes = Buffer.from(key, 'base64url')
    const same = fileLoginStore({ folder: path('logins'), key: new Uint8Array(bytes) })
    expect((await same.get('ada'))?.login).toEqual(login)
  })

  test('opens nothing when it is another, and is missed when it is left out', async () => {
    await fileLoginStore({ folder: path('logins'), key }).put('ada', login, undefined)
    const other = fileLoginStore({ folder: path('logins'), key: createSecret() })
    await refusal(other.get('ada'), 'unreadable_login', [key])
    await refusal(other.put('ada', login, undefined), 'unreadable_login', [key])
    const none = storeWith(path('logins'), testKeyring())
    expect(await refusal(none.put('bob', login, undefined), 'no_login_key')).toContain(
      'give the same as `key`',
    )
  })

  test.each([
    ['is too short', 'abc'],
    ['has 31 bytes', new Uint8Array(31)],
    ['is no key', 5],
  ])('is refused when it %s', (_, key) => {
    expect(() => fileLoginStore({ folder: path('logins'), key: key as never })).toThrow(
      /key: must be 32 random bytes/,
    )
  })
})

describe('a key file', () => {
  test('that is gone, cut or another is an error that says what to do, and not replaced', async () => {
    const store = (): ReturnType<typeof storeWith> => storeWith(path('logins'), testKeyring())
    await storeWith(path('logins'), undefined).put('ada', login, undefined)
    const key = await readFile(path('logins.key'), 'utf8')
    await writeFile(path('logins.key'), key.slice(0, 20))
    expect(await refusal(store().put('bob', login, undefined), 'no_login_key', [key.slice(0, 20)])).toContain(
      'put it back',
    )
    await writeFile(path('logins.key'), createSecret())
    await refusal(store().get('ada'), 'unreadable_login', [key.trim()])
    await rm(path('logins.key'))
    await refusal(store().put('bob', login, undefined), 'no_login_key')
    expect(existsSync(path('logins.key'))).toBe(false)
    await writeFile(path('logins.key'), key, { mode: 0o600 })
    expect((await store().get('ada'))?.login).toEqual(login)
  })

  test('is found again when the folder does not say where its key is', async () => {
    await storeWith(path('logins'), undefined).put('ada', login, undefined)
    await rm(path('logins/key.json'))
    expect((await storeWith(path('logins'), testKeyring()).get('ada'))?.login).toEqual(login)
    await storeWith(path('logins'), testKeyring()).put('bob', login, undefined)
    expect(await storeWith(path('logins'), undefined).accounts()).toHaveLength(2)
  })

  test('is not made anew for logins that were sealed with a key of which nobody knows', async () => {
    await storeWith(path('logins'), testKeyring()).put('ada', login, undefined)
    await rm(path('logins/key.json'))
    const store = storeWith(path('logins'), testKeyring())
    await refusal(store.get('ada'), 'no_login_key')
    await refusal(store.put('ada', login, undefined), 'no_login_key')
    expect(await store.get('bob')).toBeUndefined()
    expect(existsSync(path('logins.key'))).toBe(false)
  })

  test.each(['', '{}', '{"version":1,"place":"keychain","check":"a"}', 'x'.repeat(5_000)])(
    'is not looked for where the folder says nothing of it: %.20s',
    async (text) => {
      await storeWith(path('logins'), undefined).put('ada', login, undefined)
      await writeFile(path('logins/key.json'), text)
      const store = storeWith(path('logins'), undefined)
      for (const work of [() => store.get('ada'), () => store.put('bob', login, undefined)])
        expect(await failureOf(work())).toMatchObject({
          code: 'invalid_input',
          message: expect.stringContaining('key.json'),
        })
    },
  )
})
