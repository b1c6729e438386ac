import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  answerOf,
  asking,
  askingAt,
  BACK,
  browser,
  CALENDAR,
  type Client,
  DRIVE,
  EMAIL,
  exchange,
  type Fields,
  formToken,
  pkce,
  signIn,
} from './sign-in.ts'
import { claimsOf } from '../auth/claims.ts'
import { grant, say } from './speak.ts'

const AUTH = '/o/oauth2/v2/auth'
const CONSENT = '/o/oauth2/v2/consent'
let emulator: Emulator
let client: Client
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05Z') })
  client = emulator.oauthClient({ redirectUris: [BACK], name: 'Photos <b>' })
  emulator.user({ email: 'ada@example.com', name: 'Ada', familyName: 'L', hostedDomain: 'example.com' })
  emulator.user({ email: 'grace@mail.example' })
})
afterEach(() => emulator.close())

describe('the page', () => {
  test('shows accounts and permissions, and leads back with a code', async () => {
    const chrome = browser(emulator)
    const page = await chrome.open(`${AUTH}?${asking(client, { scope: `openid email ${DRIVE}` })}`)
    expect(page.status).toBe(200)
    expect(page.text).toContain('Photos &#60;b&#62;')
    for (const part of ['ada@example.com', 'grace@mail.example', DRIVE]) expect(page.text).toContain(part)
    const done = await chrome.send(CONSENT, page, [
      ['email', 'ada@example.com'],
      ['scope', DRIVE],
      ['decision', 'allow'],
    ])
    expect(done.status).toBe(303)
    expect(done.headers.location).toMatch(/^https:\/\/app\.example\.com\/back\?tenant=1&state=s%261&iss=/)
    const answer = answerOf(done.headers.location)
    expect(answer).toMatchObject({
      iss: 'https://accounts.google.com',
      state: 's&1',
      scope: `openid ${EMAIL} ${DRIVE}`,
      hd: 'example.com',
      prompt: 'consent',
    })
    expect((await exchange(emulator, client, answer.code!)).status).toBe(200)
  })

  test('lets people refuse, grant a part, and name another account', async () => {
    const scope = `openid ${DRIVE} ${CALENDAR}`
    const decide = async (...fields: [string, string][]): Promise<Fields> => {
      const chrome = browser(emulator)
      const page = await chrome.open(`${AUTH}?${asking(client, { scope })}`)
      return answerOf((await chrome.send(CONSENT, page, fields)).headers.location)
    }
    expect(await decide(['decision', 'deny'], ['email', 'ada@example.com'])).toEqual({
      tenant: '1',
      state: 's&1',
      iss: 'https://accounts.google.com',
      error: 'access_denied',
    })
    const part = await decide(['decision', 'allow'], ['email', 'ada@example.com'], ['scope', CALENDAR])
    expect(part).toMatchObject({ scope: `openid ${CALENDAR}` })
    const more = await decide(['decision', 'allow'], ['email', 'ada@example.com'], ['scope', EMAIL])
    expect(more).toMatchObject({ scope: 'openid' })
    const other = await decide(
      ['decision', 'allow'],
      ['email', 'ada@example.com'],
      ['other', 'new@example.org'],
    )
    const { id_token } = (await exchange(emulator, client, other.code!)).json
    expect(claimsOf(id_token).sub).not.toBe(emulator.user({ email: 'ada@example.com' }).sub)
  })

  test('takes a form only from the browser that it was shown to, and once', async () => {
    const [chrome, other] = [browser(emulator), browser(emulator)]
    const page = await chrome.open(`${AUTH}?${asking(client)}`)
    await other.open(`${AUTH}?${asking(client)}`)
    const fields = [
      ['email', 'ada@example.com'],
      ['decision', 'allow'],
    ] as const
    expect((await other.send(CONSENT, page, fields)).status).toBe(400)
    expect((await browser(emulator).send(CONSENT, page, fields)).status).toBe(400)
    const forged = { text: page.text.replace(formToken(page), 'x'.repeat(43)) }
    expect((await chrome.send(CONSENT, forged, fields)).status).toBe(400)
    expect((await chrome.send(CONSENT, page, fields)).status).toBe(303)
    expect((await chrome.send(CONSENT, page, fields)).status).toBe(400)
  })

  test('may be read and framed by no other page', async () => {
    const told = await say(emulator, `GET ${AUTH}?${asking(client)}`, {
      headers: { origin: 'https://evil.example' },
    })
    expect(told.status).toBe(200)
    expect(told.headers).not.toHaveProperty('access-control-allow-origin')
    expect(told.headers).toMatchObject({ 'x-frame-options': 'DENY', 'cache-control': 'no-store' })
    expect(told.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    const metadata = await say(emulator, 'GET /.well-known/openid-configuration', {
      headers: { origin: 'https://app.example.com' },
    })
    expect(metadata.headers).toHaveProperty('access-control-allow-origin')
  })

  test('writes out what callers chose as text', async () => {
    const hostile = `x"><script>@example.com`
    emulator.user({ email: hostile, name: '<img src=x>', hostedDomain: 'example.com' })
    const { text } = await say(emulator, `GET ${AUTH}?${asking(client)}`)
    expect(text).not.toMatch(/<script|<img/)
    const error = await say(emulator, `GET ${AUTH}?${asking(client, { redirect_uri: 'https://a/<script>' })}`)
    expect(error.text).not.toContain('<script')
  })

  test('shows the accounts that login_hint and hd ask for', async () => {
    const shown = async (fields: Fields): Promise<string[]> => {
      const { text } = await say(emulator, `GET ${AUTH}?${asking(client, fields)}`)
      return [...text.matchAll(/name="email" value="([^"]+)"/g)].map(([, email]) => email!)
    }
    expect(await shown({ hd: 'example.com' })).toEqual(['ada@example.com'])
    expect(await shown({ hd: '*' })).toEqual(['ada@example.com'])
    expect(await shown({ login_hint: 'grace@mail.example' })).toEqual(['grace@mail.example'])
    expect((await shown({ login_hint: 'new@example.org' }))[0]).toBe('new@example.org')
    expect(await shown({})).toHaveLength(2)
  })
})

describe('a browser in which somebody has signed in', () => {
  const allow = async (chrome: ReturnType<typeof browser>, fields: Fields = {}): Promise<void> => {
    const page = await chrome.open(`${AUTH}?${asking(client, fields)}`)
    await chrome.send(CONSENT, page, [
      ['email', 'ada@example.com'],
      ['decision', 'allow'],
    ])
  }

  test('is asked nothing twice, unless the client wants it', async () => {
    const chrome = browser(emulator)
    await allow(chrome)
    expect(answerOf((await chrome.open(`${AUTH}?${asking(client)}`)).headers.location)).toHaveProperty('code')
    for (const fields of [{ prompt: 'consent' }, { prompt: 'select_account' }, { scope: `openid ${DRIVE}` }])
      expect((await chrome.open(`${AUTH}?${asking(client, fields)}`)).status).toBe(200)
    emulator.revokeConsents()
    expect((await chrome.open(`${AUTH}?${asking(client)}`)).status).toBe(200)
  })

  test('answers prompt=none', async () => {
    const chrome = browser(emulator)
    const quiet = async (fields: Fields = {}): Promise<Fields> =>
      answerOf(
        (await chrome.open(`${AUTH}?${asking(client, { prompt: 'none', ...fields })}`)).headers.location,
      )
    expect(await quiet()).toMatchObject({ error: 'login_required', state: 's&1' })
    await allow(chrome)
    expect(await quiet()).toHaveProperty('code')
    expect(await quiet({ scope: `openid ${DRIVE}` })).toMatchObject({ error: 'interaction_required' })
    expect(await quiet({ login_hint: 'grace@mail.example' })).toMatchObject({ error: 'login_required' })
  })
})

test('prompt=none is answered without a browser too', () => {
  const quiet = (fields: Fields = {}): Fields =>
    answerOf(emulator.consent(askingAt(client, { prompt: 'none', ...fields })))
  expect(quiet()).toMatchObject({ error: 'login_required' })
  emulator.consent(askingAt(client))
  expect(quiet()).toHaveProperty('code')
  expect(quiet({ scope: `openid ${DRIVE}` })).toMatchObject({ error: 'interaction_required' })
})

describe('a request that is wrong', () => {
  test.each([
    ['of an unknown client', { client_id: 'x' }, 401, 'invalid_client'],
    ['without a client', { client_id: '' }, 400, 'invalid_request'],
    ['to another address', { redirect_uri: 'https://app.example.com/back' }, 400, 'redirect_uri_mismatch'],
    ['to a longer address', { redirect_uri: `${BACK}2` }, 400, 'redirect_uri_mismatch'],
    ['to no address', { redirect_uri: '' }, 400, 'invalid_request'],
  ] as [string, Fields, number, string][])('%s is told to the person', async (_, fields, status, error) => {
    const told = await say(emulator, `GET ${AUTH}?${asking(client, fields)}`)
    expect(told.status).toBe(status)
    expect(told.headers).not.toHaveProperty('location')
    expect(told.text).toContain(`Error ${status}: ${error}`)
    expect(() => emulator.consent(askingAt(client, fields))).toThrow(error)
  })

  test.each([
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ response_type: '' }, 'invalid_request'],
    [{ response_mode: 'form_post' }, 'invalid_request'],
    [{ scope: 'openid nonsense' }, 'invalid_scope'],
    [{ scope: '' }, 'invalid_request'],
    [{ prompt: 'none consent' }, 'invalid_request'],
    [{ prompt: 'sometimes' }, 'invalid_request'],
    [{ access_type: 'often' }, 'invalid_request'],
    [{ code_challenge: 'x'.repeat(43) }, 'invalid_request'],
    [{ code_challenge: 'x'.repeat(43), code_challenge_method: 's256' }, 'invalid_request'],
    [{ code_challenge: 'short', code_challenge_method: 'S256' }, 'invalid_request'],
    [{ code_challenge_method: 'S256' }, 'invalid_request'],
  ] as [Fields, string][])('with %j is told to the client', async (fields, error) => {
    const told = await say(emulator, `GET ${AUTH}?${asking(client, fields)}`)
    expect(told.status).toBe(303)
    expect(answerOf(told.headers.location)).toMatchObject({
      error,
      state: 's&1',
      iss: 'https://accounts.google.com',
    })
  })

  test('names a parameter twice', async () => {
    const told = await say(emulator, `GET ${AUTH}?${asking(client)}&scope=openid`)
    expect(told.status).toBe(400)
    expect(told.text).toContain('more than once: scope')
  })
})

