/** Tokens as other libraries write them, and what a credential does with them. */
import { AuthError, type Transport, ValidationError } from 'discokit'
import {
  authorizedFetch,
  type SavedLogin,
  userCredentials,
  userTokens,
  type UserTokensOptions,
} from 'discokit/auth'
import { oauthClient } from 'discokit/login'
import { describe, expect, test } from 'vitest'
import { failureOf } from '../../transport/contexts.ts'
import { API, endpoint, token } from '../endpoint.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const HOUR = 3_600_000
const clock = { now: () => NOW }
const client = { clientId: 'client', clientSecret: 'client-secret-canary' }

describe('userTokens reads', () => {
  const claims = { iss: 'https://accounts.google.com', sub: '1', aud: 'c', exp: 2, iat: 1 }
  test.each<[string, object, SavedLogin]>([
    [
      "aiogoogle's UserCreds",
      {
        access_token: 'a',
        refresh_token: 'r',
        expires_in: 3_599,
        expires_at: '2026-01-01T00:58:00.123456',
        scopes: ['openid', 'email'],
        id_token: claims,
        id_token_jwt: 'x.y.z',
        token_type: 'Bearer',
        token_uri: 'https://oauth2.googleapis.com/token',
        token_info_uri: 'https://www.googleapis.com/oauth2/v4/tokeninfo',
        revoke_uri: 'https://oauth2.googleapis.com/revoke',
        refresh_token_expires_in: 604_799,
      },
      {
        accessToken: 'a',
        refreshToken: 'r',
        expiresAt: NOW + 58 * 60_000,
        scopes: ['openid', 'email'],
        idToken: 'x.y.z',
        claims,
        refreshTokenExpiresAt: NOW + 58 * 60_000 + (604_799 - 3_599) * 1_000,
      },
    ],
    [
      "aiogoogle's UserCreds with nothing but an access token",
      {
        access_token: 'a',
        refresh_token: null,
        expires_in: null,
        expires_at: null,
        scopes: null,
        id_token: null,
      },
      { accessToken: 'a' },
    ],
    [
      "gcloud's authorized_user",
      {
        type: 'authorized_user',
        client_id: 'c',
        client_secret: 's',
        refresh_token: 'r',
        quota_project_id: 'q',
      },
      {
        refreshToken: 'r',
        client: { clientId: 'c', clientSecret: 's' },
        quota_project_id: 'q',
      } as SavedLogin,
    ],
    [
      "google-auth's to_json()",
      {
        token: 'a',
        refresh_token: 'r',
        token_uri: 'https://oauth2.googleapis.com/token',
        client_id: 'c',
        client_secret: 's',
        scopes: ['x'],
        expiry: '2026-01-01T01:00:00.000001Z',
      },
      {
        accessToken: 'a',
        refreshToken: 'r',
        expiresAt: NOW + HOUR,
        scopes: ['x'],
        client: { clientId: 'c', clientSecret: 's', tokenUri: 'https://oauth2.googleapis.com/token' },
      },
    ],
    [
      'what gcloud keeps for people of a workforce pool',
      {
        type: 'external_account_authorized_user',
        client_id: 'c',
        client_secret: 's',
        refresh_token: 'r',
        token_url: 'https://sts.googleapis.com/v1/oauthtoken',
        revoke_url: 'https://sts.googleapis.com/v1/revoke',
      },
      {
        refreshToken: 'r',
        client: {
          clientId: 'c',
          clientSecret: 's',
          tokenUri: 'https://sts.googleapis.com/v1/oauthtoken',
          revokeUri: 'https://sts.googleapis.com/v1/revoke',
          clientAuthentication: 'basic',
        },
      },
    ],
    [
      "googleapis' Credentials",
      {
        access_token: 'a',
        refresh_token: 'r',
        scope: 'openid email',
        token_type: 'Bearer',
        id_token: 'x.y.z',
        expiry_date: NOW,
      },
      { accessToken: 'a', refreshToken: 'r', scopes: ['openid', 'email'], idToken: 'x.y.z', expiresAt: NOW },
    ],
    [
      'our own, with members that nobody knows',
      { refreshToken: 'r', expiresAt: null, access_token: 'mine', note: { a: [1] } },
      { refreshToken: 'r', access_token: 'mine', note: { a: [1] } } as SavedLogin,
    ],
  ])('%s', (_, content, login) => {
    const read = userTokens(content)
    expect(JSON.parse(JSON.stringify(read))).toEqual({
      ...login,
      ...('token_info_uri' in content && { token_info_uri: content.token_info_uri }),
    })
    expect(userTokens(`\ufeff${JSON.stringify(content)}`)).toEqual(read)
    expect(userTokens(read)).toEqual(read)
  })

  test.each([
    ['2026-01-01T00:00:00', NOW],
    ['2026-01-01 00:00:00.5', NOW],
    ['2026-01-01T01:00:00+01:00', NOW],
    ['2026-01-01T00:00:00Z', NOW],
  ])('the time %s', (expires_at, expiresAt) => {
    expect(userTokens({ access_token: 'a', expires_at })).toMatchObject({ expiresAt })
  })

  test.each<[string, unknown, string[]]>([
    ['no JSON', '{"refreshToken":"canary"', ['tokens']],
    ['a text in JSON', '"canary"', ['tokens']],
    ['nothing', undefined, ['tokens']],
    ['a list', ['canary'], ['tokens']],
    ['what is no JSON', { accessToken: 1n }, ['tokens']],
    ['more than a MiB', { accessToken: 'a', x: 'canary'.repeat(200_000) }, ['tokens']],
    ['an object without tokens', { clientId: 'canary' }, ['tokens']],
    ['a key of a service account', { type: 'service_account', private_key: 'canary' }, ['tokens']],
    [
      'members that are none',
      {
        accessToken: 'can ary',
        refreshToken: 7,
        expiresAt: 'canary',
        scopes: ['can ary'],
        claims: [],
        refreshing: {},
      },
      ['accessToken', 'refreshToken', 'expiresAt', 'scopes', 'claims', 'refreshing'],
    ],
    ['a time that is none', { access_token: 'a', expires_at: 'canary' }, ['expiresAt']],
    ['a token of another kind', { access_token: 'a', token_type: 'mac-canary' }, ['token_type']],
    [
      'a client that is none',
      { accessToken: 'a', client: { clientSecret: 7, clientAuthentication: 'canary' } },
      ['client.clientId', 'client.clientSecret', 'client.clientAuthentication'],
    ],
  ])('not %s, and says all that is wrong', (_, content, paths) => {
    const read = (): unknown => userTokens(content as object)
    expect(read).toThrow(ValidationError)
    try {
      read()
    } catch (error) {
      const { problems, message } = error as ValidationError
      expect(new Set(problems.map(({ path }) => path))).toEqual(new Set(paths))
      expect(message).not.toContain('canary')
    }
  })
})

