import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { claimsOf } from '../auth/claims.ts'
import { grant, obtainToken, say, type Told } from './speak.ts'

const READ_ONLY = 'https://www.googleapis.com/auth/devstorage.read_only'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05Z') })
})
afterEach(() => emulator.close())

type Client = ReturnType<Emulator['authorizedUser']>
const refresh = ({ client_id, client_secret, refresh_token }: Client): Promise<Told> =>
  grant(emulator, { grant_type: 'refresh_token', client_id, client_secret, refresh_token })
const revoke = (token: string): Promise<Told> =>
  say(emulator, 'POST /revoke', { headers: FORM, body: new URLSearchParams({ token }).toString() })
const call = async (token: string): Promise<number> =>
  (await say(emulator, 'GET /storage/v1/b?project=p', { headers: { authorization: `Bearer ${token}` } }))
    .status

describe('tokens taken back', () => {
  test.each(['access', 'refresh'] as const)(
    'by one %s token are all that came of the consent',
    async (kind) => {
      const ada = emulator.authorizedUser()
      const grace = emulator.authorizedUser({ email: 'grace@example.com' })
      const [first, second, others] = await Promise.all([refresh(ada), refresh(ada), refresh(grace)])
      const told = await revoke(kind === 'access' ? first.json.access_token : ada.refresh_token)
      expect(told).toMatchObject({ status: 200, json: {} })
      expect(await call(first.json.access_token)).toBe(401)
      expect(await call(second.json.access_token)).toBe(401)
      expect((await refresh(ada)).json).toMatchObject({ error: 'invalid_grant' })
      expect(await call(others.json.access_token)).toBe(200)
      expect((await refresh(grace)).status).toBe(200)
    },
  )

  test('are also those that took the place of others', async () => {
    const ada = emulator.authorizedUser({ rotating: true })
    const { access_token, refresh_token } = (await refresh(ada)).json
    expect((await revoke(access_token)).status).toBe(200)
    expect((await refresh({ ...ada, refresh_token })).json).toMatchObject({ error: 'invalid_grant' })
  })

  test('of a service account are that one alone', async () => {
    const [first, second] = [await obtainToken(emulator), await obtainToken(emulator)]
    expect((await revoke(first)).status).toBe(200)
    expect([await call(first), await call(second)]).toEqual([401, 200])
  })

  test('may be named in the address', async () => {
    const token = emulator.accessToken()
    const path = `/oauth2.googleapis.com/revoke?token=${token}`
    expect((await say(emulator, `POST ${path}`)).status).toBe(200)
    expect(await call(token)).toBe(401)
    expect(emulator.journal.exchanges[0]!.path).toContain('token=REDACTED')
  })

  test('must be some', async () => {
    const token = emulator.accessToken()
    await revoke(token)
    for (const each of [token, 'nonsense'])
      expect(await revoke(each)).toMatchObject({ status: 400, json: { error: 'invalid_token' } })
    expect((await say(emulator, 'POST /revoke', { headers: FORM, body: '' })).json).toEqual({
      error: 'invalid_request',
      error_description: 'Required parameter is missing: token',
    })
    expect((await say(emulator, 'GET /revoke?token=t')).status).toBe(404)
  })

  test('stay where the server fails', async () => {
    const token = emulator.accessToken()
    emulator.fail('oauth2.revoke', ['return-503'])
    expect((await revoke(token)).status).toBe(503)
    expect(await call(token)).toBe(200)
  })
})

describe('what tokens stand for', () => {
  test('is told by the address, a form and the header', async () => {
    const told = await Promise.all([
      say(emulator, 'GET /tokeninfo', { query: { access_token: await obtainToken(emulator, READ_ONLY) } }),
      say(emulator, 'POST /oauth2.googleapis.com/tokeninfo', {
        headers: FORM,
        body: `access_token=${emulator.accessToken({ scopes: [READ_ONLY] })}`,
      }),
      say(emulator, 'POST /tokeninfo', {
        headers: { authorization: `Bearer ${emulator.accessToken({ scopes: [READ_ONLY] })}` },
      }),
    ])
    for (const { status, json } of told) {
      expect(status).toBe(200)
      expect(json).toMatchObject({
        scope: READ_ONLY,
        expires_in: '3599',
        exp: expect.stringMatching(/^\d+$/),
      })
      expect(json).not.toHaveProperty('email')
    }
  })

  test('names the person where the scopes let it', async () => {
    const access_token = emulator.accessToken({ email: 'ada@example.com', scopes: ['email'] })
    expect((await say(emulator, 'GET /tokeninfo', { query: { access_token } })).json).toMatchObject({
      email: 'ada@example.com',
      email_verified: 'true',
    })
  })

  test('is not told of what is no token, or none any more', async () => {
    const access_token = emulator.accessToken()
    emulator.clock.advance(3_600_000)
    for (const query of [{ access_token }, { access_token: 'nonsense' }, {}])
      expect(await say(emulator, 'GET /tokeninfo', { query })).toMatchObject({
        status: 400,
        json: { error: 'invalid_token', error_description: 'Invalid Value' },
      })
    expect((await say(emulator, 'GET /tokeninfo?id_token=x')).json).toMatchObject({ error: 'invalid_token' })
  })
})

test('who consented to openid is told of in an ID token for the client', async () => {
  const ada = emulator.authorizedUser({ email: 'ada@example.com', scopes: ['openid', 'email', READ_ONLY] })
  expect(claimsOf((await refresh(ada)).json.id_token)).toMatchObject({
    iss: 'https://accounts.google.com',
    aud: ada.client_id,
    azp: ada.client_id,
    sub: expect.stringMatching(/^\d{21}$/),
    email: 'ada@example.com',
  })
  const nameless = emulator.authorizedUser({ scopes: ['openid'] })
  expect(claimsOf((await refresh(nameless)).json.id_token)).not.toHaveProperty('email')
  const other = emulator.authorizedUser({ scopes: [READ_ONLY] })
  expect((await refresh(other)).json).not.toHaveProperty('id_token')
})
