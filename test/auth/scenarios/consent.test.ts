/** Those of scenario 112 about consent: files, tokens at hand and from elsewhere, codes, logging in again, taking it back. */
import { AuthError, ValidationError } from 'discokit'
import {
  adc,
  authorizedFetch,
  authorizedUser,
  authorizedUserFile,
  exchangeCode,
  type ExchangeCodeOptions,
  revokeToken,
  type SuppliedToken,
  suppliedTokens,
  userCredentials,
  type UserCredentialsOptions,
} from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { API, endpoint, type Scripted, token } from '../endpoint.ts'

const NOW = 1_767_225_600_000
let now = NOW
const clock = { now: () => now }
beforeEach(() => {
  now = NOW
})

const READ = 'https://www.googleapis.com/auth/devstorage.read_only'
const user = (more: Partial<UserCredentialsOptions> = {}) =>
  userCredentials({ clientId: 'client', clientSecret: 'very-secret', refreshToken: 'long-lived', ...more })
const failureOf = async (work: Promise<unknown>): Promise<AuthError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AuthError)
  return error as AuthError
}
const refusal = (content: object, status = 400): Scripted => ({ status, text: JSON.stringify(content) })

describe('tokens of a function', () => {
  const supplied = (given: unknown) => suppliedTokens({ getToken: () => given as SuppliedToken })

  test('[112] are asked for once, with the scopes, and again ahead of their end', async () => {
    const asked: unknown[] = []
    const google = endpoint()
    const credentials = suppliedTokens({
      scopes: [READ],
      quotaProject: 'charged',
      getToken: async (scopes, context) => {
        asked.push([scopes, context.clock.now()])
        return { accessToken: `t${asked.length}`, expiresAt: now + 3_600_000 }
      },
    })
    const fetch = google.fetch(credentials, clock)
    await Promise.all([fetch(API), fetch(API)])
    now += 3_600_000
    await fetch(API)
    expect(asked).toEqual([
      [[READ], NOW],
      [[READ], NOW + 3_600_000],
    ])
    expect(google.calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer t1',
      'Bearer t1',
      'Bearer t2',
    ])
    expect(google.calls[0]!.headers['x-goog-user-project']).toBe('charged')
    expect(google.forms).toEqual([])
  })

  test.each([
    ['nothing', undefined, 'invalid_token', 'no access token'],
    ['null', null, 'invalid_token', 'no access token'],
    ['an empty token', { accessToken: '', expiresAt: NOW + 1 }, 'invalid_token', 'no access token'],
    ['a number for a token', { accessToken: 7, expiresAt: NOW + 1 }, 'invalid_token', 'no access token'],
    ['a token of two lines', { accessToken: 'a\nb', expiresAt: NOW + 1 }, 'invalid_token', 'no access token'],
    ['no end', { accessToken: 'secret-1' }, 'invalid_token', 'expiresAt is no time'],
    [
      'a text for its end',
      { accessToken: 'secret-1', expiresAt: '2030' },
      'invalid_token',
      'expiresAt is no time',
    ],
    ['NaN for its end', { accessToken: 'secret-1', expiresAt: NaN }, 'invalid_token', 'expiresAt is no time'],
    [
      'one that has ended',
      { accessToken: 'secret-1', expiresAt: NOW },
      'token_expired',
      'has expired already',
    ],
    [
      'its end in seconds',
      { accessToken: 'secret-1', expiresAt: NOW / 1_000 + 60 },
      'token_expired',
      'milliseconds',
    ],
  ])('[112] are not taken when it gives %s', async (_, given, reason, message) => {
    const google = endpoint()
    const error = await failureOf(google.fetch(supplied(given), clock)(API))
    expect(error).toMatchObject({ reason, retryable: false })
    expect(error.message).toContain(message)
    expect(error.message).not.toContain('secret-1')
    expect(google.calls).toEqual([])
  })

  test('[112] may fail for a reason of its own, which callers are told', async () => {
    const credentials = suppliedTokens({
      getToken: () => {
        throw new Error('the broker is away')
      },
    })
    await expect(endpoint().fetch(credentials, clock)(API)).rejects.toThrow('the broker is away')
  })

  test.each([
    [undefined, 'getToken'],
    [{}, 'getToken'],
    [{ getToken: 'x' }, 'getToken'],
    [{ getToken: String, scopes: [] }, 'scopes'],
    [{ getToken: String, scopes: [7] }, 'scopes'],
    [{ getToken: String, scope: 'a' }, 'scope'],
  ])('[112] need a function: not %j', (options, path) => {
    expect(problemsOf(() => suppliedTokens(options as never))).toContain(path)
  })
})