describe('a credential of tokens', () => {
  const ada = (tokens: unknown, more: Partial<UserTokensOptions> = {}) =>
    userCredentials({ client, tokens: tokens as object, ...more })

  test('uses them, renews them when they end, and tells before the new ones are used', async () => {
    let now = NOW
    const told: SavedLogin[] = []
    const order: string[] = []
    const google = endpoint((i) => token(`t${i}`, { refresh_token: `r${i}`, scope: 'openid email' }))
    const onTokens = async (tokens: SavedLogin): Promise<void> => {
      await Promise.resolve()
      told.push(tokens)
      order.push('told', String(google.calls.length))
    }
    const tokens = { access_token: 'theirs', refresh_token: 'r', expiry_date: NOW + HOUR, mine: 1 }
    const credentials = ada(tokens, { onTokens })
    const fetch = google.fetch(credentials, { now: () => now })
    await fetch(API)
    now += HOUR
    await fetch(API)
    expect(google.calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer theirs',
      'Bearer t0',
    ])
    expect(order).toEqual(['told', '1'])
    expect(told).toEqual([
      { accessToken: 't0', expiresAt: now + HOUR, refreshToken: 'r0', scopes: ['openid', 'email'], mine: 1 },
    ])
    expect(await credentials.grantedScopes()).toEqual(['openid', 'email'])
    expect(userTokens(told[0]!)).toEqual(told[0])
  })

  test('fails when the program cannot keep them, and tells again', async () => {
    let isDown = true
    const told: unknown[] = []
    const onTokens = ({ refreshToken }: SavedLogin): void => {
      told.push(refreshToken)
      if (isDown) throw new RangeError('the database is away')
    }
    const google = endpoint((i) => token(`t${i}`, { refresh_token: `r${i}` }))
    const fetch = google.fetch(ada({ refreshToken: 'r' }, { onTokens }), clock)
    await expect(fetch(API)).rejects.toThrow('the database is away')
    await expect(fetch(API)).rejects.toThrow('the database is away')
    isDown = false
    expect((await fetch(API)).status).toBe(200)
    expect(google.forms.map((form) => form.get('refresh_token'))).toEqual(['r', 'r0'])
    expect(told).toEqual(['r0', 'r0', 'r0', 'r1'])
  })

  test('with an access token alone works until it is refused', async () => {
    const google = endpoint()
    let isRefused = false
    const transport: Transport = async (request, context) => {
      const answer = await google.transport(request, context)
      return isRefused ? { ...answer, status: 401 } : answer
    }
    const fetch = authorizedFetch(userCredentials({ tokens: { accessToken: 'alone' } }), { transport, clock })
    expect((await fetch(API)).status).toBe(200)
    isRefused = true
    const error = await failureOf(fetch(API))
    expect(error).toMatchObject({ reason: 'no_refresh_token' })
    expect(error.message).toContain('offline')
    expect(google.forms).toHaveLength(0)
  })

  test('asks for fewer scopes, and fails when it has not all of them', async () => {
    const google = endpoint(() => token('t', { scope: 'a' }))
    const credentials = ada({ refreshToken: 'r', scopes: ['a', 'b', 'c'] }, { scopes: ['a', 'b'] })
    expect(await failureOf(google.fetch(credentials, clock)(API))).toMatchObject({
      reason: 'scope_shortfall',
    })
    expect(google.forms[0]!.get('scope')).toBe('a b')
    expect(await credentials.grantedScopes()).toEqual(['a', 'b'])
  })

  test('takes the client of the tokens, and that of an OAuthClient wherever it asks', async () => {
    const google = endpoint()
    const kept = { refreshToken: 'r', client: { clientId: 'kept' } }
    await google.fetch(userCredentials({ tokens: kept }), clock)(API)
    expect(google.forms[0]!.get('client_id')).toBe('kept')
    const provider = { issuer: 'https://login.example.com', token_endpoint: 'https://login.example.com/t' }
    const oauth = oauthClient({ ...client, provider, clientAuthentication: 'basic' })
    await google.fetch(userCredentials({ client: oauth, tokens: { refreshToken: 'r' } }), clock)(API)
    expect(google.tokenRequests[1]!.url).toBe('https://login.example.com/t')
    expect(google.tokenRequests[1]!.headers['authorization']).toMatch(/^Basic /)
    expect(oauthClient(client).registration()).toMatchObject({
      ...client,
      tokenUri: 'https://oauth2.googleapis.com/token',
    })
    const nowhere = oauthClient({ ...client, provider: { issuer: 'https://login.example.com' } })
    expect(() => userCredentials({ client: nowhere, tokens: kept })).toThrow('provider.token_endpoint')
  })

  test('sends the refresh token to nobody but Google, unless the program says so', () => {
    const evil = { ...client, tokenUri: 'https://evil.example/token' }
    for (const options of [
      { client: evil, tokens: { refreshToken: 'r' } },
      { tokens: { refreshToken: 'r', client: evil } },
    ])
      expect(() => userCredentials(options)).toThrow(AuthError)
  })

  const store = { atomic: true, get() {}, put() {}, delete() {}, accounts() {} }
  test.each<[string, object, string[]]>([
    ['a client alone', { client }, ['tokens']],
    ['a refresh token without a client', { tokens: { refreshToken: 'r' } }, ['client']],
    ['tokens and a store', { client, tokens: {}, store, account: 'ada' }, ['tokens']],
    ['an account without a store', { client, account: 'ada' }, ['store']],
    ['a store without an account', { client, store }, ['account']],
    [
      'what is no store, for no account',
      { client, store: {}, account: '', onTokens: 1 },
      ['store', 'account', 'onTokens'],
    ],
    ['fewer scopes of what others use', { store, account: 'ada', scopes: ['a'] }, ['scopes']],
    ['a client that is none', { client: 'client', tokens: { accessToken: 'a' } }, ['client']],
    ['a client twice', { clientId: 'c', client, tokens: { accessToken: 'a' } }, ['clientId']],
    [
      'a refresh token and a store',
      { clientId: 'c', refreshToken: 'r', store, account: 'ada' },
      ['clientId', 'refreshToken'],
    ],
    ['a misspelt option', { client, tokens: { accessToken: 'a' }, onToken: () => {} }, ['onToken']],
  ])('is refused with %s', (_, options, paths) => {
    const make = (): unknown => userCredentials(options as never)
    expect(make).toThrow(ValidationError)
    try {
      make()
    } catch (error) {
      expect((error as ValidationError).problems.map(({ path }) => path)).toEqual(paths)
    }
  })

  test('and with others of its options does not compile', () => {
    void (() => {
      // @ts-expect-error A store and tokens are two ways.
      userCredentials({ client, tokens: {}, store: store as never, account: 'ada' })
      // @ts-expect-error A store needs an account.
      userCredentials({ client, store: store as never })
      // @ts-expect-error The client stands in one place.
      userCredentials({ clientId: 'c', refreshToken: 'r', client })
      // @ts-expect-error What others use cannot be less.
      userCredentials({ store: store as never, account: 'ada', scopes: ['a'] })
    })
  })
})
