import { createPrivateKey, createPublicKey } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { assertion, FULL_CONTROL, grant, JWT_BEARER, obtainToken, say } from './speak.ts'

// It stands still: the making of a key takes long enough for a second to pass between two looks at a real clock.
const NOW = Date.parse('2026-01-02T03:04:05.678Z')
let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator({ now: () => NOW })
})
afterEach(() => emulator.close())

describe('serviceAccountKey', () => {
  test('gives a key file as Google writes it', async () => {
    const key = await emulator.serviceAccountKey()
    expect(Object.keys(key).sort()).toEqual(
      [
        'auth_provider_x509_cert_url',
        'auth_uri',
        'client_email',
        'client_id',
        'client_x509_cert_url',
        'private_key',
        'private_key_id',
        'project_id',
        'token_uri',
        'type',
        'universe_domain',
      ].sort(),
    )
    expect(key).toMatchObject({
      type: 'service_account',
      project_id: 'emulator-project',
      client_email: 'emulator@emulator-project.iam.gserviceaccount.com',
      token_uri: 'http://emulator.localhost/token',
      universe_domain: 'googleapis.com',
    })
    expect(key.private_key_id).toMatch(/^[0-9a-f]{40}$/)
    expect(key.client_id).toMatch(/^\d{21}$/)
    const parsed = createPrivateKey(key.private_key)
    expect(createPublicKey(parsed).asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 })
  })

  test('gives the same key for the same address and another for another', async () => {
    const [first, again] = await Promise.all([emulator.serviceAccountKey(), emulator.serviceAccountKey()])
    expect(again).toEqual(first)
    const other = await emulator.serviceAccountKey({ email: 'ada@x.iam.gserviceaccount.com' })
    expect(other.client_email).toBe('ada@x.iam.gserviceaccount.com')
    expect(other.private_key).not.toBe(first.private_key)
  })
})

