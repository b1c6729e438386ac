import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { createClient, type UntypedApi } from 'discokit'
import { accessToken as bearer } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { claimsOf, headerOf } from '../../auth/claims.ts'
import { grant, JWT_BEARER } from '../speak.ts'

const NOW = Date.parse('2026-01-02T03:04:05.678Z')
const SECONDS = Math.floor(NOW / 1000)
const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'
const ROBOT = 'robot@p.iam.gserviceaccount.com'
const ADA = 'ada@example.com'

let emulator: Emulator
let accounts: any
beforeEach(async () => {
  emulator = await createEmulator({ now: () => NOW })
  accounts = await accountsFor(emulator.accessToken({ email: ADA }))
})
afterEach(() => emulator.close())

/** An API of the emulator for whoever has a token. */
async function apiFor(token: string, id: string): Promise<UntypedApi> {
  const auth = bearer(token)
  return createClient({ ...emulator.connect(), auth, retry: false, validate: false }).discover(id)
}

async function accountsFor(token: string): Promise<any> {
  return (await apiFor(token, 'iamcredentials:v1'))['projects'].serviceAccounts
}

const named = (email: string): string => `projects/-/serviceAccounts/${email}`

/** Status, status text and message of a refusal. */
async function refusal(call: PromiseLike<unknown>): Promise<unknown> {
  return call.then(
    () => 'went through',
    ({ status, serverMessage }: { status: number; serverMessage: string }) => `${status} ${serverMessage}`,
  )
}

const DENIED = "Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)."

