import { AuthError, TimeoutError, TransportError, ValidationError } from 'discokit'
import { userCredentials } from 'discokit/auth'
import { discoverProvider, GOOGLE_PROVIDER, type HeldTokens, type LoginTokens } from 'discokit/login'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeKey } from '../auth/issuer.ts'
import { ISSUER, json, NOW, PROVIDER, ScriptedProvider, SECRET } from './provider.ts'

const rsa = await makeKey('RS256', 'one')
let provider: ScriptedProvider
beforeEach(() => {
  provider = new ScriptedProvider([rsa])
})
afterEach(() => {
  vi.useRealTimers()
})

const held: LoginTokens & { readonly note: string } = {
  accessToken: 'access-canary',
  expiresAt: NOW,
  refreshToken: 'refresh-canary',
  scopes: ['openid', 'email'],
  note: 'of the application',
}
const formOf = (index = 0) => Object.fromEntries(new URLSearchParams(provider.asked[index]?.body as string))
const failureOf = async (work: Promise<unknown>): Promise<AuthError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AuthError)
  for (const canary of ['refresh-canary', 'access-canary', 'device-canary', SECRET])
    expect((error as Error).message + JSON.stringify(error)).not.toContain(canary)
  return error as AuthError
}

describe('refresh', () => {
  test('gets new tokens and keeps what is not replaced', async () => {
    provider.answers.set('/token', json({ access_token: 't2', expires_in: 1_800, unknown: 1 }))
    expect(await provider.client().refresh(held)).toEqual({
      ...held,
      accessToken: 't2',
      expiresAt: NOW + 1_800_000,
    })
    expect(formOf()).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh-canary',
      client_id: 'my-client',
      client_secret: SECRET,
    })
  })

  test('takes a refresh token that is new, its end, and the scopes that are left', async () => {
    provider.answers.set(
      '/token',
      json({ access_token: 't2', refresh_token: 'r2', refresh_token_expires_in: 604_800, scope: 'email' }),
    )
    expect(await provider.client().refresh(held)).toMatchObject({
      refreshToken: 'r2',
      refreshTokenExpiresAt: NOW + 604_800_000,
      scopes: ['email'],
    })
  })

  test('verifies an ID token that comes with it, which may lack the nonce', async () => {
    const idToken = await provider.idToken({ nonce: undefined })
    const claims = { ...provider.claims(), nonce: 'the-first' } as never
    provider.answers.set('/token', json({ access_token: 't2', id_token: idToken }))
    const renewed = await provider.client().refresh({ ...held, claims })
    expect(renewed).toMatchObject({ idToken, claims: { sub: 'ada-1' } })
    expect(renewed.claims).not.toHaveProperty('nonce')
  })

  test('says what may be the cause when it is refused', async () => {
    provider.answers.set('/token', json({ error: 'invalid_grant', error_description: 'refresh-canary' }, 400))
    const error = await failureOf(provider.client().refresh(held))
    expect(error).toMatchObject({ reason: 'invalid_grant', status: 400, retryable: false })
    expect(error.message).toContain('took the consent back')
  })

  test.each<[string, HeldTokens]>([
    ['there is none', { accessToken: 'a' }],
    ['it is none', { refreshToken: 'a\nb' }],
    ['there is nothing', undefined as unknown as HeldTokens],
  ])('refuses tokens where %s, before anything is sent', async (_, tokens) => {
    await expect(provider.client().refresh(tokens)).rejects.toBeInstanceOf(ValidationError)
    expect(provider.asked).toEqual([])
  })

  test('tries again what passes, and never what the server may have done', async () => {
    vi.useFakeTimers()
    let asked = 0
    provider.answers.set('/token', () => (++asked < 3 ? json({}, 503) : json({ access_token: 't2' })))
    const renewed = provider.client().refresh(held)
    await vi.advanceTimersByTimeAsync(4_000)
    expect((await renewed).accessToken).toBe('t2')
    provider.answers.set('/token', () => {
      asked++
      throw new TransportError('the connection broke', { reason: 'ECONNRESET', progress: 'sent' })
    })
    expect(await failureOf(provider.client().refresh(held))).toMatchObject({ reason: 'ECONNRESET' })
    expect(asked).toBe(4)
  })

  test('ends with its time and with its signal', async () => {
    provider.answers.set('/token', () => new Promise<never>(() => {}))
    await expect(provider.client().refresh(held, { timeoutMs: 5 })).rejects.toBeInstanceOf(TimeoutError)
    const reason = new Error('no longer wanted')
    const stopped = provider.client().refresh(held, { signal: AbortSignal.abort(reason) })
    await expect(stopped).rejects.toBe(reason)
  })

  test('what it gives is a token at hand for credentials', async () => {
    provider.answers.set('/token', json({ access_token: 't2' }))
    const tokens = await provider.client().refresh(held)
    const { refreshToken = '' } = JSON.parse(JSON.stringify(tokens)) as LoginTokens
    expect(userCredentials({ clientId: 'my-client', refreshToken, token: tokens }).kind).toBe('user')
  })
})

