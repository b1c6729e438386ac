import { createVerify, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthError, createClient } from 'discokit'
import {
  accessToken,
  adc,
  assertionCredentials,
  authorizedFetch,
  type Credentials,
  idTokenCredentials,
  keySigner,
  serviceAccount,
  type ServiceAccountCredentials,
} from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { multipart } from 'discokit/media'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { API, endpoint } from '../auth/endpoint.ts'
import { keyFile, publicKey } from '../auth/keys.ts'
import { systemClock } from '../../src/transport/clock.ts'
import { readRows, type RowTests } from '../examples/page-rows.ts'
import { nodeRows } from './node-rows.ts'
import { otherRows } from './other-rows.ts'

const EMAIL = 'robot@p.iam.gserviceaccount.com'
const SCOPE = 'https://www.googleapis.com/auth/devstorage.full_control'
const SERVICE = 'https://my-service.a.run.app'
let emulator: Emulator
let folder: string
let path: string
let key: object

beforeAll(async () => {
  emulator = await createEmulator()
  await emulator.listen()
  folder = await mkdtemp(join(tmpdir(), 'discokit-rows-'))
  path = join(folder, 'key.json')
  key = await emulator.serviceAccountKey({ email: EMAIL })
  await writeFile(path, JSON.stringify(key))
})
afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true })
})

/** The claims of the first assertion that a credential sends. */
async function asserted(credentials: Credentials, url = API): Promise<Record<string, unknown>> {
  const google = endpoint(() => ({ text: JSON.stringify({ access_token: 't', id_token: ID_TOKEN }) }))
  await authorizedFetch(credentials, { transport: google.transport, allowedOrigins: [SERVICE] })(url)
  return claimsOf(google.forms[0]!.get('assertion')!)
}
/** The claims of the token that a call carries. */
async function carried(credentials: Credentials, url = API): Promise<Record<string, unknown>> {
  const google = endpoint()
  await google.fetch(credentials)(url)
  expect(google.tokenRequests).toEqual([])
  return claimsOf(google.calls[0]!.headers['authorization']!)
}
const claimsOf = (jwt: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()) as Record<string, unknown>
const ID_TOKEN = `e30.${Buffer.from(JSON.stringify({ exp: Date.now() / 1000 + 3600 })).toString('base64url')}.c2ln`
const account = (more: object = {}): ServiceAccountCredentials => serviceAccount({ key: keyFile(), ...more })
const buckets = (): string => `${emulator.url}/storage/v1/b?project=p`
const status = async (credentials: Credentials): Promise<number> =>
  (await authorizedFetch(credentials, { allowedOrigins: [emulator.url] })(buckets())).status