describe('scopes that were asked for', () => {
  const answered = (scope: unknown) => endpoint(() => token('t', { scope, refresh_token: 'rotated' }))

  test('[112] and not granted are named', async () => {
    const google = answered(`openid ${READ}`)
    const error = await failureOf(google.fetch(user({ scopes: [READ, 'a', 'b'] }), clock)(API))
    expect(error).toMatchObject({ reason: 'scope_shortfall', retryable: false })
    expect(error.message).toContain('lacks scopes that were asked for: a b.')
    expect(google.forms).toHaveLength(1)
    expect(google.calls).toEqual([])
  })

  test.each([
    ['all of them in another order', [READ, 'a'], `a ${READ}`],
    ['more than those', [READ], `a ${READ}`],
    ['the long names of short ones', ['email', 'profile'], userinfo('email', 'profile')],
    ['nothing', [READ], undefined],
  ])('[112] are granted when the answer names %s', async (_, scopes, granted) => {
    expect((await answered(granted).fetch(user({ scopes }), clock)(API)).status).toBe(200)
  })

  test('[112] are not missed by who asked for none', async () => {
    expect((await answered('a').fetch(user(), clock)(API)).status).toBe(200)
  })

  test('[112] and missed cost no refresh token that came in place of the old one', async () => {
    const kept: string[] = []
    const credentials = user({ scopes: ['a'], onRefreshToken: (given) => void kept.push(given) })
    const google = answered('b')
    await failureOf(google.fetch(credentials, clock)(API))
    expect(kept).toEqual(['rotated'])
  })

  function userinfo(...names: string[]): string {
    return names.map((name) => `https://www.googleapis.com/auth/userinfo.${name}`).join(' ')
  }
})

describe('a token at hand', () => {
  const atHand = { accessToken: 'at-hand', expiresAt: NOW + 300_000 }

  test('[112] is used first, and renewed like any other', async () => {
    const google = endpoint()
    const fetch = google.fetch(user({ token: atHand }), clock)
    await fetch(API)
    expect(google.forms).toEqual([])
    now += 300_000
    await fetch(API)
    expect(google.calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer at-hand',
      'Bearer t0',
    ])
  })

  test.each([225_000, 0, -1])('[112] is not used with %i ms left', async (left) => {
    const google = endpoint()
    await google.fetch(user({ token: { ...atHand, expiresAt: NOW + left } }), clock)(API)
    expect(google.calls[0]!.headers['authorization']).toBe('Bearer t0')
  })

  test.each([
    [{ accessToken: '', expiresAt: NOW }, 'token.accessToken'],
    [{ accessToken: 't' }, 'token.expiresAt'],
    [null, 'token.accessToken'],
  ])('[112] is none: %j', (given, path) => {
    expect(problemsOf(() => user({ token: given as never }))).toContain(path)
  })
})

