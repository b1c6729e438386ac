/** Tokens of whole issuers: the emulator in Google's place, and a provider of OpenID Connect that is not Google. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { idTokenCredentials, verifyIdToken } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { failureOf } from '../../transport/contexts.ts'
import { runProgram } from '../../examples/stage.ts'
import { openProvider, type Provider } from '../openid-provider.ts'

const SERVICE = 'https://my-service.a.run.app'

describe('an ID token of the emulator', () => {
  let emulator: Emulator
  let jwksUri: string
  beforeEach(async () => {
    emulator = await createEmulator()
    await emulator.listen()
    jwksUri = `${emulator.url}/oauth2/v3/certs`
  })
  afterEach(() => emulator.close())

  async function serviceToken(): Promise<string> {
    const key = await emulator.serviceAccountKey({ email: 'robot@p.iam.gserviceaccount.com' })
    const account = idTokenCredentials({ key, targetAudience: SERVICE })
    await account.refresh()
    return account.apply()['authorization']!.replace('Bearer ', '')
  }

  test('[96] of a service account says whose it is', async () => {
    const { client_id } = await emulator.serviceAccountKey({ email: 'robot@p.iam.gserviceaccount.com' })
    expect(await verifyIdToken(await serviceToken(), { audience: SERVICE, jwksUri })).toMatchObject({
      iss: 'https://accounts.google.com',
      aud: SERVICE,
      sub: client_id,
      email: 'robot@p.iam.gserviceaccount.com',
      email_verified: true,
    })
  })

  test('[96] of a machine says whose it is', async () => {
    const path = 'computeMetadata/v1/instance/service-accounts/default'
    const ask = async (what: string): Promise<string> =>
      (await fetch(`${emulator.url}/${path}/${what}`, { headers: { 'metadata-flavor': 'Google' } })).text()
    const token = await ask(`identity?audience=${encodeURIComponent(SERVICE)}&format=full`)
    const { email } = await verifyIdToken(token, { audience: SERVICE, jwksUri })
    expect(email).toBe(await ask('email'))
  })

  test('[99] ends with its hour', async () => {
    const token = await serviceToken()
    const options = { audience: SERVICE, jwksUri, clock: emulator.clock }
    emulator.clock.advance(3_600_000)
    await verifyIdToken(token, options)
    emulator.clock.advance(11_000)
    expect(await failureOf(verifyIdToken(token, options))).toMatchObject({ reason: 'expired_token' })
  })

  test('[97] of another one is of nobody', async () => {
    await using other = await createEmulator()
    const { transport } = other.connect()
    const strange = { audience: SERVICE, jwksUri: `${other.url}/oauth2/v3/certs`, transport: transport! }
    const token = await serviceToken()
    expect(await failureOf(verifyIdToken(token, strange))).toMatchObject({ reason: 'unknown_key' })
  })
})

describe('an ID token of another provider', () => {
  let provider: Provider
  let issuer: string
  beforeAll(async () => {
    provider = await openProvider()
    issuer = provider.issuer
  })
  afterAll(() => provider[Symbol.asyncDispose]())

  const expected = () => ({ audience: 'my-client', issuers: [issuer], jwksUri: `${issuer}/jwks` })
  async function tokenFor(form: Record<string, string>): Promise<string> {
    const body = new URLSearchParams({ client_id: 'my-client', scope: 'openid', ...form })
    const answer = (await (await fetch(`${issuer}/token`, { method: 'POST', body })).json()) as {
      id_token: string
    }
    return answer.id_token
  }

  test('that came with a refresh token', async () => {
    const token = await tokenFor({ grant_type: 'refresh_token', refresh_token: 'r' })
    expect(await verifyIdToken(token, expected())).toMatchObject({
      iss: issuer,
      sub: 'johndoe',
      aud: 'my-client',
    })
    expect(await failureOf(verifyIdToken(token, { ...expected(), audience: 'other' }))).toMatchObject({
      reason: 'wrong_audience',
    })
    expect(
      await failureOf(verifyIdToken(token, { audience: 'my-client', jwksUri: `${issuer}/jwks` })),
    ).toMatchObject({ reason: 'wrong_issuer' })
  })

  test('that came of a sign-in has its nonce', async () => {
    const query = new URLSearchParams({
      client_id: 'my-client',
      response_type: 'code',
      scope: 'openid',
      nonce: 'n-1',
      redirect_uri: 'http://127.0.0.1/callback',
    })
    const { headers } = await fetch(`${issuer}/authorize?${query}`, { redirect: 'manual' })
    const code = new URL(headers.get('location')!).searchParams.get('code')!
    const token = await tokenFor({ grant_type: 'authorization_code', code })
    expect(await verifyIdToken(token, { ...expected(), nonce: 'n-1' })).toMatchObject({ nonce: 'n-1' })
    expect(await failureOf(verifyIdToken(token, { ...expected(), nonce: 'n-2' }))).toMatchObject({
      reason: 'wrong_nonce',
    })
  })
})

describe('a program', () => {
  /** The files of jose that it has loaded when it ends, by Node's own record of what ran. */
  async function filesOfJose(code: string): Promise<string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'discokit-loads-'))
    try {
      const file = join(folder, 'program.mts')
      const record = join(folder, 'record')
      await writeFile(file, code)
      await runProgram(file, [], '.', { ...process.env, NODE_V8_COVERAGE: record })
      const texts = await Promise.all(
        (await readdir(record)).map((name) => readFile(join(record, name), 'utf8')),
      )
      return [...new Set(texts.flatMap((text) => text.match(/node_modules\/jose\/[\w/.]+/g) ?? []))]
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  test('loads what verifies with the first token', async () => {
    const [auth, emulator] = ['auth', 'emulator'].map((name) =>
      JSON.stringify(resolve(`src/${name}/index.ts`)),
    )
    const begins = `
      import { idTokenCredentials, verifyIdToken } from ${auth}
      import { createEmulator } from ${emulator}
      const emulator = await createEmulator()
      await emulator.listen()
      const key = await emulator.serviceAccountKey()
      const account = idTokenCredentials({ key, targetAudience: 'a' })
      await account.refresh()
      const token = account.apply().authorization.replace('Bearer ', '')
      const options = { audience: 'b', jwksUri: emulator.url + '/oauth2/v3/certs' }
      const verify = (token) => verifyIdToken(token, options).then(() => '', (error) => error.reason)`
    const ends = `
      await emulator.close()`
    expect(await filesOfJose(`${begins}\nconsole.log(await verify('x'))${ends}`)).toEqual([])
    expect(await filesOfJose(`${begins}\nconsole.log(await verify(token))${ends}`)).toContain(
      'node_modules/jose/dist/webapi/jws/compact/verify.js',
    )
  })
})
