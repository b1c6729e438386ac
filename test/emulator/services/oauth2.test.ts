import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from '../../../src/index.ts'
import { createEmulator, type Emulator } from '../../../src/emulator/index.ts'
import { apiOf, refusal } from './speak-api.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05.678Z') })
})
afterEach(() => emulator.close())

const EMAIL = 'https://www.googleapis.com/auth/userinfo.email'
const PROFILE = 'https://www.googleapis.com/auth/userinfo.profile'
const email = 'ann@example.com'

describe('oauth2.tokeninfo', () => {
  test('tells whose a token is, what it may do and how long it lives', async () => {
    const api = await apiOf(emulator, 'oauth2:v2')
    const access_token = emulator.accessToken({ email, scopes: [EMAIL, 'https://example.com/other'] })
    emulator.clock.advance(1_599_000)
    expect(await api.tokeninfo({ access_token })).toEqual({
      issued_to: 'emulator.apps.googleusercontent.com',
      audience: 'emulator.apps.googleusercontent.com',
      user_id: expect.stringMatching(/^\d{21}$/),
      scope: `${EMAIL} https://example.com/other`,
      expires_in: 2000,
      email,
      verified_email: true,
      access_type: 'online',
    })
  })

  test('tells no address without the scope for it', async () => {
    const api = await apiOf(emulator, 'oauth2:v2')
    const access_token = emulator.accessToken({ email, scopes: [PROFILE] })
    expect(await api.tokeninfo({ access_token })).not.toHaveProperty('email')
  })

  test('refuses what is no token, or none any more', async () => {
    const api = await apiOf(emulator, 'oauth2:v2')
    const access_token = emulator.accessToken()
    emulator.clock.advance(3_600_000)
    for (const parameters of [{ access_token }, { access_token: 'x' }, {}]) {
      expect(await refusal(api.tokeninfo(parameters))).toEqual([400, 'invalid_token'])
    }
    expect(await refusal(api.tokeninfo({ id_token: 'x' }))).toEqual([400, 'invalid_token'])
  })
})

describe('oauth2.userinfo', () => {
  test('tells of the caller what the scopes allow', async () => {
    const both = await apiOf(emulator, 'oauth2:v2', { email, scopes: [EMAIL, PROFILE] })
    const info = await both.userinfo.get()
    expect(info).toEqual({
      id: expect.stringMatching(/^\d{21}$/),
      email,
      verified_email: true,
      name: 'ann',
      given_name: 'ann',
    })
    expect(await both.userinfo.v2.me.get()).toEqual(info)
    const few = await apiOf(emulator, 'oauth2:v2', { email, scopes: ['openid'] })
    expect(await few.userinfo.get()).toEqual({ id: info.id })
  })

  test('tells of a service account', async () => {
    const auth = emulator.serviceAccount({ email: 'robot@p.iam.gserviceaccount.com', scopes: [EMAIL] })
    const api: any = await createClient({ ...emulator.connect(), auth }).discover('oauth2:v2')
    expect(await api.userinfo.get()).toMatchObject({ email: 'robot@p.iam.gserviceaccount.com' })
  })
})