describe('a code', () => {
  const codeFor = (fields: Fields = {}): string => answerOf(emulator.consent(askingAt(client, fields))).code!

  test.each(['S256', 'plain'])('with a challenge of %s needs its verifier', async (method) => {
    const { verifier, challenge } = pkce()
    const code = codeFor({
      code_challenge: method === 'plain' ? verifier : challenge,
      code_challenge_method: method,
    })
    for (const fields of [{}, { code_verifier: pkce().verifier }, { code_verifier: challenge }] as Fields[])
      expect((await exchange(emulator, client, code, fields)).json).toMatchObject({ error: 'invalid_grant' })
    expect((await exchange(emulator, client, code, { code_verifier: verifier })).status).toBe(200)
  })

  test('without a challenge takes no verifier', async () => {
    const told = await exchange(emulator, client, codeFor(), { code_verifier: pkce().verifier })
    expect(told.json).toMatchObject({ error: 'invalid_grant' })
  })

  test('is good once, and a second use takes back what it gave', async () => {
    const code = codeFor({ access_type: 'offline', scope: `openid ${DRIVE}` })
    const { access_token, refresh_token } = (await exchange(emulator, client, code)).json
    const call = async (): Promise<number> =>
      (await say(emulator, 'GET /drive/v3/files', { headers: { authorization: `Bearer ${access_token}` } }))
        .status
    expect(await call()).toBe(200)
    expect((await exchange(emulator, client, code)).json).toMatchObject({ error: 'invalid_grant' })
    expect(await call()).toBe(401)
    expect((await refresh(refresh_token)).json).toMatchObject({ error: 'invalid_grant' })
  })

  test('is given once to two who ask at the same time', async () => {
    const { verifier, challenge } = pkce()
    const code = codeFor({ code_challenge: challenge, code_challenge_method: 'S256' })
    const both = await Promise.all(
      [1, 2].map(() => exchange(emulator, client, code, { code_verifier: verifier })),
    )
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 400]))
  })

  test('is for its client, its address and ten minutes', async () => {
    const other = emulator.oauthClient({ redirectUris: [BACK] })
    const code = codeFor()
    expect((await exchange(emulator, other, code)).json.error).toBe('invalid_grant')
    expect((await exchange(emulator, { ...client, clientSecret: 'x' }, code)).json.error).toBe(
      'invalid_client',
    )
    expect(
      (await exchange(emulator, client, code, { redirect_uri: 'https://app.example.com/' })).json.error,
    ).toBe('redirect_uri_mismatch')
    emulator.clock.advance(600_000)
    expect((await exchange(emulator, client, code)).json.error).toBe('invalid_grant')
  })

  const refresh = (refresh_token: string): ReturnType<typeof grant> =>
    grant(emulator, {
      grant_type: 'refresh_token',
      refresh_token,
      client_id: client.clientId,
      client_secret: client.clientSecret,
    })

  test('gives a refresh token offline, when it is the first or when consent is asked for', async () => {
    const offline = { access_type: 'offline' }
    expect(await signIn(emulator, client)).not.toHaveProperty('refresh_token')
    const { refresh_token } = await signIn(emulator, client, offline)
    expect((await refresh(refresh_token)).json).toMatchObject({ scope: `openid ${EMAIL}` })
    expect(await signIn(emulator, client, offline)).not.toHaveProperty('refresh_token')
    expect(await signIn(emulator, client, { ...offline, prompt: 'consent' })).toHaveProperty('refresh_token')
    expect(await signIn(emulator, client, { ...offline, scope: DRIVE })).toHaveProperty('refresh_token')
    await say(emulator, `POST /revoke?token=${refresh_token}`)
    expect(await signIn(emulator, client, offline)).toHaveProperty('refresh_token')
  })

  test('adds to what was granted before where the client wants it', async () => {
    await signIn(emulator, client, { scope: `openid ${CALENDAR}` })
    expect((await signIn(emulator, client, { scope: DRIVE })).scope).toBe(DRIVE)
    const all = await signIn(emulator, client, { scope: DRIVE, include_granted_scopes: 'true' })
    expect(all.scope.split(' ').sort()).toEqual([CALENDAR, DRIVE, 'openid'].sort())
    const other = await signIn(
      emulator,
      client,
      { scope: DRIVE, include_granted_scopes: 'true' },
      { email: 'grace@mail.example' },
    )
    expect(other.scope).toBe(DRIVE)
  })

  test('gives rotating refresh tokens to a client registered so', async () => {
    client = emulator.oauthClient({ redirectUris: [BACK], rotating: true })
    const { refresh_token } = await signIn(emulator, client, { access_type: 'offline' })
    const next = (await refresh(refresh_token)).json.refresh_token
    expect((await refresh(refresh_token)).status).toBe(400)
    expect((await refresh(next)).status).toBe(200)
  })
})