describe('generateAccessToken', () => {
  const ask = (body: object = {}, name = named(ROBOT)): Promise<any> =>
    accounts.generateAccessToken({ name, body: { scope: [CLOUD], ...body } })

  test('gives a token that acts as the account and ends when it says', async () => {
    emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT })
    const { accessToken, expireTime } = await ask({ lifetime: '300s' })
    expect(expireTime).toBe('2026-01-02T03:09:05Z')
    const storage = await apiFor(accessToken, 'storage:v1')
    await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
    const oauth2 = await apiFor(emulator.accessToken(), 'oauth2:v2')
    expect(await oauth2['tokeninfo']({ access_token: accessToken })).toMatchObject({
      scope: CLOUD,
      expires_in: 299,
    })
    emulator.clock.advance(299_321)
    await storage['buckets'].get({ bucket: 'box' })
    emulator.clock.advance(1)
    await expect(storage['buckets'].get({ bucket: 'box' })).rejects.toMatchObject({ status: 401 })
  })

  test('lives an hour when nothing else is said, and null is nothing', async () => {
    emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT })
    expect((await ask({ delegates: null })).expireTime).toBe('2026-01-02T04:04:05Z')
  })

  test('is in the name of the account', async () => {
    emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT })
    const email = 'https://www.googleapis.com/auth/userinfo.email'
    const { accessToken } = await ask({ scope: [email] })
    const oauth2 = await apiFor(accessToken, 'oauth2:v2')
    expect(await oauth2['userinfo'].get()).toMatchObject({ email: ROBOT })
  })

  test('is for those who may act as the account, and for the account itself', async () => {
    const refused: unknown = await ask().catch((error: unknown) => error)
    expect(refused).toMatchObject({
      status: 403,
      serverMessage: DENIED,
      reason: 'IAM_PERMISSION_DENIED',
      details: [{ metadata: { permission: 'iam.serviceAccounts.getAccessToken' } }],
    })
    emulator.allowImpersonation({ by: ROBOT, serviceAccount: 'other@p.iam.gserviceaccount.com' })
    emulator.allowImpersonation({ by: 'eve@example.com', serviceAccount: ROBOT })
    expect(await refusal(ask())).toBe(`403 ${DENIED}`)
    emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT })
    const { accessToken } = await ask()
    accounts = await accountsFor(accessToken)
    expect(await ask()).toHaveProperty('accessToken')
    emulator.reset()
    expect(await ask()).toHaveProperty('accessToken')
  })

  test('goes through delegates of whom each may act as the next', async () => {
    const [one, two] = ['one@p.iam.gserviceaccount.com', 'two@p.iam.gserviceaccount.com']
    const delegates = [named(one), named(two)]
    emulator.allowImpersonation({ by: ADA, serviceAccount: one })
    emulator.allowImpersonation({ by: two, serviceAccount: ROBOT })
    const implicit = DENIED.replace('getAccessToken', 'implicitDelegation')
    expect(await refusal(ask({ delegates }))).toBe(`403 ${implicit}`)
    emulator.allowImpersonation({ by: one, serviceAccount: two })
    expect(await ask({ delegates })).toHaveProperty('accessToken')
    expect(await refusal(ask({ delegates: [named(one)] }))).toBe(`403 ${DENIED}`)
    expect(await refusal(ask({ delegates: [named(two)] }))).toBe(`403 ${implicit}`)
    expect(await refusal(ask())).toBe(`403 ${DENIED}`)
    await emulator.serviceAccountKey({ email: two })
    emulator.disableServiceAccount(two)
    expect(await refusal(ask({ delegates }))).toBe(`403 ${implicit}`)
  })

  test('is not for an account that is disabled', async () => {
    emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT })
    const { accessToken } = await ask()
    emulator.disableServiceAccount(ROBOT)
    expect(await refusal(ask())).toBe(`403 ${DENIED}`)
    const storage = await apiFor(accessToken, 'storage:v1')
    await expect(storage['buckets'].list({ project: 'p' })).rejects.toMatchObject({ status: 401 })
  })

  test.each([
    ['without a scope', { scope: undefined }, /scope/],
    ['with no scope', { scope: [] }, /scope/],
    ['with a scope that is none', { scope: ['a b'] }, /scope/],
    ['with scopes in one text', { scope: CLOUD }, /'scope' \(a list\)/],
    ['of more than an hour', { lifetime: '3601s' }, /lifetime/],
    ['of no time', { lifetime: '0s' }, /lifetime/],
    ['of less than a second', { lifetime: '0.5s' }, /lifetime/],
    ['of a time gone by', { lifetime: '-5s' }, /lifetime/],
    ['of a time in other words', { lifetime: '1h' }, /TYPE_DURATION/],
    ['with an option there is not', { lifetimes: '1s' }, /Unknown name "lifetimes"/],
    ['through a delegate of another form', { delegates: [ROBOT] }, /not of the form/],
  ])('is not given out %s', async (_, body, message) => {
    emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT })
    const error: any = await ask(body).catch((reason: unknown) => reason)
    expect([error.status, error.serverMessage]).toEqual([400, expect.stringMatching(message)])
  })

  test.each([
    [`projects/my-project/serviceAccounts/${ROBOT}`, 400],
    [named('nobody'), 400],
    [named('123456789012345678901'), 501],
  ])('is not given out for %s', async (name, status) => {
    await expect(ask({}, name)).rejects.toMatchObject({ status })
  })

  test('needs a token, and one for this', async () => {
    const denied = { by: ADA, serviceAccount: ROBOT }
    emulator.allowImpersonation(denied)
    accounts = await accountsFor(
      emulator.accessToken({ email: ADA, scopes: ['https://www.googleapis.com/auth/drive'] }),
    )
    await expect(ask()).rejects.toMatchObject({ status: 403, reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' })
    accounts = await accountsFor(
      emulator.accessToken({ email: ADA, scopes: ['https://www.googleapis.com/auth/iam'] }),
    )
    expect(await ask()).toHaveProperty('accessToken')
    accounts = await accountsFor('ya29.other')
    await expect(ask()).rejects.toMatchObject({ status: 401 })
    await using open = await createEmulator({ anonymous: true })
    const google = createClient({ ...open.connect(), retry: false, auth: bearer('x') })
    const api = await google.discover('iamcredentials:v1')
    await expect(
      api['projects'].serviceAccounts.generateAccessToken({ name: named(ROBOT), body: { scope: [CLOUD] } }),
    ).rejects.toMatchObject({ status: 401 })
  })

  test('meets faults as other methods do', async () => {
    emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT })
    emulator.fail('iamcredentials.projects.serviceAccounts.generateAccessToken', ['return-503'])
    await expect(ask()).rejects.toMatchObject({ status: 503 })
    expect(await ask()).toHaveProperty('accessToken')
  })
})