describe('where a client shows its secret', () => {
  test.each([
    ['body', { client_id: 'my-client', client_secret: SECRET }, undefined],
    ['basic', {}, `Basic ${Buffer.from(`my-client:${SECRET}`).toString('base64')}`],
    ['none', { client_id: 'my-client' }, undefined],
  ] as const)('%s', async (clientAuthentication, form, authorization) => {
    provider.answers.set('/token', json({ access_token: 't2' }))
    await provider.client({ clientAuthentication }).refresh(held)
    expect(formOf()).toEqual({ grant_type: 'refresh_token', refresh_token: 'refresh-canary', ...form })
    expect(provider.asked[0]!.headers['authorization']).toBe(authorization)
  })

  test('a client without a secret shows its id alone', async () => {
    provider.answers.set('/token', json({ access_token: 't2' }))
    await provider.client({ clientSecret: undefined }).refresh(held)
    expect(formOf()).toMatchObject({ client_id: 'my-client' })
    expect(formOf()).not.toHaveProperty('client_secret')
  })
})

test('a provider with a grant of its own has the code by that', async () => {
  const { client, back, request } = await provider.login()
  await client.finish(back, request, { grantType: 'urn:example:code' })
  const form = Object.fromEntries(new URLSearchParams(provider.asked[0]!.body as string))
  expect(form).toMatchObject({ grant_type: 'urn:example:code', code_verifier: request.codeVerifier })
  await expect(client.finish(back, request, { grantType: '' })).rejects.toBeInstanceOf(ValidationError)
})

describe('revoke', () => {
  test('takes the refresh token back; where there is none, the access token', async () => {
    provider.answers.set('/revoke', {})
    await provider.client().revoke(held)
    await provider.client().revoke({ accessToken: 'access-canary' })
    expect(formOf(0)).toEqual({ token: 'refresh-canary', client_id: 'my-client', client_secret: SECRET })
    expect(formOf(1)).toMatchObject({ token: 'access-canary' })
    expect(provider.asked[0]!.url).toBe(PROVIDER.revocation_endpoint)
  })

  test('shows Google the token alone', async () => {
    provider.answers.set('/revoke', json({}))
    await provider.client({ provider: GOOGLE_PROVIDER }).revoke(held)
    expect(provider.asked[0]!.url).toBe('https://oauth2.googleapis.com/revoke')
    expect(formOf()).toEqual({ token: 'refresh-canary' })
  })

  test('tells a refusal', async () => {
    provider.answers.set('/revoke', json({ error: 'invalid_token' }, 400))
    expect(await failureOf(provider.client().revoke(held))).toMatchObject({
      reason: 'invalid_token',
      status: 400,
    })
  })
})

describe('tokenInfo, userInfo and meInfo', () => {
  test('send tokens in a form or a header, never in an address', async () => {
    provider.answers.set('/tokeninfo', json({ aud: 'my-client', scope: 'email' }))
    provider.answers.set('/userinfo', json({ sub: 'ada-1', name: 'Ada' }))
    provider.answers.set('/me', json({ id: 'ada-1' }))
    const client = provider.client()
    expect(await client.tokenInfo(held)).toEqual({ aud: 'my-client', scope: 'email' })
    expect(await client.tokenInfo({ idToken: 'a.b.c' })).toMatchObject({ aud: 'my-client' })
    expect(await client.userInfo(held, 'ada-1')).toEqual({ sub: 'ada-1', name: 'Ada' })
    expect(await client.userInfo({ ...held, claims: { sub: 'ada-1' } as never })).toMatchObject({
      sub: 'ada-1',
    })
    expect(await client.meInfo(held)).toEqual({ id: 'ada-1' })
    expect(formOf(0)).toEqual({ access_token: 'access-canary' })
    expect(formOf(1)).toEqual({ id_token: 'a.b.c' })
    expect(provider.asked.slice(2).map(({ method, headers }) => [method, headers['authorization']])).toEqual(
      Array.from({ length: 3 }, () => ['GET', 'Bearer access-canary']),
    )
    for (const { url } of provider.asked) expect(url).not.toContain('?')
  })

  test('tell a refusal', async () => {
    provider.answers.set(
      '/userinfo',
      json({ error: 'invalid_token', error_description: 'access-canary' }, 401),
    )
    expect(await failureOf(provider.client().userInfo(held, 'ada-1'))).toMatchObject({
      reason: 'invalid_token',
      status: 401,
    })
  })

  test('a provider without them says so', async () => {
    const client = provider.client({ provider: { issuer: ISSUER } })
    expect(await failureOf(client.tokenInfo(held))).toMatchObject({ reason: 'no_endpoint' })
    expect(provider.asked).toEqual([])
  })
})