describe('a file of a person', () => {
  const python = {
    token: 'at-hand',
    refresh_token: 'r',
    token_uri: 'https://oauth2.googleapis.com/token',
    client_id: 'c',
    client_secret: 's',
    scopes: [READ],
    universe_domain: 'googleapis.com',
    account: 'ada@example.com',
    rapt_token: null,
  }

  test.each([
    '2026-01-01T01:00:00Z',
    '2026-01-01T01:00:00.123456Z',
    '2026-01-01T01:00:00',
    '2026-01-01T01:00:00.5',
  ])('[112] has the end of its token in UTC: %s', (expiry) => {
    expect(authorizedUser({ ...python, expiry })).toMatchObject({
      clientId: 'c',
      refreshToken: 'r',
      scopes: [READ],
      token: { accessToken: 'at-hand', expiresAt: NOW + 3_600_000 },
    })
  })

  test('[112] gives a token that is used until it ends', async () => {
    const google = endpoint()
    const fetch = google.fetch(
      userCredentials(authorizedUser({ ...python, expiry: '2026-01-01T01:00:00Z' })),
      clock,
    )
    await fetch(API)
    expect(google.forms).toEqual([])
    now += 3_600_000
    await fetch(API)
    expect(google.forms[0]!.get('scope')).toBe(READ)
  })

  test.each([
    ['no expiry', {}],
    ['no token', { token: null, expiry: '2026-01-01T01:00:00Z' }],
  ])('[112] with %s gives no token', (_, more) => {
    expect(authorizedUser({ ...python, ...more }).token).toBeUndefined()
  })

  test.each([
    [undefined, undefined],
    [null, undefined],
    ['', undefined],
    [[], undefined],
    ['a b', ['a', 'b']],
  ])('[112] may have scopes %j', (scopes, expected) => {
    expect(authorizedUser({ ...python, scopes }).scopes).toEqual(expected)
  })

  test.each([
    [{ expiry: 'tomorrow-secret' }, 'has an expiry that is no time'],
    [{ expiry: '2026-13-01T00:00:00Z' }, 'has an expiry that is no time'],
    [{ expiry: '2026-01-01T01:00:00+02:00' }, 'has an expiry that is no time'],
    [{ expiry: 7 }, 'has a expiry that is no text'],
    [{ token: 'two\nlines', expiry: '2026-01-01T01:00:00Z' }, 'has a token that is none'],
    [{ scopes: [7] }, 'has scopes that are no list of scopes'],
    [{ scopes: { a: 1 } }, 'has scopes that are no list of scopes'],
    [{ type: 'service_account' }, "has not the type 'authorized_user'"],
  ])('[112] is refused with %j', (more, message) => {
    expect(problemsOf(() => authorizedUser({ ...python, ...more }))).toBe(`the file of a user ${message}`)
  })

  test.each<[string, UserCredentialsOptions]>([
    ['little', { clientId: 'c', refreshToken: 'r' }],
    [
      'all there is',
      {
        clientId: 'c',
        clientSecret: 's',
        refreshToken: 'r',
        scopes: [READ],
        tokenUri: 'https://oauth2.private.googleapis.com/token',
        revokeUri: 'https://oauth2.private.googleapis.com/revoke',
        quotaProject: 'q',
      },
    ],
    [
      'the credential of a workforce',
      {
        clientId: 'c',
        clientSecret: 's',
        refreshToken: 'r',
        tokenUri: 'https://sts.googleapis.com/v1/oauthtoken',
        clientAuthentication: 'basic',
      },
    ],
    ['another universe', { clientId: 'c', refreshToken: 'r', universeDomain: 'apis.example.test' }],
  ])('[112] says again what it was made of: %s', (_, options) => {
    const text = JSON.stringify(authorizedUserFile(options))
    const read = authorizedUser(text, undefined, options.universeDomain)
    const defined = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
    expect(defined).toEqual({ universeDomain: 'googleapis.com', ...options })
  })

  test('[112] never has the token at hand in it, nor what to call', () => {
    const made = authorizedUserFile({
      clientId: 'c',
      refreshToken: 'r',
      token: { accessToken: 'at-hand', expiresAt: NOW },
      onRefreshToken: () => {},
    })
    expect(made).toEqual({ type: 'authorized_user', client_id: 'c', refresh_token: 'r' })
    expect(problemsOf(() => authorizedUserFile({ clientId: 'c' } as never))).toContain('refreshToken')
  })

  describe('that is found', () => {
    let folder: string
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), 'discokit-consent-'))
    })
    afterEach(() => rm(folder, { recursive: true }))

    test.each([
      ['the scopes of the file', undefined, 'Bearer at-hand'],
      ['others', ['a'], 'Bearer t0'],
    ])('[112] gives its token for %s: %j', async (_, scopes, expected) => {
      const path = join(folder, 'ada.json')
      await writeFile(
        path,
        JSON.stringify({ type: 'authorized_user', ...python, expiry: '2026-01-01T01:00:00Z' }),
      )
      vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path)
      const google = endpoint()
      await google.fetch(adc(scopes && { scopes }), clock)(API)
      expect(google.calls[0]!.headers['authorization']).toBe(expected)
    })
  })
})

