/** Logins that stand in another store sealed. */
import { AuthError, ValidationError } from 'discokit'
import {
  createSecret,
  type LoginStore,
  memoryLoginStore,
  problemsOfLoginStore,
  type SavedLogin,
  sealedLoginStore,
} from 'discokit/login'
import { fileLoginStore } from 'discokit/node'
import { describe, expect, test } from 'vitest'
import { failureOf } from '../../media/connection.ts'
import { useFolder } from '../../media/folder.ts'

const path = useFolder()
const login: SavedLogin = { accessToken: 'ya29.canary', refreshToken: '1//canary', scopes: ['canary'] }
const [first, second] = [createSecret(), createSecret()]

async function refusal(work: Promise<unknown>): Promise<AuthError> {
  const failure = await failureOf(work)
  expect(failure).toBeInstanceOf(AuthError)
  const text = `${failure.stack} ${JSON.stringify(failure)} ${String(failure.cause)}`
  for (const secret of ['canary', first, second]) expect(text).not.toContain(secret)
  return failure
}

test('does all that a store of logins has to, as far as the other one does', async () => {
  const memory = memoryLoginStore()
  expect(await problemsOfLoginStore(() => sealedLoginStore(memory, first), { level: 'durable' })).toEqual([])
  const files = (): LoginStore =>
    sealedLoginStore(fileLoginStore({ folder: path('logins'), key: first }), [second, first])
  expect(await problemsOfLoginStore(files, { level: 'durable' })).toEqual([])
  const loose: LoginStore = { ...memoryLoginStore(), atomic: false }
  expect(sealedLoginStore(loose, first).atomic).toBe(false)
})

test('leaves nothing in clear but the account, and something else each time', async () => {
  const memory = memoryLoginStore()
  const store = sealedLoginStore(memory, first)
  const seen = new Set<string>()
  for (let i = 0; i < 5; i++) {
    await store.put('ada', login, (await store.get('ada'))?.version)
    const text = JSON.stringify(await memory.get('ada'))
    expect(text).not.toContain('canary')
    expect(text).not.toContain(Buffer.from('canary').toString('base64url').slice(0, 6))
    seen.add(JSON.stringify((await memory.get('ada'))!.login))
  }
  expect(seen.size).toBe(5)
  expect((await store.get('ada'))?.login).toEqual(login)
  expect(await store.accounts()).toEqual(['ada'])
})

test('takes large logins', async () => {
  const large = { ...login, more: 'x'.repeat(200_000) }
  const store = sealedLoginStore(fileLoginStore({ folder: path('logins'), key: second }), first)
  await store.put('ada', large, undefined)
  expect((await store.get('ada'))?.login).toEqual(large)
})

describe('secrets', () => {
  test('that come new seal, and old ones open until they are taken away', async () => {
    const memory = memoryLoginStore()
    await sealedLoginStore(memory, first).put('ada', login, undefined)
    const both = sealedLoginStore(memory, [second, Buffer.from(first, 'base64url')])
    const found = (await both.get('ada'))!
    expect(found.login).toEqual(login)
    expect(await refusal(sealedLoginStore(memory, second).get('ada'))).toMatchObject({
      reason: 'unreadable_login',
    })
    await both.put('ada', login, found.version)
    expect((await sealedLoginStore(memory, second).get('ada'))?.login).toEqual(login)
    await refusal(sealedLoginStore(memory, first).get('ada'))
  })

  test.each([
    ['none', undefined, 'secret'],
    ['an empty list', [], 'secret'],
    ['a short one', 'abc', 'secret'],
    ['one of 16 bytes', new Uint8Array(16), 'secret'],
    ['one in a list', [createSecret(), 'abc'], 'secret[1]'],
  ])('%s are refused', (_, secret, where) => {
    let failure: unknown
    try {
      sealedLoginStore(memoryLoginStore(), secret as never)
    } catch (error) {
      failure = error
    }
    expect(failure).toBeInstanceOf(ValidationError)
    expect((failure as ValidationError).problems.map(({ path }) => path)).toEqual([where])
    expect(String(failure)).not.toContain('abc')
  })

  test('and so is what is no store', () => {
    expect(() => sealedLoginStore({} as never, first)).toThrow(/store: must be a store of logins/)
  })
})

describe('what cannot be opened is an error that names the account', () => {
  test.each<[string, (memory: LoginStore) => Promise<unknown>, RegExp]>([
    [
      'of another account',
      async (memory) => put(memory, (await memory.get('bob'))!.login),
      /another account/,
    ],
    ['that is not sealed', (memory) => put(memory, login), /it is not sealed/],
    ['that was changed', async (memory) => put(memory, changed((await memory.get('ada'))!.login)), /damaged/],
    ['that was cut', async (memory) => put(memory, cut((await memory.get('ada'))!.login)), /damaged/],
    ['that is empty', (memory) => put(memory, { refreshToken: 'x', sealed: '' } as SavedLogin), /damaged/],
    [
      'that is a number',
      (memory) => put(memory, { refreshToken: 'x', sealed: 5 } as SavedLogin),
      /not sealed/,
    ],
  ])('one %s', async (_, spoil, words) => {
    const memory = memoryLoginStore()
    const store = sealedLoginStore(memory, first)
    await store.put('ada', login, undefined)
    await store.put('bob', { refreshToken: '1//canary-of-bob' }, undefined)
    await spoil(memory)
    const failure = await refusal(store.get('ada'))
    expect(failure).toMatchObject({ reason: 'unreadable_login', retryable: false })
    expect(failure.message).toContain('the login of ada ')
    expect(failure.message).toMatch(words)
    expect((await store.get('bob'))?.login).toEqual({ refreshToken: '1//canary-of-bob' })
    // It is not in the way of a new login.
    expect(await store.delete('ada')).toBe(true)
    expect(await store.put('ada', login, undefined)).toBe(true)
  })

  const put = async (memory: LoginStore, spoiled: SavedLogin): Promise<boolean> =>
    memory.put('ada', spoiled, (await memory.get('ada'))!.version)
  const sealedOf = (kept: SavedLogin): string => (kept as { sealed?: string }).sealed!
  const cut = (kept: SavedLogin): SavedLogin =>
    ({ ...kept, sealed: sealedOf(kept).slice(0, -4) }) as SavedLogin
  const changed = (kept: SavedLogin): SavedLogin => {
    const text = sealedOf(kept)
    return { ...kept, sealed: (text[0] === 'A' ? 'B' : 'A') + text.slice(1) } as SavedLogin
  }
})