describe('a desktop client', () => {
  beforeEach(() => {
    client = emulator.oauthClient({ type: 'desktop' })
  })

  test.each(['http://127.0.0.1:49152/x', 'http://[::1]:1', 'http://localhost:8080/?a=b', 'http://127.0.0.1'])(
    'may use %s',
    async (redirect_uri) => {
      const { verifier, challenge } = pkce()
      const fields = { redirect_uri, code_challenge: challenge, code_challenge_method: 'S256' }
      const back = emulator.consent(askingAt(client, fields))
      expect(back.startsWith(redirect_uri)).toBe(true)
      const told = await exchange(emulator, client, answerOf(back).code!, {
        redirect_uri,
        code_verifier: verifier,
      })
      expect(told.json).toHaveProperty('refresh_token')
    },
  )

  test.each([
    'http://127.0.0.1.evil.example:1/',
    'http://127.0.0.1:1@evil.example/',
    'http://localhost.evil.example/',
    'http://127.0.0.1:1/#f',
    'https://evil.example/',
    'http://localhost\\@evil.example',
    'http://128.0.0.1:1/',
    'http://127.0.0.1:1/\r\nx: y',
    'http://127.0.0.1:1/é',
  ])('may not use %s', (redirect_uri) => {
    expect(() => emulator.consent(askingAt(client, { redirect_uri }))).toThrow('redirect_uri_mismatch')
  })

  test('must use PKCE', () => {
    const back = emulator.consent(askingAt(client, { redirect_uri: 'http://127.0.0.1:1/' }))
    expect(answerOf(back)).toMatchObject({ error: 'invalid_request' })
  })
})