describe('a refresh token that is refused', () => {
  test.each(['invalid_rapt', 'rapt_required'])(
    '[112] because of %s says to log in again',
    async (error_subtype) => {
      const google = endpoint(() =>
        refusal({ error: 'invalid_grant', error_description: 'reauth related error', error_subtype }),
      )
      const error = await failureOf(google.fetch(user(), clock)(API))
      expect(error).toMatchObject({ reason: 'invalid_grant', status: 400, retryable: false })
      expect(error.message).toContain('gcloud auth application-default login')
    },
  )

  test.each([
    [{ error: 'invalid_grant' }, 'took the consent back'],
    [{ error: 'invalid_grant', error_subtype: 'other' }, 'took the consent back'],
    [{ error: 'invalid_scope' }, 'has to consent to these scopes'],
    [{ error: 'invalid_client' }, 'belong together'],
    [{ error: 'unauthorized_client' }, '400 unauthorized_client'],
  ])('[112] as %j says what a person can do, and nothing of keys', async (answer, message) => {
    const error = await failureOf(endpoint(() => refusal(answer)).fetch(user(), clock)(API))
    expect(error.message).toContain(message)
    expect(error.message).not.toMatch(/key|Domain-wide|clock|gcloud/)
  })
})

describe('taking consent back', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await createEmulator()
    await emulator.listen()
  })
  afterEach(() => emulator.close())
  const list = (credentials: ReturnType<typeof user>): Promise<number> =>
    authorizedFetch(credentials, { allowedOrigins: [emulator.url] })(
      `${emulator.url}/storage/v1/b?project=p`,
    ).then(({ status }) => status)

  test('[112] ends the refresh token and the access tokens', async () => {
    const file = emulator.authorizedUser({ rotating: true })
    const ada = userCredentials(authorizedUser(file))
    expect(await list(ada)).toBe(200)
    await ada.revoke()
    expect(emulator.journal.exchanges.at(-1)).toMatchObject({ method: 'POST', path: '/revoke', status: 200 })
    expect(await failureOf(list(ada))).toMatchObject({ reason: 'invalid_grant' })
    expect(await failureOf(ada.revoke())).toMatchObject({ reason: 'invalid_token', status: 400 })
  })

  test('[112] needs no access token', async () => {
    const ada = userCredentials(authorizedUser(emulator.authorizedUser()))
    await ada.revoke()
    expect(await failureOf(list(ada))).toMatchObject({ reason: 'invalid_grant' })
  })

  test('[112] forgets a token at hand', async () => {
    const file = emulator.authorizedUser()
    const expiresAt = Date.now() + 3_600_000
    const ada = userCredentials({ ...authorizedUser(file), token: { accessToken: 'at-hand', expiresAt } })
    await ada.revoke()
    expect(await failureOf(list(ada))).toMatchObject({ reason: 'invalid_grant' })
  })

  test('[112] is done for any token', async () => {
    const accessToken = emulator.accessToken()
    await revokeToken(accessToken, { revokeUri: `${emulator.url}/revoke` })
    const answer = await fetch(`${emulator.url}/storage/v1/b?project=p`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })
    expect(answer.status).toBe(401)
  })

  test('[112] may fail, and is not asked for again', async () => {
    const ada = userCredentials(authorizedUser(emulator.authorizedUser()))
    emulator.fail('oauth2.revoke', ['return-503'])
    expect(await failureOf(ada.revoke())).toMatchObject({ status: 503, retryable: true })
    expect(await list(ada)).toBe(200)
  })

  test('[112] sends the token to Google, in the form', async () => {
    const google = endpoint(() => ({ text: '{}' }))
    await user().revoke({ transport: google.transport, clock })
    await revokeToken('a-token', { transport: google.transport, clock })
    await user({
      clientAuthentication: 'basic',
      tokenUri: 'https://sts.googleapis.com/v1/oauthtoken',
      revokeUri: 'https://sts.googleapis.com/v1/revoke',
    }).revoke({ transport: google.transport, clock })
    expect(google.tokenRequests.map(({ url }) => url)).toEqual([
      'https://oauth2.googleapis.com/revoke',
      'https://oauth2.googleapis.com/revoke',
      'https://sts.googleapis.com/v1/revoke',
    ])
    expect(google.forms.map(String)).toEqual(['token=long-lived', 'token=a-token', 'token=long-lived'])
    expect(google.tokenRequests.map(({ headers }) => headers['authorization'])).toEqual([
      undefined,
      undefined,
      `Basic ${btoa('client:very-secret')}`,
    ])
  })

  test.each([
    ['https://oauth2.googleapis.com/token', 'https://oauth2.googleapis.com/revoke'],
    ['https://www.googleapis.com/oauth2/v4/token', 'https://oauth2.googleapis.com/revoke'],
    ['https://sts.googleapis.com/v1/oauthtoken', 'https://sts.googleapis.com/v1/revoke'],
    ['https://oauth2.apis.example.test/token', 'https://oauth2.apis.example.test/revoke'],
  ])('[112] asks beside %s', async (tokenUri, expected) => {
    const google = endpoint(() => ({ text: '' }))
    const universeDomain = tokenUri.includes('example.test') ? 'apis.example.test' : undefined
    await user({ tokenUri, universeDomain }).revoke({ transport: google.transport })
    expect(google.tokenRequests[0]!.url).toBe(expected)
  })

  test.each([undefined, '', 'two words', 7])('[112] without a token is refused: %j', async (none) => {
    await expect(revokeToken(none as never)).rejects.toThrow(ValidationError)
  })

  test('[112] sends the token to nobody else', async () => {
    const google = endpoint()
    for (const revokeUri of [
      'https://evilgoogleapis.com/revoke',
      'http://oauth2.googleapis.com/revoke',
      'https://oauth2.googleapis.com/token',
      'https://oauth2.googleapis.com/a?b=/revoke',
    ]) {
      expect(() => user({ revokeUri })).toThrow(AuthError)
      await expect(revokeToken('a-token', { revokeUri, transport: google.transport })).rejects.toThrow(
        AuthError,
      )
    }
    await expect(revokeToken('t', { uri: 'x' } as never)).rejects.toThrow(ValidationError)
    await expect(user().revoke({ uri: 'x' } as never)).rejects.toThrow(ValidationError)
    expect(google.tokenRequests).toEqual([])
  })

  test('[112] ends with its signal', async () => {
    const google = endpoint(() => new Promise<never>(() => {}))
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(user().revoke({ transport: google.transport, signal })).rejects.toThrow('enough')
    await expect(user().revoke({ transport: google.transport, timeoutMs: 20 })).rejects.toMatchObject({
      code: 'timeout',
    })
  })
})

