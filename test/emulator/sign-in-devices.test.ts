import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { browser, type Client, DRIVE, EMAIL } from './sign-in.ts'
import { claimsOf } from '../auth/claims.ts'
import { grant, say, type Told } from './speak.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
let emulator: Emulator
let client: Client
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05Z') })
  client = emulator.oauthClient({ type: 'device', name: 'The lamp' })
})
afterEach(() => emulator.close())

const begin = (scope = `openid email ${DRIVE}`, clientId = client.clientId): Promise<Told> =>
  say(emulator, 'POST /device/code', {
    headers: FORM,
    body: new URLSearchParams({ client_id: clientId, scope }).toString(),
  })
const ask = (device_code: string, { clientId, clientSecret } = client): Promise<Told> =>
  grant(emulator, {
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    client_id: clientId,
    client_secret: clientSecret,
    device_code,
  })
const told = ({ status, json }: Told): [number, string] => [status, json.error]

describe('a device', () => {
  test('shows a code, waits, and has tokens once somebody consented', async () => {
    const { json } = await begin()
    expect(json).toEqual({
      device_code: expect.any(String),
      user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
      expires_in: 1800,
      interval: 5,
      verification_url: `${emulator.url}/www.google.com/device`,
    })
    expect(told(await ask(json.device_code))).toEqual([428, 'authorization_pending'])
    emulator.deviceConsent(json.user_code, { email: 'ada@example.com' })
    emulator.clock.advance(5_000)
    const tokens = (await ask(json.device_code)).json
    expect(tokens).toMatchObject({ scope: `openid ${EMAIL} ${DRIVE}`, refresh_token: expect.any(String) })
    expect(claimsOf(tokens.id_token)).toMatchObject({ aud: client.clientId, email: 'ada@example.com' })
    emulator.clock.advance(5_000)
    expect(told(await ask(json.device_code))).toEqual([400, 'invalid_grant'])
  })

  test('that asks too often has to wait longer each time', async () => {
    const { device_code } = (await begin()).json
    const after = async (ms: number): Promise<string> => {
      emulator.clock.advance(ms)
      return told(await ask(device_code))[1]
    }
    expect(await after(0)).toBe('authorization_pending')
    expect(await after(4_999)).toBe('slow_down')
    expect(await after(5_000)).toBe('slow_down')
    expect(await after(15_000)).toBe('authorization_pending')
  })

  test('is told of a refusal, and of its time being up', async () => {
    const [first, second] = [(await begin()).json, (await begin()).json]
    emulator.deviceConsent(first.user_code, { deny: true })
    expect(told(await ask(first.device_code))).toEqual([403, 'access_denied'])
    emulator.clock.advance(1_800_000)
    expect(told(await ask(second.device_code))).toEqual([400, 'expired_token'])
    expect(() => emulator.deviceConsent(second.user_code)).toThrow('no device waits')
  })

  test('may ask for few scopes, as itself, with its own code', async () => {
    const other = emulator.oauthClient({ type: 'device' })
    const web = emulator.oauthClient({ redirectUris: ['https://app.example.com/'] })
    expect(told(await begin('https://www.googleapis.com/auth/drive'))).toEqual([400, 'invalid_scope'])
    expect(told(await begin('openid', web.clientId))).toEqual([401, 'invalid_client'])
    expect(told(await begin('openid', 'x'))).toEqual([401, 'invalid_client'])
    const { device_code } = (await begin()).json
    expect(told(await ask(device_code, other))).toEqual([400, 'invalid_grant'])
    expect(told(await ask('x'))).toEqual([400, 'invalid_grant'])
    expect(told(await ask(device_code, { ...client, clientSecret: 'x' }))).toEqual([401, 'invalid_client'])
  })
})

describe('the page for devices', () => {
  test('takes the code as people type it, and lets them allow', async () => {
    const { user_code, device_code } = (await begin()).json
    const chrome = browser(emulator)
    const page = await chrome.open('/device')
    const typed = ` ${user_code.toLowerCase().replace('-', '')} `
    const consent = await chrome.send('/device', page, [['user_code', typed]])
    expect(consent.text).toContain('The lamp asks for access')
    const done = await chrome.send('/device/consent', consent, [
      ['email', 'person@example.com'],
      ['scope', DRIVE],
      ['decision', 'allow'],
    ])
    expect(done.text).toContain('Done')
    expect((await ask(device_code)).json).toMatchObject({ scope: `openid ${EMAIL} ${DRIVE}` })
  })

  test('lets them refuse', async () => {
    const { user_code, device_code } = (await begin()).json
    const chrome = browser(emulator)
    const consent = await chrome.send('/device', await chrome.open('/device'), [['user_code', user_code]])
    const done = await chrome.send('/device/consent', consent, [['decision', 'deny']])
    expect(done.text).toContain('Refused')
    expect(told(await ask(device_code))).toEqual([403, 'access_denied'])
  })

  test('asks again for a code that no device shows', async () => {
    const chrome = browser(emulator)
    const again = await chrome.send('/device', await chrome.open('/device'), [['user_code', '<b>']])
    expect(again.text).toContain('No device shows &#60;b&#62; any more.')
    expect(again.text).toContain('name="user_code"')
  })

  test('takes forms only from the browser that it was shown to', async () => {
    const { user_code } = (await begin()).json
    const page = await browser(emulator).open('/device')
    const other = browser(emulator)
    await other.open('/device')
    expect((await other.send('/device', page, [['user_code', user_code]])).status).toBe(400)
    expect((await other.send('/device', { text: '' }, [['user_code', user_code]])).status).toBe(400)
  })
})
