/** Scenarios 15, 31, 33 and 40: what a service account is told of scopes and claims, and what it tells of its token. */
import { ValidationError } from 'discokit'
import { accessToken, serviceAccount, type ServiceAccountOptions } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { afterEach, expect, test, vi } from 'vitest'
import { claimsOf } from '../claims.ts'
import { API, endpoint } from '../endpoint.ts'
import { keyFile, TOKEN_URI } from '../keys.ts'

const NOW = 1_767_225_600_000
const clock = { now: () => NOW }
const account = (more: Partial<ServiceAccountOptions> = {}) => serviceAccount({ key: keyFile(), ...more })

/** The claims of the assertion that is exchanged when an API is called. */
async function assertedBy(credentials: ReturnType<typeof account>): Promise<Record<string, unknown>> {
  const google = endpoint()
  await google.fetch(credentials, clock)(API)
  return claimsOf(google.forms[0]!.get('assertion')!)
}

afterEach(() => {
  vi.useRealTimers()
})

test.each(['a', 'a b', null, [], {}])('[15] scopes are a list, and %j is none', (scopes) => {
  const wrong = scopes as never
  expect(() => account({ scopes: wrong })).toThrow(ValidationError)
  expect(() => account().withScopes(wrong)).toThrow('scopes: must be a list of scopes')
  expect(() => account().withDefaultScopes(wrong)).toThrow('defaultScopes: must be a list of scopes')
})

test('[15] a list of scopes is asked for in one text, and is nobody else’s to change', async () => {
  const scopes = ['a', 'b']
  const [given, copy] = [account({ scopes }), account().withScopes(scopes)]
  scopes.push('c')
  for (const credentials of [given, copy])
    expect(await assertedBy(credentials)).toMatchObject({ scope: 'a b' })
})

test('[31] refresh gets a token that is fresh for its hour, but for the last sixteenth', async () => {
  const emulator = await createEmulator()
  await emulator.listen()
  try {
    const credentials = serviceAccount({ key: await emulator.serviceAccountKey() })
    const start = Date.now()
    vi.useFakeTimers({ toFake: ['Date'], now: start })
    await credentials.refresh()
    expect(credentials.apply()['authorization']).toMatch(/^Bearer ya29\./)
    for (const [ms, valid] of [
      [0, true],
      [3_370_000, true],
      [3_376_000, false],
      [3_600_000, false],
    ] as const) {
      vi.setSystemTime(start + ms)
      expect(credentials).toMatchObject({ valid, expired: !valid })
    }
  } finally {
    await emulator.close()
  }
})

test('[33] apply takes no token: one that is the program’s own is a credential, which wins over the account’s', async () => {
  const google = endpoint()
  const credentials = account()
  await google.fetch(credentials, clock)(API)
  expect(credentials.apply({ authorization: 'Bearer given' })).toEqual({ authorization: 'Bearer t0' })
  await google.fetch(accessToken('given'), clock)(API)
  expect(google.calls.map(({ headers }) => headers['authorization'])).toEqual(['Bearer t0', 'Bearer given'])
  expect(google.forms).toHaveLength(1)
})

test.each([
  [{ iss: 'other@p.iam.gserviceaccount.com' }],
  [{ aud: 'https://other.example/token' }],
  [{ sub: 'ada@example.com' }],
  [{ exp: 1, iat: 0 }],
])('[40] a claim of the program wins over ours: %j', async (claims) => {
  const ours = { iss: 'robot@p.iam.gserviceaccount.com', aud: TOKEN_URI, iat: NOW / 1_000 }
  expect(await assertedBy(account({ claims }))).toMatchObject({ ...ours, ...claims })
  expect(await assertedBy(account().withClaims(claims))).toMatchObject({ ...ours, ...claims })
})
