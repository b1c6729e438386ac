import type { LoginStore, SavedLogin } from '../../auth/user/login-store.ts'
import type { Expect } from './problems-of-login-store.ts'
import { isSameJson } from './same-json.ts'

/** What holds for every store: it gives what was put, whole, for each account its own. */
export async function basicChecks(store: LoginStore, expect: Expect): Promise<void> {
  const accounts = [newAccount(), ...ODD_ACCOUNTS]
  for (const account of accounts) await store.delete(account) // what an earlier try may have left
  await oneAccount(store, expect)
  await contents(store, expect)
  await manyAccounts(store, expect, accounts)
}

async function oneAccount(store: LoginStore, expect: Expect): Promise<void> {
  const account = newAccount()
  expect((await store.get(account)) === undefined, 'it has something where nothing was put')
  expect(!(await store.delete(account)), 'it says that it deleted what was not there')
  const given = newLogin(1)
  expect(await store.put(account, given, undefined), 'it does not put where nothing is')
  const before = await store.get(account)
  expect(isSameJson(before?.login, newLogin(1)), 'it does not give what was put')
  expect(typeof before?.version === 'string' && before.version !== '', 'it gives no version')

  change(given)
  change(before?.login)
  expect(isSameJson((await store.get(account))?.login, newLogin(1)), 'it lets others change what it keeps')

  const small = { refreshToken: 'refresh-2' }
  expect(await store.put(account, small, before?.version), 'it does not put over the version that is there')
  const after = await store.get(account)
  expect(isSameJson(after?.login, small), 'it does not give what was put last, and nothing else')
  expect(after?.version !== before?.version, 'it gives a new login an old version')

  expect((await store.accounts()).includes(account), 'it does not name an account of which it has something')
  expect(await store.delete(account, after?.version), 'it does not delete the version that is there')
  expect((await store.get(account)) === undefined, 'it has what was deleted')
  expect(!(await store.accounts()).includes(account), 'it names an account that was deleted')
  expect(await store.put(account, small, undefined), 'it does not put where something was deleted')
  expect(await store.delete(account), 'it does not delete without a version')
}

async function contents(store: LoginStore, expect: Expect): Promise<void> {
  for (const [what, text] of CONTENTS) {
    const account = newAccount()
    const login = JSON.parse(text) as SavedLogin
    await store.put(account, login, undefined)
    expect(isSameJson((await store.get(account))?.login, JSON.parse(text)), `it does not keep ${what} whole`)
    await store.delete(account)
  }
}

async function manyAccounts(store: LoginStore, expect: Expect, accounts: readonly string[]): Promise<void> {
  for (const [i, account] of accounts.entries()) {
    const isPut = await store.put(account, newLogin(i), undefined)
    expect(isPut, `it takes the account ${JSON.stringify(account)} for another`)
  }
  const named = (await store.accounts()).filter((account) => accounts.includes(account))
  expect(new Set(named).size === named.length, 'it names an account twice')
  for (const [i, account] of accounts.entries()) {
    const name = JSON.stringify(account)
    const isOwn = isSameJson((await store.get(account))?.login, newLogin(i))
    expect(isOwn, `it does not give what was put under the account ${name}`)
    expect(named.includes(account), `it does not name the account ${name}`)
    expect(await store.delete(account), `it does not delete the account ${name}`)
    const next = accounts[i + 1]
    const isLeft = next === undefined || (await store.get(next)) !== undefined
    expect(isLeft, `it deletes another account together with ${name}`)
  }
}

/** An account that nobody else has. */
export const newAccount = (): string => `account-${crypto.randomUUID()}`

export const newLogin = (i: number): SavedLogin => ({
  accessToken: `access-${i}`,
  expiresAt: 1_767_225_600_000 + i,
  refreshToken: `refresh-${i}`,
  scopes: ['openid', 'email'],
})

/** What a program may do to an object that it has. */
function change(login: SavedLogin | undefined): void {
  if (!login || Object.isFrozen(login)) return
  Object.assign(login, { refreshToken: 'changed' })
  const { scopes } = login as { scopes?: string[] }
  if (scopes && !Object.isFrozen(scopes)) scopes.push('changed')
}

const CONTENTS: readonly (readonly [string, string])[] = [
  ['members that it does not know', '{"refreshToken":"r","mine":{"a":[1,{"b":null}],"":true,"a.b":"$c"}}'],
  ['texts of all languages', `{"refreshToken":"r","name":"Ἀδα Łově לאה 艾達 👩‍💻 \\u2028 \\u00e9 e\\u0301"}`],
  ['quotes and line breaks', String.raw`{"refreshToken":"r","note":"'\"\\ \n\r\t %s $1 {} ;--"}`],
  ['a member called __proto__', '{"refreshToken":"r","__proto__":{"scopes":["x"]},"constructor":1}'],
  ['numbers', '{"refreshToken":"r","expiresAt":1767225600123,"n":[0.1,-7,1e21,9007199254740991,1.5e-9]}'],
  ['empty lists, texts and objects', '{"refreshToken":"r","scopes":[],"a":"","b":{},"c":[[]],"d":false}'],
  [
    'a login with all that it can have',
    JSON.stringify({
      ...newLogin(1),
      idToken: 'a.b.c',
      claims: {
        iss: 'https://accounts.google.com',
        sub: '1',
        aud: ['x'],
        exp: 2,
        iat: 1,
        email_verified: true,
      },
      refreshTokenExpiresAt: 1_767_225_600_456,
      client: { clientId: 'c', clientSecret: 's', tokenUri: 'https://oauth2.googleapis.com/token' },
      refreshing: { by: 'somebody', until: 1_767_225_600_789 },
    }),
  ],
  [
    'tokens of 16,384 characters',
    JSON.stringify({ refreshToken: 'r'.repeat(16_384), accessToken: 'a'.repeat(16_384) }),
  ],
]

/** Names that paths, keys, tables and objects are apt to take for others. */
const ODD_ACCOUNTS: readonly string[] = [
  ['ada', 'Ada', 'ADA', ' ada', 'ada ', 'a', 'aa', 'ada@example.com', '109876543210987654321'],
  ['.', '..', '...', '../ada', 'a/b', '/a', 'a/', 'a\\b', 'a.json', 'a.tmp', '.hidden', '~', 'C:a', 'nul'],
  ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'null', 'undefined', '0', '-1', '-rf'],
  [
    'a%2Fb',
    '%',
    '%00',
    '*',
    '?',
    'a*',
    '_da',
    'a:b',
    'a;b',
    "'",
    '"',
    "'; drop table logins; --",
    '$1',
    '[a]',
  ],
  ['é', 'e\u0301', 'ß', 'ss', 'ﬁ', 'fi', '艾達', '👩‍💻', 'İ', 'i\u0307', '\u200b', '\u00a0'],
  ['x'.repeat(200), `${'x'.repeat(199)}y`, 'é'.repeat(200), '👩'.repeat(200)],
].flat()