describe('deviceFlow', () => {
  const device = {
    device_code: 'device-canary',
    user_code: 'ABCD-EFGH',
    verification_url: 'https://www.google.com/device',
    expires_in: 1_800,
    interval: 5,
  }
  const begin = async () => {
    vi.useFakeTimers({ now: NOW })
    provider.answers.set('/device', json(device))
    return provider.client({ scopes: ['email'], clock: { now: () => Date.now() } }).deviceFlow()
  }

  test('shows a code and an address, and waits as long as it is told to', async () => {
    const times: number[] = []
    const answers = [
      json({ error: 'authorization_pending' }, 428),
      json({ error: 'slow_down' }, 403),
      json({ error: 'authorization_pending' }, 400),
      json({ access_token: 't1', refresh_token: 'r1', scope: 'email' }),
    ]
    const flow = await begin()
    provider.answers.set('/token', () => {
      times.push(Date.now() - NOW)
      return answers.shift()!
    })
    expect(flow).toMatchObject({
      userCode: 'ABCD-EFGH',
      verificationUri: 'https://www.google.com/device',
      expiresAt: NOW + 1_800_000,
    })
    const waiting = flow.wait()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(await waiting).toMatchObject({ accessToken: 't1', refreshToken: 'r1', scopes: ['email'] })
    expect(times).toEqual([5_000, 10_000, 20_000, 30_000])
    expect(formOf(1)).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: 'device-canary',
      client_id: 'my-client',
      client_secret: SECRET,
    })
  })

  test.each(['access_denied', 'expired_token'])('ends with %s', async (word) => {
    const flow = await begin()
    provider.answers.set('/token', json({ error: word, error_description: 'device-canary' }, 400))
    const failure = failureOf(flow.wait())
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await failure).toMatchObject({ reason: word })
  })

  test('ends with the life of the code', async () => {
    const flow = await begin()
    provider.answers.set('/token', json({ error: 'authorization_pending' }, 428))
    const failure = failureOf(flow.wait())
    await vi.advanceTimersByTimeAsync(1_800_000)
    expect(await failure).toMatchObject({ reason: 'expired_token' })
  })

  test('ends with its signal', async () => {
    const flow = await begin()
    const control = new AbortController()
    const waiting = flow.wait({ signal: control.signal })
    const reason = new Error('no longer wanted')
    setTimeout(() => control.abort(reason), 1_000)
    await Promise.all([expect(waiting).rejects.toBe(reason), vi.advanceTimersByTimeAsync(1_000)])
    expect(provider.asked).toHaveLength(1)
  })

  test.each<[string, object]>([
    ['no codes', { user_code: undefined }],
    ['an address of another scheme', { verification_url: 'javascript:alert(1)' }],
    ['an address over http', { verification_url: 'http://www.google.com/device' }],
    ['a complete address of another scheme', { verification_uri_complete: 'file:///etc/passwd' }],
    ['a code with a line break', { user_code: 'A\nB' }],
    ['no end', { expires_in: undefined }],
    ['an interval that never ends', { interval: 'long' }],
  ])('refuses an answer with %s', async (_, more) => {
    provider.answers.set('/device', json({ ...device, ...more }))
    const flow = provider.client({ scopes: ['email'] }).deviceFlow()
    expect(await failureOf(flow)).toMatchObject({ reason: 'unreadable_answer' })
  })

  test('Google grants devices few scopes: others are refused before anything is sent', async () => {
    const google = provider.client({ provider: GOOGLE_PROVIDER })
    const asked = google.deviceFlow({ scopes: ['https://www.googleapis.com/auth/drive', 'email'] })
    await expect(asked).rejects.toThrow(
      /Google does not grant https:\/\/www\.googleapis\.com\/auth\/drive to devices/,
    )
    expect(provider.asked).toEqual([])
    provider.answers.set('/device/code', json(device))
    await google.deviceFlow({ scopes: ['openid', 'email', 'https://www.googleapis.com/auth/drive.file'] })
    expect(formOf()).toEqual({
      client_id: 'my-client',
      scope: 'openid email https://www.googleapis.com/auth/drive.file',
    })
  })
})

describe('discoverProvider', () => {
  test('asks a provider what it says of itself', async () => {
    provider.answers.set('/.well-known/openid-configuration', json({ ...PROVIDER, more: true }))
    const { transport, clock } = provider
    expect(await discoverProvider(ISSUER, { transport, clock })).toEqual({ ...PROVIDER, more: true })
    expect(provider.asked[0]!.url).toBe(`${ISSUER}/.well-known/openid-configuration`)
  })

  test.each(['http://login.example.com', 'login.example.com', `${ISSUER}?x`, 'https://a@b.example', ''])(
    'refuses to ask %j',
    async (issuer) => {
      await expect(discoverProvider(issuer, { transport: provider.transport })).rejects.toBeInstanceOf(
        ValidationError,
      )
      expect(provider.asked).toEqual([])
    },
  )
})
