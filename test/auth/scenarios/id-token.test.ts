/** Scenarios 88 to 95 of the credentials that other libraries have, as far as a service account gets ID tokens itself. */
import { createPublicKey, createVerify, type JsonWebKey } from 'node:crypto'
import { AuthError, ValidationError } from 'discokit'
import { authorizedFetch, idTokenCredentials, type IdTokenOptions } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { claimsOf, headerOf } from '../claims.ts'
import { endpoint, token } from '../endpoint.ts'
import { keyFile, TOKEN_URI } from '../keys.ts'

const SERVICE = 'https://my-service.a.run.app'
const NOW = 1_767_225_600_000
const clock = { now: () => NOW }

const segment = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url')
const idToken = (claims: object): string => `${segment({ alg: 'RS256' })}.${segment(claims)}.c2ln`

describe('ID tokens of a service account', () => {
  const good = idToken({ exp: NOW / 1000 + 3600 })
  const google = (answer: object = { id_token: good }) => endpoint(() => ({ text: JSON.stringify(answer) }))
  const credentials = (more: Partial<IdTokenOptions> = {}) =>
    idTokenCredentials({ key: keyFile(), targetAudience: SERVICE, ...more })
  const fetchThrough = (at: ReturnType<typeof endpoint>, more: Partial<IdTokenOptions> = {}) =>
    authorizedFetch(credentials(more), { transport: at.transport, clock, allowedOrigins: [SERVICE] })

  test('[88] are exchanged for an assertion that names the audience and no scopes', async () => {
    const at = google()
    await fetchThrough(at, { claims: { a: 1 } })(`${SERVICE}/hello`)
    const assertion = at.forms[0]!.get('assertion')!
    expect(claimsOf(assertion)).toEqual({
      iss: 'robot@p.iam.gserviceaccount.com',
      aud: TOKEN_URI,
      target_audience: SERVICE,
      a: 1,
      iat: NOW / 1000,
      exp: NOW / 1000 + 3600,
    })
    expect(at.calls[0]!.headers['authorization']).toBe(`Bearer ${good}`)
  })

  test.each([
    ['no id_token', {}, 'it has no id_token'],
    ['an access token', JSON.parse(token('t').text as string) as object, 'it has no id_token'],
    ['an id_token that is none', { id_token: 'x' }, 'has expired already, or does not say'],
    ['one without an end', { id_token: idToken({}) }, 'has expired already, or does not say'],
    ['one that has ended', { id_token: idToken({ exp: NOW / 1000 - 1 }) }, 'has expired already'],
    ['one with a line break', { id_token: `${good}\n` }, 'it has no id_token'],
    ['one that is longer than any', { id_token: good.padEnd(16_385, 'x') }, 'it has no id_token'],
  ])('[89] are not taken from an answer with %s', async (_, answer, message) => {
    const error: unknown = await fetchThrough(google(answer))(SERVICE).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(AuthError)
    expect((error as AuthError).message).toContain(message)
    expect((error as AuthError).message).not.toContain(good)
  })

  test('[90] are for another audience in a copy, which has a token of its own', async () => {
    const first = credentials()
    const copy = first
      .withTargetAudience('https://other.a.run.app')
      .withClaims({ b: 2 })
      .withQuotaProject('charged')
    expect([first.targetAudience, copy.targetAudience]).toEqual([SERVICE, 'https://other.a.run.app'])
    expect(copy).toMatchObject({ valid: false, quotaProject: 'charged', signerEmail: first.signerEmail })
    const at = google()
    const call = authorizedFetch(copy, { transport: at.transport, clock, allowedOrigins: [SERVICE] })
    await call(SERVICE)
    expect(claimsOf(at.forms[0]!.get('assertion')!)).toMatchObject({
      target_audience: 'https://other.a.run.app',
      b: 2,
    })
    expect(at.calls[0]!.headers['x-goog-user-project']).toBe('charged')
    expect(() => copy.withTokenUri('https://evilgoogleapis.com/token')).toThrow(AuthError)
  })

  test('[95] are renewed by the end that they name', async () => {
    let now = NOW
    const at = endpoint(() => ({
      text: JSON.stringify({ id_token: idToken({ exp: now / 1000 + 600, n: now }) }),
    }))
    const options = { transport: at.transport, clock: { now: () => now }, allowedOrigins: [SERVICE] }
    const call = authorizedFetch(credentials(), options)
    await call(SERVICE)
    now += 400_000
    await call(SERVICE)
    expect(at.forms).toHaveLength(1)
    now += 200_000
    await call(SERVICE)
    expect(at.forms).toHaveLength(2)
  })

  test.each([undefined, '', 7])('are for somebody: not for %j', (targetAudience) => {
    expect(() => credentials({ targetAudience: targetAudience as never })).toThrow(ValidationError)
  })

  test('go to no other service', async () => {
    await expect(fetchThrough(google())('https://elsewhere.example')).rejects.toThrow('not sent')
  })
})

describe('the emulator', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await createEmulator()
    await emulator.listen()
  })
  afterEach(() => emulator.close())

  test('gives ID tokens whose signature its public keys prove', async () => {
    const key = await emulator.serviceAccountKey({ email: 'robot@p.iam.gserviceaccount.com' })
    const account = idTokenCredentials({ key, targetAudience: SERVICE })
    await account.refresh()
    const jwt = account.apply()['authorization']!.replace('Bearer ', '')
    expect(claimsOf(jwt)).toMatchObject({
      iss: 'https://accounts.google.com',
      aud: SERVICE,
      sub: key.client_id,
      email: 'robot@p.iam.gserviceaccount.com',
      email_verified: true,
    })
    const { keys } = (await (await fetch(`${emulator.url}/oauth2/v3/certs`)).json()) as { keys: JsonWebKey[] }
    const [header, claims, signature] = jwt.split('.') as [string, string, string]
    const publicKey = createPublicKey({
      key: keys.find(({ kid }) => kid === headerOf(jwt)['kid'])!,
      format: 'jwk',
    })
    expect(
      createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(publicKey, signature, 'base64url'),
    ).toBe(true)
  })

  test('does not take an ID token for leave to call an API', async () => {
    const account = idTokenCredentials({ key: await emulator.serviceAccountKey(), targetAudience: SERVICE })
    const call = authorizedFetch(account, { allowedOrigins: [emulator.url] })
    expect((await call(`${emulator.url}/storage/v1/b?project=p`)).status).toBe(401)
  })
})
