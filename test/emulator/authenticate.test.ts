import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { FULL_CONTROL, obtainToken, READ_ONLY, say, type Told } from './speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator()
})
afterEach(() => emulator.close())

function list(authorization?: string): Promise<Told> {
  return say(emulator, 'GET /storage/v1/b?project=p', {
    headers: authorization === undefined ? {} : { authorization },
  })
}

describe('a call', () => {
  test('with a token that has one of its scopes is answered', async () => {
    for (const scope of [FULL_CONTROL, READ_ONLY, `openid ${READ_ONLY}`]) {
      expect((await list(`Bearer ${await obtainToken(emulator, scope)}`)).status).toBe(200)
    }
  })

  test('without credentials is refused with 401', async () => {
    const told = await list()
    expect(told.status).toBe(401)
    expect(told.headers['www-authenticate']).toBe('Bearer realm="https://accounts.google.com/"')
    expect(told.json.error).toMatchObject({
      code: 401,
      errors: [{ reason: 'required', location: 'Authorization', locationType: 'header' }],
    })
    expect(told.json.error.message).toContain('storage.buckets.list')
  })

  test('with a token that was never given out, or in another scheme, is refused with 401', async () => {
    for (const authorization of ['Bearer ya29.other', 'Bearer', 'Basic eDp5', 'Bearer a b']) {
      const told = await list(authorization)
      expect([authorization, told.status]).toEqual([authorization, 401])
      expect(told.json.error.errors[0].reason).toBe('authError')
      expect(told.headers['www-authenticate']).toBe(
        'Bearer realm="https://accounts.google.com/", error="invalid_token"',
      )
    }
  })

  test('with a token that expired is refused with 401, by the clock of the emulator', async () => {
    const authorization = `Bearer ${await obtainToken(emulator)}`
    emulator.clock.advance(3_500_000)
    expect((await list(authorization)).status).toBe(200)
    emulator.clock.advance(99_000)
    expect((await list(authorization)).status).toBe(401)
  })

  test('with a token that was revoked, or whose account was disabled, is refused with 401', async () => {
    const revoked = `Bearer ${await obtainToken(emulator)}`
    emulator.revokeTokens()
    expect((await list(revoked)).status).toBe(401)
    const disabled = `Bearer ${await obtainToken(emulator)}`
    emulator.disableServiceAccount((await emulator.serviceAccountKey()).client_email)
    expect((await list(disabled)).status).toBe(401)
  })

  test('with a token that has none of its scopes is refused with 403, which names them', async () => {
    const authorization = `Bearer ${await obtainToken(emulator, READ_ONLY)}`
    const told = await say(emulator, 'POST /storage/v1/b?project=p', {
      headers: { authorization },
      body: { name: 'box' },
    })
    expect(told.status).toBe(403)
    expect(told.json.error).toMatchObject({
      code: 403,
      errors: [{ reason: 'insufficientPermissions', domain: 'global' }],
      status: 'PERMISSION_DENIED',
      details: [
        { reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', metadata: { method: 'storage.buckets.insert' } },
      ],
    })
    expect(told.headers['www-authenticate']).toMatch(/^Bearer .*error="insufficient_scope", scope="[^"]+"$/)
    expect(told.headers['www-authenticate']).toContain(FULL_CONTROL)
  })

  test('without credentials is answered by an anonymous emulator, with bad ones it is not', async () => {
    await using open = await createEmulator({ anonymous: true })
    expect((await say(open, 'GET /storage/v1/b?project=p')).status).toBe(200)
    const headers = { authorization: 'Bearer wrong' }
    expect((await say(open, 'GET /storage/v1/b?project=p', { headers })).status).toBe(401)
  })
})
