/** Scenarios 1 to 18, 40 to 47 and 56 to 59 of the credentials that other libraries have: construction, copies, own signatures. */
import { createVerify, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { AuthError, ValidationError } from 'discokit'
import {
  authorizedFetch,
  idTokenCredentials,
  serviceAccount,
  type ServiceAccountCredentials,
  type ServiceAccountOptions,
} from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { claimsOf, headerOf } from '../claims.ts'
import { API, endpoint } from '../endpoint.ts'
import { keyFile, PKCS8, publicKey, TOKEN_URI } from '../keys.ts'

const SCOPES = ['https://www.googleapis.com/auth/devstorage.read_only']
const NOW = 1_767_225_600_900
let now = NOW
const clock = { now: () => now }
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-accounts-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(() => {
  now = NOW
})

/** What a call with a credential carried, and the assertions that were exchanged for it. */
async function callWith(credentials: ServiceAccountCredentials, url = API) {
  const google = endpoint()
  await google.fetch(credentials, clock)(url)
  const bearer = google.calls[0]!.headers['authorization']!.replace('Bearer ', '')
  return {
    google,
    bearer,
    headers: google.calls[0]!.headers,
    assertions: google.forms.map((form) => form.get('assertion')!),
  }
}

function problemsOf(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    if (error instanceof ValidationError || error instanceof AuthError) return error.message
    throw error
  }
  return 'none'
}