describe('who somebody is', () => {
  test('is told by the ID token, and by user info at both addresses', async () => {
    const { id_token, access_token } = await signIn(emulator, client, {
      scope: 'openid email profile',
      nonce: 'n-1',
    })
    const claims = claimsOf(id_token)
    const { sub } = emulator.user({ email: 'ada@example.com', name: 'Ada', familyName: 'L' })
    expect(claims).toMatchObject({
      iss: 'https://accounts.google.com',
      aud: client.clientId,
      azp: client.clientId,
      sub,
      nonce: 'n-1',
      at_hash: expect.stringMatching(/^[\w-]{22}$/),
      hd: 'example.com',
      email: 'ada@example.com',
      email_verified: true,
      name: 'Ada',
    })
    for (const path of ['/oauth2/v3/userinfo', '/openidconnect.googleapis.com/v1/userinfo', '/v1/userinfo']) {
      const told = await say(emulator, `GET ${path}`, {
        headers: { authorization: `Bearer ${access_token}` },
      })
      expect(told.json).toEqual({
        sub,
        name: 'Ada',
        given_name: 'Ada',
        family_name: 'L',
        email: 'ada@example.com',
        email_verified: true,
      })
    }
  })

  test('is told as far as the scopes go', async () => {
    const { access_token, id_token } = await signIn(emulator, client, { scope: 'openid' })
    const told = await say(emulator, 'GET /oauth2/v3/userinfo', {
      headers: { authorization: `Bearer ${access_token}` },
    })
    expect(told.json).toEqual({ sub: claimsOf(id_token).sub, hd: 'example.com' })
    const drive = await signIn(emulator, client, { scope: DRIVE })
    expect(drive).not.toHaveProperty('id_token')
    const refused = await say(emulator, 'GET /oauth2/v3/userinfo', {
      headers: { authorization: `Bearer ${drive.access_token}` },
    })
    expect(refused.status).toBe(403)
    for (const headers of [{}, { authorization: 'Bearer x' }] as Record<string, string>[]) {
      const told = await say(emulator, 'GET /oauth2/v3/userinfo', { headers })
      expect(told.status).toBe(401)
      expect(told.headers['www-authenticate']).toContain('Bearer')
    }
  })

  test('is told of ID tokens and access tokens by tokeninfo', async () => {
    const { id_token, access_token } = await signIn(emulator, client, { access_type: 'offline', nonce: 'n' })
    const info = (query: Record<string, string>) => say(emulator, 'GET /tokeninfo', { query })
    expect((await info({ id_token })).json).toMatchObject({
      aud: client.clientId,
      email: 'ada@example.com',
      email_verified: 'true',
      exp: expect.stringMatching(/^\d+$/),
      nonce: 'n',
      alg: 'RS256',
    })
    expect((await info({ access_token })).json).toMatchObject({
      aud: client.clientId,
      azp: client.clientId,
      access_type: 'offline',
    })
    const older = await say(emulator, 'POST /oauth2/v2/tokeninfo', { query: { id_token } })
    expect(older.json).toMatchObject({ audience: client.clientId, expires_in: 3600, verified_email: true })
    const [head, , signature] = id_token.split('.')
    const forged = `${head}.${Buffer.from('{"exp":9999999999}').toString('base64url')}.${signature}`
    expect((await info({ id_token: forged })).json).toMatchObject({ error: 'invalid_token' })
    emulator.clock.advance(3_600_000)
    expect((await info({ id_token })).json).toMatchObject({ error: 'invalid_token' })
  })
})