describe('the code of a consent', () => {
  const VERIFIER = 'v'.repeat(43)
  const exchange = (google: ReturnType<typeof endpoint>, more: Partial<ExchangeCodeOptions> = {}) =>
    exchangeCode({
      clientId: 'client',
      code: 'the-long-code-of-a-consent',
      redirectUri: 'http://127.0.0.1:8080/back',
      transport: google.transport,
      clock,
      ...more,
    })

  test('[112] gives tokens, which make a credential', async () => {
    const google = endpoint(() =>
      token('t', { refresh_token: 'r', scope: `openid ${READ}`, id_token: 'a.b.c' }),
    )
    const given = await exchange(google, { clientSecret: 'very-secret', codeVerifier: VERIFIER })
    expect(given).toEqual({
      accessToken: 't',
      expiresAt: NOW + 3_600_000,
      refreshToken: 'r',
      scopes: ['openid', READ],
      idToken: 'a.b.c',
    })
    expect(google.tokenRequests[0]!.url).toBe('https://oauth2.googleapis.com/token')
    const ada = user({ refreshToken: given.refreshToken!, token: given })
    await google.fetch(ada, clock)(API)
    expect(google.calls[0]!.headers['authorization']).toBe('Bearer t')
  })

  test.each<[string, Partial<ExchangeCodeOptions>, object, string | undefined]>([
    [
      'in the form',
      { clientSecret: 'very-secret' },
      { client_id: 'client', client_secret: 'very-secret' },
      undefined,
    ],
    [
      'in a header',
      { clientSecret: 'very-secret', clientAuthentication: 'basic' },
      {},
      `Basic ${btoa('client:very-secret')}`,
    ],
    [
      'by its verifier alone',
      { codeVerifier: VERIFIER },
      { client_id: 'client', code_verifier: VERIFIER },
      undefined,
    ],
    [
      'not at all',
      { clientSecret: 'very-secret', clientAuthentication: 'none' },
      { client_id: 'client' },
      undefined,
    ],
  ])('[112] is exchanged by a client that shows who it is %s', async (_, more, fields, authorization) => {
    const google = endpoint()
    await exchange(google, more)
    expect(Object.fromEntries(google.forms[0]!)).toEqual({
      grant_type: 'authorization_code',
      code: 'the-long-code-of-a-consent',
      redirect_uri: 'http://127.0.0.1:8080/back',
      ...fields,
    })
    expect(google.tokenRequests[0]!.headers['authorization']).toBe(authorization)
  })

  test.each([
    [{ error: 'invalid_grant' }, 'invalid_grant', 'was used already or is too old'],
    [{ error: 'redirect_uri_mismatch' }, 'redirect_uri_mismatch', 'entered for the client'],
    [{ error: 'invalid_client' }, 'invalid_client', 'belong together'],
  ])('[112] is refused with %j, and it says why', async (answer, reason, message) => {
    const error = await failureOf(exchange(endpoint(() => refusal(answer))))
    expect(error).toMatchObject({ reason, status: 400 })
    expect(error.message).toContain(message)
  })

  test('[112] is sent once where the server may have taken it', async () => {
    const google = endpoint(() => ({ text: '<html>' }))
    expect(await failureOf(exchange(google))).toMatchObject({ reason: 'unreadable_answer' })
    expect(google.forms).toHaveLength(1)
  })

  test.each<[object, string]>([
    [{ clientId: '' }, 'clientId'],
    [{ code: undefined }, 'code'],
    [{ redirectUri: '/back' }, 'redirectUri'],
    [{ codeVerifier: 'short' }, 'codeVerifier'],
    [{ clientAuthentication: 'basic' }, 'clientSecret'],
    [{ clientAuthentication: 'post' }, 'clientAuthentication'],
    [{ verifier: VERIFIER }, 'verifier'],
  ])('[112] is not sent with %j', async (more, path) => {
    const google = endpoint()
    await expect(exchange(google, more as never)).rejects.toThrow(ValidationError)
    await expect(exchange(google, more as never)).rejects.toThrow(path)
    expect(google.forms).toEqual([])
  })

  test('[112] goes to nobody but Google', async () => {
    const google = endpoint()
    await failureOf(exchange(google, { tokenUri: 'https://evilgoogleapis.com/token' }))
    await expect(exchangeCode(undefined as never)).rejects.toThrow(ValidationError)
    expect(google.forms).toEqual([])
  })
})

function problemsOf(make: () => unknown): string {
  try {
    make()
  } catch (error) {
    if (error instanceof ValidationError || error instanceof AuthError) return error.message
    throw error
  }
  return 'none'
}