describe('construction', () => {
  test('[1] from an object with all its members', async () => {
    const account = serviceAccount({
      key: keyFile(),
      scopes: SCOPES,
      subject: 'ada@example.com',
      claims: { a: 1 },
    })
    expect(account).toMatchObject({
      serviceAccountEmail: 'robot@p.iam.gserviceaccount.com',
      signerEmail: 'robot@p.iam.gserviceaccount.com',
      projectId: 'p',
      scopes: SCOPES,
      subject: 'ada@example.com',
      universeDomain: 'googleapis.com',
    })
    const { assertions } = await callWith(account)
    expect(claimsOf(assertions[0]!)).toMatchObject({ scope: SCOPES[0], sub: 'ada@example.com', a: 1 })
  })

  test('[2] from a file, which is read when it is needed', async () => {
    const path = join(folder, 'key.json')
    await writeFile(path, JSON.stringify(keyFile()))
    const account = serviceAccount({ keyFile: path })
    expect(account.serviceAccountEmail).toBeUndefined()
    expect((await account.load()).serviceAccountEmail).toBe('robot@p.iam.gserviceaccount.com')
    expect(account.projectId).toBe('p')
  })

  test.each(['client_email', 'private_key'])(
    '[3] [4] without %s is refused, and the member named',
    (name) => {
      expect(problemsOf(() => serviceAccount({ key: keyFile({ [name]: undefined }) }))).toContain(name)
    },
  )

  test('[3] without token_uri asks the endpoint that all accounts have: here it may be left out', async () => {
    const { google } = await callWith(serviceAccount({ key: keyFile({ token_uri: undefined }) }))
    expect(google.tokenRequests[0]!.url).toBe(TOKEN_URI)
  })

  test.each([null, '', '{}', 'null', '[]', '7'])('[5] from %j is refused', (key) => {
    expect(problemsOf(() => serviceAccount({ key: key as never }))).not.toBe('none')
  })

  test("[6] without a universe is in Google's own, and exchanges", async () => {
    expect(serviceAccount({ key: keyFile() }).universeDomain).toBe('googleapis.com')
    expect((await callWith(serviceAccount({ key: keyFile() }))).assertions).toHaveLength(1)
  })

  test('[7] [13] in another universe signs its tokens itself', async () => {
    const account = serviceAccount({ key: keyFile({ token_uri: undefined }), scopes: SCOPES })
    const elsewhere = account.withUniverseDomain('apis.example.test')
    expect(elsewhere.universeDomain).toBe('apis.example.test')
    const { assertions, bearer } = await callWith(elsewhere)
    expect(assertions).toEqual([])
    expect(claimsOf(bearer)).toMatchObject({ scope: SCOPES[0], sub: 'robot@p.iam.gserviceaccount.com' })
  })

  test('[7] of another universe is one where the program names it, and refused where it does not', async () => {
    const key = keyFile({ token_uri: undefined, universe_domain: 'apis.example.test' })
    const named = serviceAccount({ key, universeDomain: 'apis.example.test' })
    expect(named.universeDomain).toBe('apis.example.test')
    expect((await callWith(named)).assertions).toEqual([])
    const refusal = "is of the universe apis.example.test; pass universeDomain: 'apis.example.test'"
    expect(problemsOf(() => serviceAccount({ key }))).toContain(refusal)
    expect(problemsOf(() => serviceAccount({ key, universeDomain: 'other.example.test' }))).toContain(refusal)
    expect(problemsOf(() => named.withUniverseDomain('googleapis.com'))).toContain(refusal)
    expect(problemsOf(() => idTokenCredentials({ key, targetAudience: 'https://a.example' }))).toContain(
      refusal,
    )
    const google = endpoint()
    const late = serviceAccount({ key: async () => key })
    await expect(google.fetch(late)(API)).rejects.toThrow(refusal)
    expect([...google.tokenRequests, ...google.calls]).toEqual([])
  })

  test('[8] begins without a token, neither valid nor expired, and wants scopes', () => {
    const account = serviceAccount({ key: keyFile() })
    expect(account).toMatchObject({ valid: false, expired: false, requiresScopes: true })
    expect(account.withScopes(SCOPES).requiresScopes).toBe(false)
    expect(problemsOf(() => account.apply())).toContain('refresh() gets one')
  })

  test('[9] with other scopes is another, and leaves the first', async () => {
    const account = serviceAccount({ key: keyFile(), scopes: ['a'] })
    await callWith(account)
    const copy = account.withScopes(SCOPES)
    expect(copy).not.toBe(account)
    expect([account.scopes, copy.scopes]).toEqual([['a'], SCOPES])
    expect([account.hasScopes(['a']), copy.hasScopes(['a']), copy.hasScopes([])]).toEqual([true, false, true])
    expect(copy.valid).toBe(false)
    const ofLibrary = serviceAccount({ key: keyFile() }).withDefaultScopes(['d'])
    expect([ofLibrary.hasScopes(['d']), ofLibrary.requiresScopes]).toEqual([true, true])
    expect(claimsOf((await callWith(ofLibrary)).assertions[0]!)).toMatchObject({ scope: 'd' })
  })

  test('[10] with further claims has them beside the others, and changes nothing', async () => {
    const claims = { a: 1 }
    const account = serviceAccount({ key: keyFile(), claims })
    const both = await callWith(account.withClaims({ b: 2 }))
    expect(claimsOf(both.assertions[0]!)).toMatchObject({ a: 1, b: 2 })
    expect(claims).toEqual({ a: 1 })
    expect(claimsOf((await callWith(account)).assertions[0]!)).not.toHaveProperty('b')
  })

  test('[11] [34] with a quota project names it in every call', async () => {
    const account = serviceAccount({ key: keyFile() }).withQuotaProject('charged')
    const { headers } = await callWith(account)
    expect(headers['x-goog-user-project']).toBe('charged')
    expect((await callWith(account.withQuotaProject(undefined))).headers).not.toHaveProperty(
      'x-goog-user-project',
    )
  })

  test('[12] [22] with another token_uri asks there, and the assertion is for Google all the same', async () => {
    const { google, assertions } = await callWith(
      serviceAccount({ key: keyFile() }).withTokenUri('https://oauth2.private.googleapis.com/token'),
    )
    expect(google.tokenRequests[0]!.url).toBe('https://oauth2.private.googleapis.com/token')
    expect(claimsOf(assertions[0]!)['aud']).toBe(TOKEN_URI)
    const evil = problemsOf(() =>
      serviceAccount({ key: keyFile() }).withTokenUri('https://evilgoogleapis.com/token'),
    )
    expect(evil).toContain('token_uri at evilgoogleapis.com')
  })

  test('[14] must sign its tokens itself in another universe', () => {
    const account = serviceAccount({
      key: keyFile({ token_uri: undefined }),
      universeDomain: 'apis.example.test',
    })
    expect(problemsOf(() => account.withAlwaysUseJwtAccess(false))).toContain(
      'cannot be false in apis.example.test',
    )
  })

  test.each([[[]], [null], ['a scope']])('[15] scopes cannot be %j', (scopes) => {
    expect(problemsOf(() => serviceAccount({ key: keyFile() }).withScopes(scopes as never))).toContain(
      'scopes',
    )
  })

  test('[16] signs bytes as the key does', async () => {
    const signature = await serviceAccount({ key: keyFile() }).signBytes(new TextEncoder().encode('text'))
    expect(createVerify('RSA-SHA256').update('text').verify(publicKey, signature)).toBe(true)
  })

  test('[17] has the signer of its key, or is given one with no key at hand', async () => {
    const account = serviceAccount({ key: keyFile() })
    expect(account.signer?.keyId).toBe('key-1')
    const asked: Uint8Array[] = []
    const signer = {
      keyId: 'kms-1',
      sign: async (data: Uint8Array) => {
        asked.push(data)
        return account.signBytes(data)
      },
    }
    const { assertions } = await callWith(serviceAccount({ signer, email: 'kms@p.iam.gserviceaccount.com' }))
    expect(headerOf(assertions[0]!)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'kms-1' })
    expect(claimsOf(assertions[0]!)['iss']).toBe('kms@p.iam.gserviceaccount.com')
    expect(asked).toHaveLength(1)
    expect(problemsOf(() => serviceAccount({ signer }))).toContain('email')
    expect(problemsOf(() => serviceAccount({ signer, email: 'a@b', key: keyFile() }))).toContain('keyFile')
  })

  test('[18] tells what it is, also of a copy, and never its key', () => {
    const account = serviceAccount({ key: keyFile({ token_uri: undefined }) })
    const idToken = idTokenCredentials({ key: keyFile(), targetAudience: 'https://a.example' })
    const copies = [
      account.withScopes(SCOPES),
      account.withDefaultScopes(SCOPES),
      account.withSubject('ada@example.com'),
      account.withClaims({ a: 1 }),
      account.withTokenUri(TOKEN_URI),
      account.withQuotaProject('charged'),
      account.withUniverseDomain('apis.example.test'),
      account.withAlwaysUseJwtAccess(true),
      idToken.withTargetAudience('https://b.example'),
      idToken.withClaims({ a: 1 }),
      idToken.withTokenUri(TOKEN_URI),
      idToken.withQuotaProject('charged'),
    ]
    for (const credentials of [account, idToken, ...copies]) {
      expect(credentials.kind).toBe(
        credentials.constructor === account.constructor ? account.kind : 'ID token',
      )
      expect(credentials).toMatchObject({
        serviceAccountEmail: 'robot@p.iam.gserviceaccount.com',
        signerEmail: 'robot@p.iam.gserviceaccount.com',
        projectId: 'p',
      })
      const shown = JSON.stringify(credentials) + inspect(credentials, { depth: Infinity, showHidden: true })
      expect(shown).not.toContain(PKCS8.split('\n')[3]!.slice(0, 12))
    }
    expect(account.kind).toBe('service account')
  })
})