describe('refresh tokens', () => {
  const DAY_MS = 24 * 3_600_000
  const refresh = async (on: Emulator, { clientId, clientSecret }: Client, refresh_token: string) =>
    (
      await grant(on, {
        grant_type: 'refresh_token',
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token,
      })
    ).status

  test('of a project in testing live seven days, whether used or not', async () => {
    const testing = await createEmulator({ publishingStatus: 'testing', now: () => 1_700_000_000_000 })
    const app = testing.oauthClient({ redirectUris: [BACK] })
    const told = await signIn(testing, app, { access_type: 'offline', scope: `openid ${DRIVE}` })
    expect(told.refresh_token_expires_in).toBe(604_799)
    const who = await signIn(testing, app, { access_type: 'offline', prompt: 'consent' })
    expect(who).not.toHaveProperty('refresh_token_expires_in')
    testing.clock.advance(7 * DAY_MS - 1)
    expect(await refresh(testing, app, told.refresh_token)).toBe(200)
    testing.clock.advance(1)
    expect(await refresh(testing, app, told.refresh_token)).toBe(400)
    expect(await refresh(testing, app, who.refresh_token)).toBe(200)
    await testing.close()
  })

  test('that nobody uses for six months are worth nothing', async () => {
    const { refresh_token } = await signIn(emulator, client, { access_type: 'offline' })
    emulator.clock.advance(182 * DAY_MS)
    expect(await refresh(emulator, client, refresh_token)).toBe(200)
    emulator.clock.advance(182 * DAY_MS)
    expect(await refresh(emulator, client, refresh_token)).toBe(200)
    emulator.clock.advance(183 * DAY_MS)
    expect(await refresh(emulator, client, refresh_token)).toBe(400)
  })

  test('are for the client that asked', async () => {
    const { refresh_token } = await signIn(emulator, client, { access_type: 'offline' })
    const other = emulator.oauthClient({ redirectUris: [BACK] })
    expect(await refresh(emulator, other, refresh_token)).toBe(400)
    expect(await refresh(emulator, client, refresh_token)).toBe(200)
  })
})