describe('generateIdToken', () => {
  beforeEach(() => emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT }))
  const ask = async (body: object): Promise<any> =>
    claimsOf((await accounts.generateIdToken({ name: named(ROBOT), body })).token)

  test('tells of the account, and its address when asked', async () => {
    const { client_id: sub } = await emulator.serviceAccountKey({ email: ROBOT })
    const audience = 'https://my-service.a.run.app'
    const facts = {
      iss: 'https://accounts.google.com',
      aud: audience,
      sub,
      iat: SECONDS,
      exp: SECONDS + 3600,
    }
    expect(await ask({ audience })).toEqual({ ...facts, azp: sub })
    expect(await ask({ audience, includeEmail: false })).toEqual({ ...facts, azp: sub })
    const whole = { ...facts, azp: ROBOT, email: ROBOT, email_verified: true }
    expect(await ask({ audience, includeEmail: true, useEmailAzp: true })).toEqual(whole)
    expect(await ask({ audience, includeEmail: 'true', useEmailAzp: 'true' })).toEqual(whole)
  })

  test.each([
    [{}, /audience/],
    [{ audience: '' }, /audience/],
    [{ audience: 'a', includeEmail: 'yes' }, /includeEmail/],
    [{ audience: 'a', useEmail: true }, /Unknown name "useEmail"/],
  ])('refuses %j', async (body, message) => {
    const error: any = await ask(body).catch((reason: unknown) => reason)
    expect([error.status, error.serverMessage]).toEqual([400, expect.stringMatching(message)])
  })

  test('is for those who may', async () => {
    accounts = await accountsFor(emulator.accessToken({ email: 'eve@example.com' }))
    expect(await refusal(ask({ audience: 'a' }))).toBe(
      `403 ${DENIED.replace('getAccessToken', 'getOpenIdToken')}`,
    )
  })

  test('is signed with the key that proves all ID tokens', async () => {
    const { token } = await accounts.generateIdToken({ name: named(ROBOT), body: { audience: 'a' } })
    const response = await emulator.fetch(new Request(`${emulator.url}/oauth2/v3/certs`))
    const { keys } = (await response.json()) as { keys: JsonWebKey[] }
    const key = createPublicKey({ key: keys.find(({ kid }) => kid === headerOf(token).kid)!, format: 'jwk' })
    const [header, claims, signature] = token.split('.')
    const signed = Buffer.from(`${header}.${claims}`)
    expect(verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))).toBe(true)
  })
})