describe('tokens without a client', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await createEmulator()
    await emulator.listen()
  })
  afterEach(() => emulator.close())
  const account = async (more: Partial<ServiceAccountOptions> = {}): Promise<ServiceAccountCredentials> =>
    serviceAccount({ key: await emulator.serviceAccountKey(), ...more })

  test('[31] refresh gets one, valid for its hour', async () => {
    const credentials = await account()
    await credentials.refresh()
    const first = credentials.apply()
    expect(credentials).toMatchObject({ valid: true, expired: false })
    await credentials.refresh()
    expect(credentials.apply()['authorization']).not.toBe(first['authorization'])
  })

  test('[31] refresh that fails says so, and leaves the token that there is', async () => {
    const credentials = await account()
    await credentials.refresh()
    const first = credentials.apply()
    emulator.fail('oauth2.token', ['return-400'])
    await expect(credentials.refresh()).rejects.toMatchObject({ code: 'auth_failed', status: 400 })
    expect(credentials).toMatchObject({ valid: true, expired: false })
    expect(credentials.apply()).toEqual(first)
    await credentials.refresh()
    expect(credentials.apply()['authorization']).not.toBe(first['authorization'])
  })

  test('[31] refresh leaves the token that there is until the new one has come', async () => {
    const credentials = await account()
    await credentials.refresh()
    const first = credentials.apply()
    const refreshing = credentials.refresh()
    expect(credentials.apply()).toEqual(first)
    await refreshing
    expect(credentials.apply()['authorization']).not.toBe(first['authorization'])
  })

  test('[32] beforeRequest gets one where there is none, and gives the headers of the request', async () => {
    const credentials = await account()
    const headers = await credentials.beforeRequest(`${emulator.url}/storage/v1/b?project=p`, {
      accept: 'text/json',
    })
    expect(headers).toMatchObject({
      accept: 'text/json',
      authorization: credentials.apply()['authorization'],
    })
    const answer = await fetch(`${emulator.url}/storage/v1/b?project=p`, { headers: { ...headers } })
    expect(answer.status).toBe(200)
  })

  test('[33] apply gives headers with the token, whatever stood there', async () => {
    const credentials = await account({ quotaProject: 'charged' })
    await credentials.refresh()
    const headers = credentials.apply({ authorization: 'Basic x', 'x-goog-user-project': 'mine' })
    expect(headers['authorization']).toMatch(/^Bearer ya29\./)
    expect(headers['x-goog-user-project']).toBe('mine')
    expect(credentials.apply()['x-goog-user-project']).toBe('charged')
  })

  test('[35] a project that the call names wins', async () => {
    const google = endpoint()
    const credentials = serviceAccount({ key: keyFile(), quotaProject: 'charged' })
    await google.fetch(credentials, clock)(API, { headers: { 'x-goog-user-project': 'mine' } })
    expect(google.calls[0]!.headers['x-goog-user-project']).toBe('mine')
  })

  test.each([
    ['for the API that is called', {}],
    ['for scopes', { scopes: ['https://www.googleapis.com/auth/devstorage.full_control'] }],
  ])('[41] [42] its own signature lets it in: %s', async (_, more) => {
    const credentials = await account({ alwaysUseJwtAccess: true, ...more })
    const call = authorizedFetch(credentials, { allowedOrigins: [emulator.url] })
    expect((await call(`${emulator.url}/storage/v1/b?project=p`)).status).toBe(200)
    expect(emulator.journal.exchanges.some(({ path }) => path.endsWith('/token'))).toBe(false)
    const other = await account({
      alwaysUseJwtAccess: true,
      scopes: ['https://www.googleapis.com/auth/drive'],
    })
    const refused = authorizedFetch(other, { allowedOrigins: [emulator.url] })
    expect((await refused(`${emulator.url}/storage/v1/b?project=p`)).status).toBe(403)
  })

  test('and for another API it lets nobody in', async () => {
    const credentials = await account({ alwaysUseJwtAccess: true })
    const headers = await credentials.beforeRequest('https://drive.googleapis.com/x')
    const answer = await fetch(`${emulator.url}/storage/v1/b?project=p`, { headers: { ...headers } })
    expect(answer.status).toBe(401)
  })
})