const serviceAccountRows: RowTests = {
  async S1() {
    expect(await status(serviceAccount({ key, scopes: [SCOPE] }))).toBe(200)
    expect(await status(serviceAccount({ key: JSON.stringify(key) }))).toBe(200)
    expect(() => serviceAccount({ key: keyFile({ client_email: undefined }) })).toThrow('client_email')
  },
  async S2() {
    const credentials = serviceAccount({ keyFile: path })
    expect(credentials.serviceAccountEmail).toBeUndefined()
    expect((await credentials.load()).serviceAccountEmail).toBe(EMAIL)
    expect(await status(credentials)).toBe(200)
  },
  async S3() {
    const { signer } = await serviceAccount({ keyFile: path }).load()
    const tokenUri = `${emulator.url}/token`
    expect(await status(serviceAccount({ signer: signer!, email: EMAIL, tokenUri }))).toBe(200)
  },
  S4: () => expect(account().serviceAccountEmail).toBe(EMAIL),
  S5: () => expect(account().projectId).toBe('p'),
  async S6() {
    const credentials = account({ scopes: ['a'], defaultScopes: ['b'] })
    expect([credentials.scopes, credentials.defaultScopes]).toEqual([['a'], ['b']])
    expect(await asserted(account())).toMatchObject({
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    })
  },
  S7: () =>
    expect([account().requiresScopes, account({ scopes: ['a'] }).requiresScopes]).toEqual([true, false]),
  S8: () =>
    expect([account({ scopes: ['a'] }).hasScopes(['a']), account().hasScopes(['a'])]).toEqual([true, false]),
  async S9() {
    const first = account()
    const copy = first.withScopes(['a'], ['b'])
    expect([first.scopes, copy.scopes, copy.defaultScopes]).toEqual([undefined, ['a'], ['b']])
    expect(await asserted(first.withDefaultScopes(['c']))).toMatchObject({ scope: 'c' })
  },
  S10: async () => expect(await asserted(account().withSubject('ada@b.c'))).toMatchObject({ sub: 'ada@b.c' }),
  S11: async () =>
    expect(await asserted(account({ claims: { a: 1 } }).withClaims({ b: 2 }))).toMatchObject({ a: 1, b: 2 }),
  async S12() {
    const google = endpoint()
    const tokenUri = 'https://oauth2.private.googleapis.com/token'
    await google.fetch(account().withTokenUri(tokenUri))(API)
    expect(google.tokenRequests[0]!.url).toBe(tokenUri)
    expect(() => account().withTokenUri('https://elsewhere.example/token')).toThrow(AuthError)
  },
  async S13() {
    const credentials = account().withQuotaProject('charged')
    expect(credentials.quotaProject).toBe('charged')
    const google = endpoint()
    const fetch = google.fetch(credentials)
    await fetch(API)
    await fetch(API, { headers: { 'x-goog-user-project': 'mine' } })
    expect(google.calls.map(({ headers }) => headers['x-goog-user-project'])).toEqual(['charged', 'mine'])
  },
  async S14() {
    const credentials = account({ key: keyFile({ token_uri: undefined }) }).withUniverseDomain(
      'apis.example.test',
    )
    expect(credentials.universeDomain).toBe('apis.example.test')
    expect(await carried(credentials)).toMatchObject({ sub: EMAIL })
  },
  async S15() {
    expect(await carried(account({ scopes: ['a'] }).withAlwaysUseJwtAccess(true))).toMatchObject({
      scope: 'a',
    })
    expect(
      await asserted(account({ alwaysUseJwtAccess: true }).withAlwaysUseJwtAccess(false)),
    ).toHaveProperty('scope')
  },
  async S16() {
    const credentials = account({ alwaysUseJwtAccess: true })
    expect(await carried(credentials)).toMatchObject({ aud: 'https://storage.googleapis.com/' })
    expect(await carried(credentials, 'https://pubsub.googleapis.com/v1/x')).toMatchObject({
      aud: 'https://pubsub.googleapis.com/',
    })
  },
  async S17() {
    const credentials = serviceAccount({ key })
    expect([credentials.valid, credentials.expired]).toEqual([false, false])
    await credentials.refresh()
    expect([credentials.valid, credentials.expired]).toEqual([true, false])
  },
  async S18() {
    const credentials = serviceAccount({ key })
    expect(() => credentials.apply()).toThrow('no token yet')
    await credentials.refresh()
    expect(credentials.apply()['authorization']).toMatch(/^Bearer ya29\./)
  },
  async S19() {
    const credentials = serviceAccount({ key })
    await credentials.refresh()
    const before = credentials.apply()
    await credentials.refresh()
    expect(credentials.apply()).not.toEqual(before)
  },
  async S20() {
    const credentials = serviceAccount({ key })
    await credentials.refresh()
    const given = { accept: 'a' }
    expect(credentials.apply(given)).toMatchObject({
      accept: 'a',
      authorization: expect.any(String) as string,
    })
    expect(given).toEqual({ accept: 'a' })
  },
  async S21() {
    const headers = await serviceAccount({ key }).beforeRequest(buckets(), { accept: '*/*' })
    expect((await fetch(buckets(), { headers: { ...headers } })).status).toBe(200)
  },
  async S22() {
    const signature = await account().signBytes(new TextEncoder().encode('message'))
    expect(createVerify('RSA-SHA256').update('message').verify(publicKey, signature)).toBe(true)
  },
  S23: () => expect([account().signer?.keyId, account().signerEmail]).toEqual(['key-1', EMAIL]),
  async S24() {
    expect(account().kind).toBe('service account')
    const google = endpoint(() => ({ status: 400, text: '{"error":"invalid_grant"}' }))
    await expect(google.fetch(account())(API)).rejects.toThrow(`the service account ${EMAIL}`)
  },
  async S25() {
    expect(await status(serviceAccount({ key }))).toBe(200)
    const google = createClient({ ...emulator.connect(), auth: serviceAccount({ key }) })
    const storage = await google.discover('storage:v1')
    expect(await storage['buckets'].list({ project: 'p' })).toMatchObject({ kind: 'storage#buckets' })
    await google.close()
  },
  async S26() {
    vi.stubEnv('GOOGLE_CLOUD_QUOTA_PROJECT', 'charged')
    const credentials = account().withQuotaProject(process.env['GOOGLE_CLOUD_QUOTA_PROJECT'])
    expect(credentials.quotaProject).toBe('charged')
    const google = endpoint()
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path)
    await google.fetch(adc())(API)
    expect(google.calls[0]!.headers['x-goog-user-project']).toBe('charged')
  },
  async S27() {
    let now = Date.now()
    const google = endpoint()
    const fetch = google.fetch(account(), { ...systemClock, now: () => now })
    await fetch(API)
    now += 3_600_000 - 60_000 // still good for a minute
    await fetch(API)
    const [first, second] = google.calls.map(({ headers }) => headers['authorization'])
    expect(second).toBe(first)
    await vi.waitFor(() => expect(google.forms).toHaveLength(2))
  },
  S28: () => expect(Object.keys(account())).not.toContain('withTrustBoundary'),
}