test('what cannot be registered is refused', async () => {
  const bad = [
    'http://app.example.com/',
    'https://a.example/#f',
    'https://u:p@a.example/',
    'x',
    'https://*.a/',
  ]
  for (const uri of bad)
    expect(() => emulator.oauthClient({ redirectUris: [uri] })).toThrow('redirectUris[0]')
  expect(() => emulator.oauthClient()).toThrow('redirectUris')
  expect(() => emulator.oauthClient({ type: 'phone' as 'web' })).toThrow('type')
  expect(() => emulator.user({ email: 'nobody' })).toThrow('email')
  expect(() => emulator.consent(askingAt(client), { deney: true } as object)).toThrow('deney')
  await expect(createEmulator({ publishingStatus: 'x' as 'testing' })).rejects.toThrow('publishingStatus')
  await expect(createEmulator({ refreshTokenIdleMs: 0 })).rejects.toThrow('refreshTokenIdleMs')
})

test('the journal hides what proves something', async () => {
  const { verifier } = pkce()
  const fields = {
    code_challenge: verifier,
    code_challenge_method: 'plain',
    nonce: 'n-secret',
  }
  await say(emulator, `GET ${AUTH}?${asking(client, fields)}`)
  const told = JSON.stringify(emulator.journal.exchanges)
  for (const secret of [verifier, 'n-secret']) expect(told).not.toContain(secret)
  expect(emulator.journal.exchanges[0]!.methodId).toBe('oauth2.auth')
})