describe('its own signature', () => {
  const own = (more: Partial<ServiceAccountOptions> = {}): ServiceAccountCredentials =>
    serviceAccount({ key: keyFile(), alwaysUseJwtAccess: true, ...more })

  test('[41] with scopes names them and no audience', async () => {
    const { bearer, assertions } = await callWith(own({ scopes: ['a', 'b'] }))
    expect(assertions).toEqual([])
    expect(claimsOf(bearer)).toEqual({
      iss: 'robot@p.iam.gserviceaccount.com',
      sub: 'robot@p.iam.gserviceaccount.com',
      scope: 'a b',
      iat: 1_767_225_600,
      exp: 1_767_229_200,
    })
    expect(headerOf(bearer)).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' })
  })

  test('[42] without scopes names the API that is called, with a slash at the end', async () => {
    const { bearer } = await callWith(own())
    expect(claimsOf(bearer)).toMatchObject({ aud: 'https://storage.googleapis.com/' })
    expect(claimsOf(bearer)).not.toHaveProperty('scope')
  })

  test('[43] with scopes of a library counts them where no API is called', async () => {
    const account = own({ defaultScopes: ['d'] })
    await account.refresh()
    expect(claimsOf(account.apply()['authorization']!)).toMatchObject({ scope: 'd' })
    expect(claimsOf((await callWith(account)).bearer)).toMatchObject({
      aud: 'https://storage.googleapis.com/',
    })
  })

  test('[45] without scopes is valid, applied and refreshed for no API in particular', async () => {
    const account = own()
    const { bearer } = await callWith(account)
    expect(claimsOf(bearer)).toMatchObject({ aud: 'https://storage.googleapis.com/' })
    expect(account).toMatchObject({ valid: false, expired: false })
    await account.refresh()
    expect(account.valid).toBe(true)
    expect(claimsOf(account.apply()['authorization']!)).toMatchObject({
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    })
    expect((await callWith(account)).bearer).toBe(bearer)
  })

  test('[44] [57] is made once for each API, until it must be renewed', async () => {
    const account = own()
    const [first, again] = [await callWith(account), await callWith(account, `${API}/other`)]
    expect(again.bearer).toBe(first.bearer)
    const other = await callWith(account, 'https://drive.googleapis.com/x')
    expect(claimsOf(other.bearer)['aud']).toBe('https://drive.googleapis.com/')
    now += 3_300_000
    expect((await callWith(account)).bearer).toBe(first.bearer)
  })

  test('[58] is renewed ahead of its end', async () => {
    const account = own()
    const first = await callWith(account)
    now += 3_400_000
    await callWith(account) // the old one serves while the new one is made
    await expect.poll(async () => (await callWith(account)).bearer).not.toBe(first.bearer)
  })

  test('[45] asks nobody', async () => {
    const { google } = await callWith(own())
    expect(google.tokenRequests).toEqual([])
    expect(google.calls).toHaveLength(1)
  })

  test('[46] is not used to act for somebody', async () => {
    const { assertions } = await callWith(own({ subject: 'ada@example.com' }))
    expect(claimsOf(assertions[0]!)).toMatchObject({ sub: 'ada@example.com', aud: TOKEN_URI })
  })

  test('[47] nor is somebody acted for in another universe', async () => {
    const account = own({ subject: 'ada@example.com', key: keyFile({ token_uri: undefined }) })
    const calling = callWith(account.withUniverseDomain('apis.example.test'))
    await expect(calling).rejects.toMatchObject({ reason: 'delegation_not_supported' })
  })

  test.each(['iss', 'sub', 'aud', 'iat', 'exp', 'scope'])('[56] cannot have another %s', (name) => {
    expect(problemsOf(() => own({ claims: { [name]: 'x' } }))).toContain(`claims.${name}`)
    expect(problemsOf(() => own().withClaims({ [name]: 'x' }))).toContain(`claims.${name}`)
  })

  test('[40] while an assertion may say what the program likes', async () => {
    const { assertions } = await callWith(
      serviceAccount({ key: keyFile(), claims: { aud: 'x', scope: 'y' } }),
    )
    expect(claimsOf(assertions[0]!)).toMatchObject({ aud: 'x', scope: 'y' })
  })

  test('[59] gives way to the token endpoint when a claim says who an ID token is for', async () => {
    const { assertions } = await callWith(own({ claims: { target_audience: 'https://run.example' } }))
    expect(claimsOf(assertions[0]!)).toMatchObject({ target_audience: 'https://run.example' })
  })

  test('is forgotten when it is refused', async () => {
    const account = own()
    const first = await callWith(account)
    now += 1_000
    account.refused({ authorization: `Bearer ${first.bearer}` })
    expect((await callWith(account)).bearer).not.toBe(first.bearer)
  })

  test('is kept for a hundred APIs at most', async () => {
    const account = own()
    const first = await callWith(account)
    for (let i = 0; i < 100; i++) await callWith(account, `https://a${i}.googleapis.com/`)
    now += 1_000
    expect((await callWith(account)).bearer).not.toBe(first.bearer)
  })
})

test('a signer that fails is told as it is, and asked again', async () => {
  let failing = true
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const good = serviceAccount({
    key: keyFile({ private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) }),
  })
  const signer = {
    sign: async (data: Uint8Array) => {
      if (failing) throw new Error('the key service is away')
      return good.signBytes(data)
    },
  }
  const account = serviceAccount({ signer, email: 'kms@p.iam.gserviceaccount.com' })
  await expect(callWith(account)).rejects.toThrow('the key service is away')
  failing = false
  expect((await callWith(account)).assertions).toHaveLength(1)
})
