/**
 * Scenarios 48 to 55 of the credentials that other libraries have: who makes a token and for what, by scopes, scopes of a library,
 * the flag, the universe, and whether an address is called. Unlike elsewhere, no combination gives empty headers.
 */
import { serviceAccount } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { claimsOf } from '../claims.ts'

const USER = 'https://www.googleapis.com/auth/devstorage.read_only'
const LIBRARY = 'https://www.googleapis.com/auth/devstorage.full_control'
const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'
const OTHER_UNIVERSE = 'apis.example.test'

let emulator: Emulator
let key: object
beforeAll(async () => {
  emulator = await createEmulator()
  await emulator.listen()
  key = await emulator.serviceAccountKey()
})
afterAll(() => emulator.close())

/** What the endpoint gives a token for, or what a token is for that the account signs itself. */
type By = 'endpoint' | 'signature'
const of = {
  scope: (by: By, scope: string) => ({ by, scope }),
  aud: { by: 'signature', aud: 'https://storage.googleapis.com/' },
}
const no = undefined

test.each<
  [
    number,
    string,
    to: string,
    scopes: string | undefined,
    library: string | undefined,
    flag: boolean | undefined,
    expected: object,
  ]
>([
  [48, 'scopes', 'an address', USER, no, false, of.scope('endpoint', USER)],
  [48, 'scopes', 'none', USER, no, false, of.scope('endpoint', USER)],
  [48, 'scopes, and no flag', 'an address', USER, no, no, of.scope('endpoint', USER)],
  [49, 'scopes and the flag', 'an address', USER, no, true, of.scope('signature', USER)],
  [49, 'scopes and the flag', 'none', USER, no, true, of.scope('signature', USER)],
  [50, "a library's scopes", 'an address', no, LIBRARY, false, of.scope('endpoint', LIBRARY)],
  [50, "a library's scopes", 'none', no, LIBRARY, false, of.scope('endpoint', LIBRARY)],
  [51, "a library's scopes and the flag", 'an address', no, LIBRARY, true, of.aud],
  [51, "a library's scopes and the flag", 'none', no, LIBRARY, true, of.scope('signature', LIBRARY)],
  [52, 'scopes of both', 'an address', USER, LIBRARY, false, of.scope('endpoint', USER)],
  [52, 'scopes of both', 'none', USER, LIBRARY, false, of.scope('endpoint', USER)],
  [52, 'scopes of both and the flag', 'an address', USER, LIBRARY, true, of.scope('signature', USER)],
  [52, 'scopes of both and the flag', 'none', USER, LIBRARY, true, of.scope('signature', USER)],
  [53, 'nothing', 'an address', no, no, false, of.scope('endpoint', CLOUD)],
  [53, 'nothing', 'none', no, no, false, of.scope('endpoint', CLOUD)],
  [54, 'the flag', 'an address', no, no, true, of.aud],
  [54, 'the flag', 'none', no, no, true, of.scope('signature', CLOUD)],
])('[%i] with %s for %s', async (_, __, to, scopes, library, flag, expected) => {
  expect(await made(scopes, library, flag, to, no)).toEqual(expected)
})

test.each<[string, to: string, scopes: string | undefined, library: string | undefined, expected: object]>([
  ['scopes', 'an address', USER, no, of.scope('signature', USER)],
  ['scopes', 'none', USER, no, of.scope('signature', USER)],
  ['scopes of both', 'an address', USER, LIBRARY, of.scope('signature', USER)],
  ["a library's scopes", 'an address', no, LIBRARY, of.aud],
  ["a library's scopes", 'none', no, LIBRARY, of.scope('signature', LIBRARY)],
  ['nothing', 'an address', no, no, of.aud],
  ['nothing', 'none', no, no, of.scope('signature', CLOUD)],
])('[55] in another universe with %s for %s', async (_, to, scopes, library, expected) => {
  expect(await made(scopes, library, no, to, OTHER_UNIVERSE)).toEqual(expected)
})

/** Who made the token in the headers of a request, and for what. There is nothing else in them. */
async function made(
  scopes: string | undefined,
  library: string | undefined,
  alwaysUseJwtAccess: boolean | undefined,
  to: string,
  universeDomain: string | undefined,
): Promise<object> {
  const account = serviceAccount({
    key: { ...key, universe_domain: universeDomain },
    scopes: scopes === no ? no : [scopes],
    defaultScopes: library === no ? no : [library],
    alwaysUseJwtAccess,
    universeDomain,
  })
  const before = askedTokens()
  if (to === 'none') await account.refresh()
  const headers =
    to === 'none'
      ? account.apply()
      : await account.beforeRequest('https://storage.googleapis.com/storage/v1/b')
  expect(Object.keys(headers)).toEqual(['authorization'])
  const token = headers['authorization']!.replace('Bearer ', '')
  const asked = askedTokens() - before
  if (asked === 0) {
    const { scope, aud } = claimsOf(token) as Record<string, string>
    return { by: 'signature', ...(scope !== no && { scope }), ...(aud !== no && { aud }) }
  }
  expect(asked).toBe(1)
  const info = await fetch(`${emulator.url}/tokeninfo`, { headers: { authorization: `Bearer ${token}` } })
  return { by: 'endpoint', scope: ((await info.json()) as { scope: string }).scope }
}

function askedTokens(): number {
  return emulator.journal.exchanges.filter(({ path }) => path === '/token').length
}