describe('signJwt', () => {
  beforeEach(() => emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT }))
  const ask = (claims: unknown): Promise<any> =>
    accounts.signJwt({
      name: named(ROBOT),
      body: { payload: typeof claims === 'string' ? claims : JSON.stringify(claims) },
    })
  const claims = {
    iss: ROBOT,
    sub: ADA,
    aud: 'https://oauth2.googleapis.com/token',
    scope: CLOUD,
    iat: SECONDS,
    exp: SECONDS + 3600,
  }

  test('signs claims with a key of its own, which the token endpoint takes', async () => {
    const { keyId, signedJwt } = await ask(claims)
    expect(headerOf(signedJwt)).toEqual({ alg: 'RS256', kid: keyId, typ: 'JWT' })
    expect(claimsOf(signedJwt)).toEqual(claims)
    const { private_key_id: userKey } = await emulator.serviceAccountKey({ email: ROBOT })
    expect(keyId).not.toBe(userKey)
    expect((await ask(claims)).keyId).toBe(keyId)
    const told = await grant(emulator, { grant_type: JWT_BEARER, assertion: signedJwt })
    expect(told.status).toBe(200)
    const drive = await apiFor(told.json.access_token, 'storage:v1')
    await drive['buckets'].list({ project: 'p' })
  })

  test('signs what an API takes for a token', async () => {
    const { signedJwt } = await ask({
      ...claims,
      sub: ROBOT,
      aud: 'https://storage.googleapis.com/',
      scope: undefined,
    })
    const storage = await apiFor(signedJwt, 'storage:v1')
    await storage['buckets'].list({ project: 'p' })
  })

  test('keeps the claims as they were written', async () => {
    const { signedJwt } = await ask('{ "b":1.0, "a":"ä" }')
    expect(Buffer.from(signedJwt.split('.')[1], 'base64url').toString()).toBe('{ "b":1.0, "a":"ä" }')
    expect(claimsOf((await ask({ exp: SECONDS + 12 * 3600 })).signedJwt)).toEqual({ exp: SECONDS + 43200 })
  })

  test.each([
    ['no JSON', 'x'],
    ['a list', []],
    ['nothing', ''],
    ['an end that is past', { exp: SECONDS - 1 }],
    ['an end in 12 hours and a second', { exp: SECONDS + 12 * 3600 + 1 }],
    ['an end in words', { exp: String(SECONDS + 60) }],
  ])('refuses %s', async (_, payload) => {
    await expect(ask(payload)).rejects.toMatchObject({ status: 400 })
  })

  test('is for those who may', async () => {
    accounts = await accountsFor(emulator.accessToken({ email: 'eve@example.com' }))
    expect(await refusal(ask(claims))).toBe(`403 ${DENIED.replace('getAccessToken', 'signJwt')}`)
  })
})

describe('signBlob', () => {
  const ask = (body: object): Promise<any> => accounts.signBlob({ name: named(ROBOT), body })

  test('signs bytes with the same key as JWTs', async () => {
    emulator.allowImpersonation({ by: ADA, serviceAccount: ROBOT })
    const bytes = Buffer.from([0, 255, 1, 254])
    const { keyId, signedBlob } = await ask({ payload: bytes.toString('base64') })
    const { keyId: ofJwt } = await accounts.signJwt({ name: named(ROBOT), body: { payload: '{}' } })
    expect(keyId).toBe(ofJwt)
    expect(Buffer.from(signedBlob, 'base64')).toHaveLength(256)
    expect((await ask({ payload: bytes.toString('base64url') })).signedBlob).toBe(signedBlob)
    await expect(ask({ payload: '!' })).rejects.toMatchObject({ status: 400 })
    await expect(ask({ payload: 'a' })).rejects.toMatchObject({ status: 400 })
    await expect(ask({})).rejects.toMatchObject({ status: 400 })
  })

  test('is for those who may', async () => {
    expect(await refusal(ask({ payload: 'eA==' }))).toBe(
      `403 ${DENIED.replace('getAccessToken', 'signBlob')}`,
    )
  })
})

describe('allowImpersonation', () => {
  test.each([
    [{ by: 'ada', serviceAccount: ROBOT }, 'by'],
    [{ by: 'principal://', serviceAccount: ROBOT }, 'by'],
    [{ by: ADA, serviceAccount: 'a/b@c' }, 'serviceAccount'],
    [{ by: ADA, serviceAccount: ROBOT, role: 'x' }, 'role'],
    [{ by: ADA }, 'serviceAccount'],
  ])('refuses %j', (grants, path) => {
    expect(() => emulator.allowImpersonation(grants as never)).toThrow(
      expect.objectContaining({ code: 'invalid_input', problems: [expect.objectContaining({ path })] }),
    )
  })
})