describe('POST /token', () => {
  test('gives an access token for a signed assertion', async () => {
    const told = await grant(emulator, { grant_type: JWT_BEARER, assertion: await assertion(emulator) })
    expect(told.status).toBe(200)
    expect(told.json).toEqual({
      access_token: expect.stringMatching(/^ya29\.[\w-]{43,}$/),
      expires_in: 3599,
      token_type: 'Bearer',
    })
    expect(told.headers['cache-control']).toBe('no-store')
  })

  test('gives another token each time', async () => {
    expect(await obtainToken(emulator)).not.toBe(await obtainToken(emulator))
  })

  const now = Math.floor(NOW / 1000)
  const timeframe = /^Invalid JWT: Token must be a short-lived token \(60 minutes\)/
  const refusals: [what: string, claims: Record<string, unknown>, error: string, description: RegExp][] = [
    ['for another audience', { aud: 'https://example.com/token' }, 'invalid_grant', /audience/],
    ['from an account it does not know', { iss: 'x@y.z' }, 'invalid_grant', /account not found/],
    ['that has expired', { iat: now - 3700, exp: now - 100 }, 'invalid_grant', timeframe],
    ['that expires this second', { iat: now - 60, exp: now }, 'invalid_grant', timeframe],
    ['from the future', { iat: now + 120, exp: now + 3000 }, 'invalid_grant', timeframe],
    ['for more than an hour', { exp: now + 3601 }, 'invalid_grant', timeframe],
    ['that expires before it was made', { iat: now + 50, exp: now + 40 }, 'invalid_grant', timeframe],
    ['without times', { iat: undefined, exp: undefined }, 'invalid_grant', timeframe],
    ['without a scope', { scope: undefined }, 'invalid_scope', /scope/],
    ['with an empty scope', { scope: ' ' }, 'invalid_scope', /scope/],
  ]
  test.each(refusals)('refuses an assertion %s', async (_, claims, error, description) => {
    const told = await grant(emulator, {
      grant_type: JWT_BEARER,
      assertion: await assertion(emulator, claims),
    })
    expect(told.status).toBe(400)
    expect(told.json).toEqual({ error, error_description: expect.stringMatching(description) })
  })

  test.each([
    ['another algorithm', { alg: 'HS256' }, /RS256/],
    ['no algorithm', { alg: undefined }, /RS256/],
    ['another type', { typ: 'JWS' }, /typ JWT/],
    ['a key id it does not know', { kid: 'f00' }, /^Invalid JWT Signature\.$/],
  ])('refuses an assertion with %s', async (_, header, description) => {
    const told = await grant(emulator, {
      grant_type: JWT_BEARER,
      assertion: await assertion(emulator, {}, header),
    })
    expect([told.status, told.json.error]).toEqual([400, 'invalid_grant'])
    expect(told.json.error_description).toMatch(description)
  })

  test.each([
    ['no type', { typ: undefined }],
    ['no key id', { kid: undefined }],
    ['the algorithm alone', { typ: undefined, kid: undefined }],
  ])('takes an assertion with %s in its header', async (_, header) => {
    const fields = { grant_type: JWT_BEARER, assertion: await assertion(emulator, {}, header) }
    expect((await grant(emulator, fields)).status).toBe(200)
  })

  test('refuses an assertion without a key id that another account signed', async () => {
    const { client_email: iss } = await emulator.serviceAccountKey({ email: 'ada@x.iam.gserviceaccount.com' })
    const forged = await assertion(emulator, { iss }, { kid: undefined })
    const told = await grant(emulator, { grant_type: JWT_BEARER, assertion: forged })
    expect(told.json.error_description).toBe('Invalid JWT Signature.')
  })

  test('refuses an assertion whose claims were changed after signing', async () => {
    const [header, , signature] = (await assertion(emulator)).split('.')
    const [, claims] = (await assertion(emulator, { scope: 'more' })).split('.')
    const told = await grant(emulator, {
      grant_type: JWT_BEARER,
      assertion: `${header}.${claims}.${signature}`,
    })
    expect(told.json).toEqual({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' })
  })

  test.each(['', 'a.b', 'a.b.c.d', '!.!.!', 'e30.e30.e30'])('refuses %j as an assertion', async (text) => {
    const told = await grant(emulator, { grant_type: JWT_BEARER, assertion: text })
    expect(told.status).toBe(400)
    expect(['invalid_grant', 'invalid_request']).toContain(told.json.error)
  })

  test('takes assertions for its own address, for the address it was reached by and for Google', async () => {
    const { url } = await emulator.listen()
    for (const aud of [
      'http://emulator.localhost/token',
      'https://oauth2.googleapis.com/token',
      'https://www.googleapis.com/oauth2/v4/token',
      'https://accounts.google.com/o/oauth2/token',
      `${url}/token`,
      `${url.replace('127.0.0.1', 'localhost')}/token`,
    ]) {
      const response = await fetch(`${url.replace('127.0.0.1', 'localhost')}/token`, {
        method: 'POST',
        body: new URLSearchParams({ grant_type: JWT_BEARER, assertion: await assertion(emulator, { aud }) }),
      })
      expect([aud, response.status]).toEqual([aud, 200])
      await response.text()
    }
    expect((await emulator.serviceAccountKey()).token_uri).toBe(`${url}/token`)
  })

  test('refuses an assertion for a name that is made up on the way', async () => {
    const url = 'http://evil.example/token'
    const fields = { grant_type: JWT_BEARER, assertion: await assertion(emulator, { aud: url }) }
    const response = await emulator.fetch(
      new Request(url, { method: 'POST', body: new URLSearchParams(fields) }),
    )
    expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_grant' }])
  })

  test('knows no other grant', async () => {
    const other = await grant(emulator, { grant_type: 'client_credentials', client_credentials: 'r' })
    expect([other.status, other.json.error]).toEqual([400, 'unsupported_grant_type'])
    const none = await grant(emulator, { assertion: 'x' })
    expect([none.status, none.json.error]).toEqual([400, 'invalid_request'])
  })

  test('reads forms only', async () => {
    const body = { grant_type: JWT_BEARER, assertion: await assertion(emulator) }
    const told = await say(emulator, 'POST /token', { headers: { 'content-type': 'application/json' }, body })
    expect([told.status, told.json.error]).toEqual([400, 'invalid_request'])
    expect((await say(emulator, 'GET /token')).status).toBe(405)
  })

  test('reads no form without end', async () => {
    const told = await grant(emulator, { grant_type: JWT_BEARER, assertion: 'x'.repeat(100_000) })
    expect([told.status, told.json.error]).toEqual([413, 'invalid_request'])
  })

  test('refuses an account that was disabled, until a reset', async () => {
    const { client_email: email } = await emulator.serviceAccountKey()
    emulator.disableServiceAccount(email)
    const fields = { grant_type: JWT_BEARER, assertion: await assertion(emulator) }
    expect((await grant(emulator, fields)).json).toEqual({
      error: 'invalid_grant',
      error_description: 'Invalid grant: account not found',
    })
    emulator.reset()
    expect((await grant(emulator, fields)).status).toBe(200)
    expect(() => emulator.disableServiceAccount('nobody@x')).toThrow(/has made no service account/)
  })

  test('checks times by its own clock', async () => {
    const early = await assertion(emulator)
    emulator.clock.advance(3_600_000)
    expect((await grant(emulator, { grant_type: JWT_BEARER, assertion: early })).status).toBe(400)
    expect(await obtainToken(emulator, FULL_CONTROL)).toMatch(/^ya29\./)
  })
})