const idToken = (more: object = {}): ReturnType<typeof idTokenCredentials> =>
  idTokenCredentials({ key: keyFile(), targetAudience: SERVICE, ...more })

const idTokenRows: RowTests = {
  I1: async () => expect(await asserted(idToken(), SERVICE)).toMatchObject({ target_audience: SERVICE }),
  async I2() {
    const credentials = idTokenCredentials({ keyFile: path, targetAudience: SERVICE })
    await credentials.refresh()
    expect(claimsOf(credentials.apply()['authorization']!)).toMatchObject({ aud: SERVICE, email: EMAIL })
  },
  async I3() {
    const first = idToken()
    const copy = first.withTargetAudience('https://other.example')
    expect(await asserted(copy, SERVICE)).toMatchObject({ target_audience: 'https://other.example' })
    expect(first.targetAudience).toBe(SERVICE)
  },
  I4: async () =>
    expect(await asserted(idToken({ claims: { a: 1 } }).withClaims({ b: 2 }), SERVICE)).toMatchObject({
      a: 1,
      b: 2,
    }),
  I5() {
    expect(idToken().withQuotaProject('charged').quotaProject).toBe('charged')
    expect(() => idToken().withTokenUri('https://elsewhere.example/token')).toThrow(AuthError)
  },
  async I6() {
    const credentials = idTokenCredentials({ key, targetAudience: SERVICE })
    expect([credentials.valid, credentials.expired]).toEqual([false, false])
    const headers = await credentials.beforeRequest(SERVICE)
    expect(headers['authorization']).toMatch(/^Bearer /)
    await credentials.refresh()
    expect([credentials.valid, credentials.apply({ a: 'b' })['a']]).toEqual([true, 'b'])
  },
  async I7() {
    expect([idToken().serviceAccountEmail, idToken().signerEmail, idToken().signer?.keyId]).toEqual([
      EMAIL,
      EMAIL,
      'key-1',
    ])
    expect(await idToken().signBytes(new Uint8Array(3))).toHaveLength(256)
  },
  async I8() {
    expect(await asserted(idToken(), `${SERVICE}/hello`)).toMatchObject({ target_audience: SERVICE })
    await expect(asserted(idToken(), 'https://elsewhere.example')).rejects.toThrow('not sent')
  },
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
})
const session = (more: object = {}): Credentials =>
  assertionCredentials({
    tokenEndpoint: 'https://auth.example.com/token',
    issuer: 'me',
    signer: keySigner({ privateKey: String(rsa), keyId: 'k' }),
    ...more,
  })

