import { ValidationError } from 'discokit'
import { type AuthorizationOptions, createSecret, GOOGLE_PROVIDER, oauthClient } from 'discokit/login'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { NOW, REDIRECT } from './provider.ts'

const DRIVE = 'https://www.googleapis.com/auth/drive.readonly'
const nobody = async (): Promise<never> => {
  throw new Error('nobody may be asked')
}
const client = (more: object = {}) =>
  oauthClient({
    clientId: 'my-client',
    redirectUri: REDIRECT,
    scopes: [DRIVE],
    transport: nobody,
    clock: { now: () => NOW },
    ...more,
  })
const parameters = async (options?: AuthorizationOptions, more: object = {}) =>
  Object.fromEntries(new URL((await client(more).authorizationUrl(options)).url).searchParams)

describe('authorizationUrl', () => {
  test('asks Google for a code, with a challenge (S256) and a state', async () => {
    const { url, request } = await client().authorizationUrl()
    expect(url).toMatch(/^https:\/\/accounts\.google\.com\/o\/oauth2\/v2\/auth\?/)
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      response_type: 'code',
      client_id: 'my-client',
      redirect_uri: REDIRECT,
      scope: DRIVE,
      state: request.state,
      code_challenge: createHash('sha256').update(request.codeVerifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    expect(request).toEqual({
      state: expect.stringMatching(/^[\w-]{43}$/),
      codeVerifier: expect.stringMatching(/^[\w.~-]{43,128}$/),
      redirectUri: REDIRECT,
      scopes: [DRIVE],
      createdAt: NOW,
    })
    expect(JSON.parse(JSON.stringify(request))).toEqual(request)
    expect(url).not.toContain(request.codeVerifier)
  })

  test('never makes the same state, nonce or verifier twice', async () => {
    const made = await Promise.all(
      Array.from({ length: 50 }, () => client().authorizationUrl({ scopes: ['openid', 'email'] })),
    )
    for (const name of ['state', 'nonce', 'codeVerifier'] as const)
      expect(new Set(made.map(({ request }) => request[name])).size).toBe(50)
  })

  test('takes every parameter, percent-encoded', async () => {
    const { url, request } = await client().authorizationUrl({
      scopes: ['openid', 'email', DRIVE],
      state: 'state & more=+',
      nonce: 'n-1',
      accessType: 'offline',
      includeGrantedScopes: true,
      loginHint: 'ada+1@example.com',
      prompt: ['consent', 'select_account'],
      responseType: 'code',
      display: 'touch',
      hostedDomain: '*',
      openidRealm: 'https://old.example.com',
      redirectUri: 'http://127.0.0.1:8080/other',
      extra: { enable_granular_consent: 'true' },
    })
    const { code_challenge: _, ...query } = Object.fromEntries(new URL(url).searchParams)
    expect(query).toEqual({
      response_type: 'code',
      client_id: 'my-client',
      redirect_uri: 'http://127.0.0.1:8080/other',
      scope: `openid email ${DRIVE}`,
      state: 'state & more=+',
      code_challenge_method: 'S256',
      nonce: 'n-1',
      access_type: 'offline',
      include_granted_scopes: 'true',
      login_hint: 'ada+1@example.com',
      prompt: 'consent select_account',
      display: 'touch',
      hd: '*',
      'openid.realm': 'https://old.example.com',
      enable_granular_consent: 'true',
    })
    expect(url).toContain('state=state%20%26%20more%3D%2B&')
    expect(request).toMatchObject({
      nonce: 'n-1',
      hostedDomain: '*',
      redirectUri: 'http://127.0.0.1:8080/other',
    })
  })

  test('includeGrantedScopes false is said, and nothing where it is left out', async () => {
    expect(await parameters({ includeGrantedScopes: false })).toMatchObject({
      include_granted_scopes: 'false',
    })
    expect(await parameters({})).not.toHaveProperty('include_granted_scopes')
  })

  test('openid comes first when it is missing, and OAuth scopes stand beside it', async () => {
    expect(await parameters({ scopes: [DRIVE, 'email'], openid: true })).toMatchObject({
      scope: `openid ${DRIVE} email`,
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(await parameters({ scopes: ['profile', 'openid'] }, { openid: true })).toMatchObject({
      scope: 'profile openid',
    })
    expect(await parameters({ openid: false }, { openid: true })).not.toHaveProperty('nonce')
  })

  test('an authorization endpoint with a query keeps it', async () => {
    const provider = {
      issuer: 'https://i.example.com',
      authorization_endpoint: 'https://i.example.com/a?tenant=7',
    }
    const { url } = await client({ provider }).authorizationUrl()
    expect(url).toMatch(/^https:\/\/i\.example\.com\/a\?tenant=7&response_type=code&/)
  })

  test.each<[string, object, string]>([
    ['neither email nor profile', { scopes: ['openid', DRIVE] }, 'scopes'],
    ['the same by option', { openid: true }, 'scopes'],
    ['no scopes', { scopes: [] }, 'scopes'],
    ['scopes in one text', { scopes: 'email' }, 'scopes'],
    ['a scope with a blank', { scopes: ['a b'] }, 'scopes'],
    ['an empty state', { state: '' }, 'state'],
    ['a state of two lines', { state: 'a\nb' }, 'state'],
    ['a prompt that does not exist', { prompt: 'ask' }, 'prompt'],
    ['none beside others', { prompt: ['none', 'login'] }, 'prompt'],
    ['none in a list', { prompt: ['none'] }, 'prompt'],
    ['an empty list of prompts', { prompt: [] }, 'prompt'],
    ['the implicit flow', { responseType: 'token' }, 'responseType'],
    ['a hybrid flow', { responseType: 'code id_token' }, 'responseType'],
    ['another access type', { accessType: 'always' }, 'accessType'],
    ['another display', { display: 'tv' }, 'display'],
    ['a text for a flag', { includeGrantedScopes: 'true' }, 'includeGrantedScopes'],
    ['a nonce without openid', { nonce: 'n' }, 'nonce'],
    ['a domain without openid', { hostedDomain: 'example.com' }, 'hostedDomain'],
    ['a realm without openid', { openidRealm: 'https://example.com' }, 'openidRealm'],
    ['http elsewhere', { redirectUri: 'http://app.example.com/back' }, 'redirectUri'],
    ['a redirection with a fragment', { redirectUri: 'https://app.example.com/#back' }, 'redirectUri'],
    ['a relative redirection', { redirectUri: '/back' }, 'redirectUri'],
    ['a redirection to a script', { redirectUri: 'javascript:alert(1)' }, 'redirectUri'],
    ['PKCE taken away', { extra: { code_challenge_method: 'plain' } }, 'extra.code_challenge_method'],
    ['a second state', { extra: { state: 'x' } }, 'extra.state'],
    ['the secret in the address', { extra: { client_secret: 'x' } }, 'extra.client_secret'],
    ['a number among the others', { extra: { foo: 7 } }, 'extra.foo'],
    ['a misspelt option', { loginhint: 'ada@example.com' }, 'loginhint'],
  ])('refuses %s', async (_, options, path) => {
    const asked = client().authorizationUrl(options)
    await expect(asked).rejects.toBeInstanceOf(ValidationError)
    await expect(asked).rejects.toMatchObject({ problems: [expect.objectContaining({ path })] })
  })

  test('needs a redirection from somewhere', async () => {
    await expect(client({ redirectUri: undefined }).authorizationUrl()).rejects.toMatchObject({
      problems: [{ path: 'redirectUri', message: 'is required' }],
    })
  })
})

describe('oauthClient', () => {
  test('shows what the provider says of itself, and is ready with a redirection and scopes', () => {
    expect(client().provider.token_endpoint).toBe('https://oauth2.googleapis.com/token')
    expect(client().provider).toEqual(GOOGLE_PROVIDER)
    expect(client().isReady()).toBe(true)
    expect(client({ scopes: undefined }).isReady()).toBe(false)
    expect(client({ redirectUri: undefined }).isReady()).toBe(false)
  })

  test.each<[string, object, string]>([
    ['no id', { clientId: '' }, 'clientId'],
    ['an empty secret', { clientSecret: '' }, 'clientSecret'],
    ['a header without a secret', { clientAuthentication: 'basic' }, 'clientSecret'],
    ['another way of showing it', { clientAuthentication: 'jwt' }, 'clientAuthentication'],
    [
      'a provider without a name',
      { provider: { token_endpoint: 'https://a.example/token' } },
      'provider.issuer',
    ],
    [
      'tokens over http',
      { provider: { issuer: 'i', token_endpoint: 'http://a.example/t' } },
      'provider.token_endpoint',
    ],
    ['keys over http', { provider: { issuer: 'i', jwks_uri: 'http://a.example/k' } }, 'provider.jwks_uri'],
    [
      'user info of a user',
      { provider: { issuer: 'i', userinfo_endpoint: 'https://a@b.example' } },
      'provider.userinfo_endpoint',
    ],
    ['a misspelt option', { clientID: 'x' }, 'clientID'],
  ])('refuses %s', (_, options, path) => {
    expect(() => client(options)).toThrow(ValidationError)
    expect(() => client(options)).toThrow(path)
  })

  test('a method may be called with one of its scopes', () => {
    const tokens = { scopes: [DRIVE] }
    expect(client().authorizedForMethod(['https://www.googleapis.com/auth/drive', DRIVE], tokens)).toBe(true)
    expect(client().authorizedForMethod({ $scopes: ['https://www.googleapis.com/auth/drive'] }, tokens)).toBe(
      false,
    )
    expect(client().authorizedForMethod([], {})).toBe(true)
    expect(client().authorizedForMethod([DRIVE], {})).toBe(false)
  })

  test('a token has expired that ends within 225 seconds, or nobody knows when', () => {
    expect(client().isExpired({ expiresAt: NOW + 225_001 })).toBe(false)
    expect(client().isExpired({ expiresAt: NOW + 225_000 })).toBe(true)
    expect(client().isExpired({})).toBe(true)
  })
})

test('createSecret gives another text each time, of the length asked for', () => {
  expect(createSecret()).toMatch(/^[\w-]{43}$/)
  expect(createSecret()).not.toBe(createSecret())
  expect(Buffer.from(createSecret(1024), 'base64url')).toHaveLength(1024)
  for (const length of [0, 15, 16.5, 65_537, NaN]) expect(() => createSecret(length)).toThrow(ValidationError)
})