const authlibRows: RowTests = {
  L1: async () =>
    expect(await asserted(session({ subject: 'ada', audience: 'them' }), SERVICE)).toMatchObject({
      iss: 'me',
      sub: 'ada',
      aud: 'them',
    }),
  async L2() {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const privateKey = ec.export({ type: 'pkcs8', format: 'pem' }).toString()
    const signer = keySigner({ privateKey, algorithm: 'ES256', keyId: 'k' })
    const google = endpoint()
    const header = { more: 1 }
    await authorizedFetch(session({ signer, header }), {
      transport: google.transport,
      allowedOrigins: [SERVICE],
    })(SERVICE)
    const [first] = google.forms[0]!.get('assertion')!.split('.')
    expect(JSON.parse(Buffer.from(first!, 'base64url').toString())).toEqual({
      alg: 'ES256',
      typ: 'JWT',
      kid: 'k',
      more: 1,
    })
  },
  async L3() {
    expect(await asserted(session({ claims: { a: 1 } }), SERVICE)).toMatchObject({
      a: 1,
      jti: expect.any(String) as string,
    })
    expect(await asserted(session({ claims: { jti: 'mine' } }), SERVICE)).toMatchObject({ jti: 'mine' })
  },
  async L4() {
    const google = endpoint()
    await authorizedFetch(session({ scope: 'a b' }), {
      transport: google.transport,
      allowedOrigins: [SERVICE],
    })(SERVICE)
    expect(google.forms[0]!.get('scope')).toBe('a b')
  },
  async L5() {
    let now = Date.now()
    const google = endpoint()
    const options = { transport: google.transport, allowedOrigins: [SERVICE], clock: { now: () => now } }
    const call = authorizedFetch(session(), options)
    await call(SERVICE)
    now += 3_600_000
    await call(SERVICE)
    expect(google.forms).toHaveLength(2)
  },
  async L6() {
    const credentials = serviceAccount({ keyFile: path, scopes: [SCOPE], subject: 'ada@example.com' })
    expect(await status(credentials)).toBe(200)
  },
  async L7() {
    const send = authorizedFetch(serviceAccount({ keyFile: path }), { allowedOrigins: [emulator.url] })
    await send(`${emulator.url}/storage/v1/b?project=p`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'row-l7' }),
    })
    const parts = [
      { contentType: 'application/json', body: JSON.stringify({ name: 'a.txt' }) },
      { contentType: 'text/plain', body: 'hello' },
    ]
    const url = `${emulator.url}/upload/storage/v1/b/row-l7/o?uploadType=multipart`
    const answer = await send(url, { method: 'POST', body: multipart({ kind: 'related', parts }) })
    expect(await answer.json()).toMatchObject({ name: 'a.txt', size: '5' })
  },
  async L8() {
    const left = async (lifetimeMs: number): Promise<number> => {
      let now = Date.now()
      const google = endpoint()
      const fetch = google.fetch(session(), { ...systemClock, now: () => now })
      await fetch(API)
      now += 3_600_000 - lifetimeMs
      await fetch(API)
      return google.forms.length
    }
    expect([await left(300_000), await left(5_000)]).toEqual([1, 2])
  },
  async L9() {
    const google = endpoint()
    await google.fetch(accessToken('mine'))(API)
    expect(google.calls[0]!.headers['authorization']).toBe('Bearer mine')
    expect(google.forms).toEqual([])
  },
  async L10() {
    const google = endpoint()
    await google.fetch(session())(API)
    expect(google.forms[0]!.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(google.calls[0]).toMatchObject({ url: API, headers: { authorization: 'Bearer t0' } })
  },
  async L11() {
    const google = endpoint()
    const fetch = google.fetch(session())
    for (const method of ['GET', 'PUT', 'DELETE']) await fetch(API, { method })
    expect(google.calls.map(({ method }) => method)).toEqual(['GET', 'PUT', 'DELETE'])
  },
}

const rows = await readRows('from-google-auth')
const tests: RowTests = { ...serviceAccountRows, ...idTokenRows, ...authlibRows, ...otherRows, ...nodeRows }

test('the page for those who come from google-auth has exactly the rows that are tested, each once', () => {
  expect(rows.map(({ id }) => id)).toEqual(Object.keys(tests))
})

describe.each(rows)('$id $there', ({ id }) => {
  test('is here as the page says', () => tests[id]!())
})
