/** Answers and ID tokens that a client must refuse, one test for each: RFC 9700, 7636 and 9207, OpenID Connect Core section 3.1.3.7. */
import { AuthError, ValidationError } from 'discokit'
import { discoverProvider } from 'discokit/login'
import { createHash, createPublicKey } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { forge, makeKey, segment, sign } from '../auth/issuer.ts'
import { ISSUER, json, NOW, PROVIDER, REDIRECT, ScriptedProvider, SECRET } from './provider.ts'

const rsa = await makeKey('RS256', 'one')
let provider: ScriptedProvider
beforeEach(() => {
  provider = new ScriptedProvider([rsa])
})

const CANARIES = ['access-canary', 'code-canary', 'refresh-canary', SECRET]

/** The refusal, which shows nothing that is secret. */
async function refusalOf(work: Promise<unknown>, secrets: readonly string[] = []): Promise<AuthError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AuthError)
  const shown = `${(error as AuthError).message}${JSON.stringify(error)}${String((error as AuthError).stack)}`
  for (const secret of [...CANARIES, ...secrets]) expect(shown).not.toContain(secret)
  return error as AuthError
}

describe('the answer to the request for consent', () => {
  type Change = (parameters: URLSearchParams) => void
  const refused = async (change: Change, client: object = {}) => {
    const login = await provider.login({ change, client })
    const { state, codeVerifier, nonce = '' } = login.request
    const error = await refusalOf(login.tokens(), [state, codeVerifier, nonce])
    expect(provider.asked).toEqual([])
    return error
  }

  test.each<[string, Change, string]>([
    ['state missing', (p) => p.delete('state'), 'wrong_state'],
    ['state empty', (p) => p.set('state', ''), 'wrong_state'],
    ['state of another request', (p) => p.set('state', 'A'.repeat(43)), 'wrong_state'],
    ['state cut off', (p) => p.set('state', p.get('state')!.slice(0, -1)), 'wrong_state'],
    ['state with something after it', (p) => p.append('state', 'x'), 'malformed_callback'],
    ['state twice', (p) => p.append('state', p.get('state')!), 'malformed_callback'],
    ['code twice', (p) => p.append('code', 'other'), 'malformed_callback'],
    ['code missing', (p) => p.delete('code'), 'missing_code'],
    ['code empty', (p) => p.set('code', ''), 'missing_code'],
    ['iss of another provider', (p) => p.set('iss', 'https://evil.example'), 'wrong_issuer'],
    ['iss with a slash more', (p) => p.set('iss', `${ISSUER}/`), 'wrong_issuer'],
    ['iss empty', (p) => p.set('iss', ''), 'wrong_issuer'],
    ['iss twice', (p) => (p.append('iss', ISSUER), p.append('iss', ISSUER)), 'malformed_callback'],
    ['error twice', (p) => (p.append('error', 'a'), p.append('error', 'b')), 'malformed_callback'],
    ['an access token in the address', (p) => p.set('access_token', 'access-canary'), 'malformed_callback'],
    ['an ID token in the address', (p) => p.set('id_token', 'a.b.c'), 'malformed_callback'],
    ['an answer as a JWT', (p) => p.set('response', 'a.b.c'), 'malformed_callback'],
    ['error access_denied', (p) => (p.delete('code'), p.set('error', 'access_denied')), 'access_denied'],
    ['error beside a code', (p) => p.set('error', 'server_error'), 'server_error'],
    ['error that is no word', (p) => p.set('error', '<script>alert(1)</script>'), 'unreadable_error'],
  ])('%s', async (_, change, reason) => {
    expect(await refused(change)).toMatchObject({ reason })
  })

  test('iss missing where the provider promises it', async () => {
    const promising = { ...PROVIDER, authorization_response_iss_parameter_supported: true }
    expect(await refused(() => {}, { provider: promising })).toMatchObject({ reason: 'wrong_issuer' })
  })

  test('iss is accepted where it is right, promised or not', async () => {
    for (const promised of [true, false]) {
      const named = { ...PROVIDER, authorization_response_iss_parameter_supported: promised }
      const login = await provider.login({ client: { provider: named }, change: (p) => p.set('iss', ISSUER) })
      expect(await login.tokens()).toMatchObject({ claims: { sub: 'ada-1' } })
      provider.answers.clear()
    }
  })

  test('a forged error without the state is not believed', async () => {
    const error = await refused((p) => (p.delete('state'), p.delete('code'), p.set('error', 'access_denied')))
    expect(error).toMatchObject({ reason: 'wrong_state' })
  })

  test('what the provider says of its error stands in one line, without what was sent', async () => {
    const error = await refused((p) => {
      p.set('error', 'invalid_scope')
      p.set('error_description', `no\r\nforged line: ${p.get('state')} ${p.get('code')}`)
    })
    expect(error.message).toMatch(/^consent was not given: invalid_scope: no forged line: … …$/)
  })

  test('a request that is older than ten minutes', async () => {
    const login = await provider.login()
    provider.now += 600_001
    expect(await refusalOf(login.tokens())).toMatchObject({ reason: 'request_expired' })
    provider.now = NOW - 600_001
    expect(await refusalOf(login.tokens())).toMatchObject({ reason: 'request_expired' })
  })

  test.each<[string, object]>([
    ['without a state', { state: undefined }],
    ['with a short verifier', { codeVerifier: 'short' }],
    ['that lost its nonce', { nonce: undefined }],
    ['without scopes', { scopes: undefined }],
    ['without a time', { createdAt: undefined }],
  ])('a kept request %s is bad input', async (_, more) => {
    const { client, request, back } = await provider.login()
    await expect(client.finish(back, { ...request, ...more })).rejects.toBeInstanceOf(ValidationError)
    expect(provider.asked).toEqual([])
  })

  test('an address that is none, or too long, is bad input', async () => {
    const { client, request, back } = await provider.login()
    for (const bad of ['', '/back?code=x', `${back.href}&x=${'x'.repeat(16_384)}`, null as unknown as string])
      await expect(client.finish(bad, request)).rejects.toBeInstanceOf(ValidationError)
  })
})

describe('the answer of the token endpoint', () => {
  const answered = async (answer: Record<string, unknown>) => (await provider.login({ answer })).tokens()

  test.each<[string, Record<string, unknown>]>([
    ['no access token', { access_token: undefined }],
    ['an access token of two lines', { access_token: 'access-canary\nx' }],
    ['another type of token', { token_type: 'DPoP' }],
    ['expires_in negative', { expires_in: -1 }],
    ['expires_in zero', { expires_in: 0 }],
    ['expires_in that is no number', { expires_in: 'soon' }],
    ['scope that is a list', { scope: ['email'] }],
    ['a refresh token that is a number', { refresh_token: 7 }],
    ['an ID token that is an object', { id_token: {} }],
  ])('%s', async (_, answer) => {
    expect(await refusalOf(answered(answer))).toMatchObject({ reason: 'unreadable_answer', status: 200 })
  })

  test('no ID token where openid was asked for', async () => {
    expect(await refusalOf(answered({ id_token: undefined }))).toMatchObject({ reason: 'missing_id_token' })
  })

  test.each<[string, Record<string, unknown>, object]>([
    ['token_type in another case', { token_type: 'bEARER' }, {}],
    ['scope absent: all that was asked for', { scope: undefined }, { scopes: ['openid', 'email'] }],
    ['expires_in absent: an hour', { expires_in: undefined }, { expiresAt: NOW + 3_600_000 }],
    ['expires_in as a text', { expires_in: '1800' }, { expiresAt: NOW + 1_800_000 }],
    ['expires_in huge: twelve hours', { expires_in: 1e12 }, { expiresAt: NOW + 43_200_000 }],
  ])('%s is taken', async (_, answer, tokens) => {
    expect(await answered(answer)).toMatchObject({ accessToken: 'access-canary', ...tokens })
  })

  test('a redirect is not followed', async () => {
    provider.answers.set('/token', { status: 307, headers: { location: 'https://evil.example/token' } })
    const { tokens } = await provider.login()
    expect(await refusalOf(tokens())).toMatchObject({ status: 307 })
    expect(provider.asked.map(({ url }) => url)).toEqual([PROVIDER.token_endpoint])
  })

  test.each<[string, string]>([
    ['HTML', '<html>'],
    ['a list', '[]'],
    ['null', 'null'],
    ['nothing', ''],
  ])('%s', async (_, text) => {
    provider.answers.set('/token', { text })
    expect(await refusalOf((await provider.login()).tokens())).toMatchObject({ reason: 'unreadable_answer' })
  })

  test('an answer without an end is given up', async () => {
    async function* endless() {
      for (;;) yield new Uint8Array(65_536)
    }
    provider.answers.set('/token', { text: endless() })
    expect(await refusalOf((await provider.login()).tokens())).toMatchObject({ reason: 'ANSWER_TOO_LARGE' })
    expect(provider.asked).toHaveLength(1)
  })

  test('a refusal is told without what it repeats', async () => {
    provider.answers.set('/token', (_, form) =>
      json({ error: 'invalid_grant', error_description: `bad ${[...form.values()].join(' ')}` }, 400),
    )
    const login = await provider.login()
    const error = await refusalOf(login.tokens(), [login.request.codeVerifier])
    expect(error).toMatchObject({ reason: 'invalid_grant', status: 400, retryable: false })
    expect(provider.asked).toHaveLength(1)
  })
})

describe('the ID token', () => {
  const half = (text: string): string =>
    createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
  const with_ = async (more: Record<string, unknown>) =>
    (await provider.login({ idToken: () => provider.idToken(more) })).tokens()
  const second = Math.floor(NOW / 1_000)

  test.each<[string, Record<string, unknown>, string]>([
    ['iss missing', { iss: undefined }, 'missing_claim'],
    ['iss wrong', { iss: 'https://evil.example' }, 'wrong_issuer'],
    ["iss Google's, where another provider is asked", { iss: 'https://accounts.google.com' }, 'wrong_issuer'],
    ['aud missing', { aud: undefined }, 'missing_claim'],
    ['aud wrong', { aud: 'other-client' }, 'wrong_audience'],
    ['aud with a stranger', { aud: ['my-client', 'stranger'], azp: 'my-client' }, 'wrong_audience'],
    ['aud twice without azp', { aud: ['my-client', 'my-client'] }, 'wrong_audience'],
    ['azp of another client', { azp: 'other-client' }, 'wrong_audience'],
    ['exp missing', { exp: undefined }, 'missing_claim'],
    ['expired', { iat: second - 7_200, exp: second - 3_600 }, 'expired_token'],
    ['expired two minutes ago', { iat: second - 3_720, exp: second - 120 }, 'expired_token'],
    ['exp that is a text', { exp: String(second + 3_600) }, 'missing_claim'],
    ['sub that is a number', { sub: 7 }, 'missing_claim'],
    ['iat a week old', { iat: second - 604_800 }, 'lifetime_too_long'],
    ['iat missing', { iat: undefined }, 'missing_claim'],
    ['iat in the future', { iat: second + 600, exp: second + 4_200 }, 'token_not_yet_valid'],
    ['nbf in the future', { nbf: second + 600 }, 'token_not_yet_valid'],
    ['sub missing', { sub: undefined }, 'missing_claim'],
    ['sub empty', { sub: '' }, 'missing_claim'],
    ['nonce missing', { nonce: undefined }, 'wrong_nonce'],
    ['nonce wrong', { nonce: 'another' }, 'wrong_nonce'],
    ['nonce that is a list', { nonce: ['a'] }, 'missing_claim'],
    ['at_hash wrong', { at_hash: half('another-token') }, 'wrong_token_hash'],
    ['at_hash empty', { at_hash: '' }, 'wrong_token_hash'],
    ['c_hash wrong', { c_hash: half('another-code') }, 'wrong_token_hash'],
    ['s_hash wrong', { s_hash: half('another-state') }, 'wrong_token_hash'],
  ])('%s', async (_, claims, reason) => {
    expect(await refusalOf(with_(claims))).toMatchObject({ reason })
  })

  test('at_hash, c_hash and s_hash are accepted where they are right', async () => {
    let state = ''
    const login = await provider.login({
      change: (p) => (state = p.get('state')!),
      idToken: () => provider.idToken(),
    })
    const right = {
      at_hash: half('access-canary'),
      c_hash: half('code-canary-0123456789'),
      s_hash: half(state),
    }
    const idToken = await provider.idToken(right)
    provider.answers.set('/token', json({ access_token: 'access-canary', id_token: idToken }))
    expect((await login.tokens()).claims).toMatchObject(right)
  })

  test('at_hash is of the hash that the signature has', async () => {
    const key = await makeKey('ES384', 'two')
    provider.keys = [key]
    const at_hash = createHash('sha384')
      .update('access-canary')
      .digest()
      .subarray(0, 24)
      .toString('base64url')
    expect((await with_({ at_hash })).claims).toMatchObject({ at_hash })
    provider.answers.clear()
    expect(await refusalOf(with_({ at_hash: half('access-canary') }))).toMatchObject({
      reason: 'wrong_token_hash',
    })
  })

  test('nonce where none was sent', async () => {
    const client = { scopes: ['https://www.googleapis.com/auth/drive'] }
    const unasked = await provider.login({ client, idToken: () => provider.idToken({ nonce: 'unasked' }) })
    expect(await refusalOf(unasked.tokens())).toMatchObject({ reason: 'wrong_nonce' })
    provider.answers.clear()
    const without = await provider.login({ client, idToken: () => provider.idToken({ nonce: undefined }) })
    expect((await without.tokens()).claims?.sub).toBe('ada-1')
  })

  test.each<[string, string, string | undefined]>([
    ['another domain', 'example.com', 'example.org'],
    ['no domain', 'example.com', undefined],
    ['no domain where any will do', '*', undefined],
    ['an empty domain where any will do', '*', ''],
  ])('hd: %s', async (_, hostedDomain, hd) => {
    const { tokens } = await provider.login({
      ask: { hostedDomain },
      idToken: () => provider.idToken({ hd }),
    })
    expect(await refusalOf(tokens())).toMatchObject({ reason: 'wrong_hosted_domain' })
  })

  test.each(['example.com', '*'])('hd is accepted where it is right: %s', async (hostedDomain) => {
    const idToken = () => provider.idToken({ hd: 'example.com' })
    expect((await (await provider.login({ ask: { hostedDomain }, idToken })).tokens()).claims?.hd).toBe(
      'example.com',
    )
  })

  const pem = (): string =>
    createPublicKey({ key: rsa.jwk as never, format: 'jwk' })
      .export({ type: 'spki', format: 'pem' })
      .toString()
  const unsigned = (header: unknown): string => `${segment(header)}.${segment(provider.claims())}.`

  test.each<[string, () => Promise<string> | string, string]>([
    ['alg none without a signature', () => unsigned({ alg: 'none' }), 'malformed_token'],
    ['alg none', () => forge({ alg: 'none', kid: 'one' }, provider.claims()), 'unexpected_algorithm'],
    ['alg None', () => forge({ alg: 'None', kid: 'one' }, provider.claims()), 'unexpected_algorithm'],
    ['alg missing', () => unsigned({ typ: 'JWT' }), 'malformed_token'],
    ['alg null', () => unsigned({ alg: null }), 'malformed_token'],
    [
      'HS256 with the public key',
      () => forge({ alg: 'HS256', kid: 'one' }, provider.claims(), pem()),
      'unexpected_algorithm',
    ],
    [
      'HS256 with the client secret',
      () => forge({ alg: 'HS256' }, provider.claims(), SECRET),
      'unexpected_algorithm',
    ],
    [
      'ES256 with the name of an RSA key',
      async () => sign({ ...(await makeKey('ES256', 'one')) }, provider.claims()),
      'unexpected_algorithm',
    ],
    [
      'a bad signature',
      async () => sign({ ...(await makeKey('RS256', 'one')) }, provider.claims()),
      'bad_signature',
    ],
    ['a key that the issuer has not', () => provider.idToken({}, { kid: 'two' }), 'unknown_key'],
    ['a kid in another case', () => provider.idToken({}, { kid: 'ONE' }), 'unknown_key'],
    ['a kid that all objects have', () => provider.idToken({}, { kid: '__proto__' }), 'unknown_key'],
    ['a kid that is no text', () => forge({ alg: 'RS256', kid: 7 }, provider.claims()), 'malformed_token'],
    ['a token of another kind', () => provider.idToken({}, { typ: 'at+jwt' }), 'malformed_token'],
    [
      'claims that are not UTF-8',
      async () => {
        const [header, , signature] = (await provider.idToken()).split('.')
        const bytes = Buffer.from(JSON.stringify(provider.claims({ name: 'Zo\u00eb' })), 'latin1')
        return `${header}.${bytes.toString('base64url')}.${signature}`
      },
      'malformed_token',
    ],
    [
      'claims that were changed',
      async () => {
        const [header, , signature] = (await provider.idToken()).split('.')
        return `${header}.${segment(provider.claims({ sub: 'eve-2' }))}.${signature}`
      },
      'bad_signature',
    ],
    ['crit', () => forge({ alg: 'RS256', kid: 'one', crit: ['b64'] }, provider.claims()), 'malformed_token'],
    ['a header that is no object', () => forge([], provider.claims()), 'malformed_token'],
    ['claims that are no object', () => forge({ alg: 'RS256', kid: 'one' }, 7), 'malformed_token'],
    ['five parts', () => 'a.b.c.d.e', 'malformed_token'],
    ['oversized', () => forge({ alg: 'RS256', kid: 'one' }, { x: 'x'.repeat(70_000) }), 'malformed_token'],
  ])('%s', async (_, idToken, reason) => {
    const login = await provider.login({ idToken: async () => idToken() })
    expect(await refusalOf(login.tokens())).toMatchObject({ reason })
  })

  test('kid absent: taken with one key, refused with two', async () => {
    const idToken = () => provider.idToken({}, { kid: undefined })
    expect((await (await provider.login({ idToken })).tokens()).claims?.sub).toBe('ada-1')
    provider = new ScriptedProvider([rsa, await makeKey('RS256', 'two')])
    expect(await refusalOf((await provider.login({ idToken })).tokens())).toMatchObject({
      reason: 'unknown_key',
    })
  })

  test('kid absent with two keys, also where one alone has the algorithm (OpenID Connect Core 10.1)', async () => {
    provider = new ScriptedProvider([rsa, await makeKey('ES256', 'two')])
    const idToken = () => provider.idToken({}, { kid: undefined })
    expect(await refusalOf((await provider.login({ idToken })).tokens())).toMatchObject({
      reason: 'unknown_key',
    })
  })

  test.each(['jwk', 'jku', 'x5u', 'x5c'])(
    'a key that the token brings itself (%s) is not asked for',
    async (name) => {
      const own = await makeKey('RS256', 'evil')
      const brought = {
        jwk: own.jwk,
        jku: 'https://evil.example/keys',
        x5u: 'https://evil.example/x',
        x5c: ['AAAA'],
      }
      const header = { [name]: brought[name as keyof typeof brought] }
      const login = await provider.login({ idToken: () => sign(own, provider.claims(), header) })
      expect(await refusalOf(login.tokens())).toMatchObject({ reason: 'unknown_key' })
      for (const { url } of provider.asked)
        expect(url).toMatch(/^https:\/\/login\.example\.com\/(token|keys)$/)
    },
  )

  test('a provider without keys', async () => {
    const { jwks_uri: _, ...keyless } = PROVIDER
    const login = await provider.login({ client: { provider: keyless } })
    expect(await refusalOf(login.tokens())).toMatchObject({ reason: 'no_endpoint' })
  })
})

describe('what is asked besides', () => {
  test('user info about another person', async () => {
    provider.answers.set('/userinfo', json({ sub: 'eve-2', email: 'ada@example.com' }))
    const asked = provider.client().userInfo({ accessToken: 'access-canary' }, 'ada-1')
    expect(await refusalOf(asked)).toMatchObject({ reason: 'wrong_subject' })
  })

  type Client = ReturnType<ScriptedProvider['client']>
  const held = { accessToken: 'access-canary', refreshToken: 'refresh-canary' }
  test.each<[string, string, (client: Client) => Promise<unknown>]>([
    ['the keys', '/keys', async () => (await provider.login()).tokens()],
    ['user info', '/userinfo', (client) => client.userInfo(held, 'ada-1')],
    ['the profile', '/me', (client) => client.meInfo(held)],
    ['what a token stands for', '/tokeninfo', (client) => client.tokenInfo(held)],
    ['the end of a consent', '/revoke', (client) => client.revoke(held)],
    ['a renewal', '/token', (client) => client.refresh(held)],
    ["a device's code", '/device', (client) => client.deviceFlow()],
    [
      'what a provider says of itself',
      '/.well-known/openid-configuration',
      () => {
        const { transport, clock } = provider
        return discoverProvider(ISSUER, { transport, clock })
      },
    ],
  ])('a redirect is not followed for %s', async (_, path, ask) => {
    for (const status of [302, 307, 308]) {
      provider = new ScriptedProvider([rsa])
      provider.answers.set(path, { status, headers: { location: 'https://evil.example/' } })
      await refusalOf(ask(provider.client()))
      expect(provider.asked.filter(({ url }) => new URL(url).origin !== ISSUER)).toEqual([])
      expect(provider.asked.some(({ url }) => new URL(url).pathname === path)).toBe(true)
    }
  })

  test('user info without a sub', async () => {
    provider.answers.set('/userinfo', json({ email: 'ada@example.com' }))
    const asked = provider.client().userInfo({ accessToken: 'access-canary' }, 'ada-1')
    expect(await refusalOf(asked)).toMatchObject({ reason: 'unreadable_answer' })
  })

  test('user info about nobody in particular is bad input', async () => {
    await expect(provider.client().userInfo({ accessToken: 'a' })).rejects.toMatchObject({
      problems: [expect.objectContaining({ path: 'expectedSub' })],
    })
    expect(provider.asked).toEqual([])
  })

  test.each<[string, Record<string, unknown>]>([
    ['another issuer', { ...PROVIDER, issuer: 'https://evil.example' }],
    ['the same with a slash', { ...PROVIDER, issuer: `${ISSUER}/` }],
    ['none', { ...PROVIDER, issuer: undefined }],
    ['a token endpoint over http', { ...PROVIDER, token_endpoint: 'http://login.example.com/token' }],
    ['a token endpoint that is a number', { ...PROVIDER, token_endpoint: 7 }],
  ])('a provider that says it is %s', async (_, metadata) => {
    provider.answers.set('/.well-known/openid-configuration', json(metadata))
    const { transport, clock } = provider
    expect(await refusalOf(discoverProvider(ISSUER, { transport, clock }))).toMatchObject({
      reason: 'unreadable_answer',
    })
  })

  test('a renewal about another person', async () => {
    const login = await provider.login({ answer: { refresh_token: 'refresh-canary' } })
    const tokens = await login.tokens()
    const idToken = await provider.idToken({ sub: 'eve-2' })
    provider.answers.set('/token', json({ access_token: 'access-canary-2', id_token: idToken }))
    expect(await refusalOf(login.client.refresh(tokens))).toMatchObject({ reason: 'wrong_subject' })
  })

  test('a renewal with another nonce', async () => {
    const login = await provider.login({ answer: { refresh_token: 'refresh-canary' } })
    const tokens = await login.tokens()
    const idToken = await provider.idToken({ nonce: 'another' })
    provider.answers.set('/token', json({ access_token: 'access-canary-2', id_token: idToken }))
    expect(await refusalOf(login.client.refresh(tokens))).toMatchObject({ reason: 'wrong_nonce' })
  })
})

test('what is sent and nothing else: the code, where it came back to, the verifier, and who the client is', async () => {
  let form = new URLSearchParams()
  const login = await provider.login()
  const idToken = await provider.idToken()
  provider.answers.set('/token', (_, sent) => {
    form = sent
    return json({ access_token: 'access-canary', id_token: idToken, refresh_token: 'refresh-canary' })
  })
  const tokens = await login.tokens()
  expect(Object.fromEntries(form)).toEqual({
    grant_type: 'authorization_code',
    code: 'code-canary-0123456789',
    redirect_uri: REDIRECT,
    code_verifier: login.request.codeVerifier,
    client_id: 'my-client',
    client_secret: SECRET,
  })
  expect(tokens).toEqual({
    accessToken: 'access-canary',
    refreshToken: 'refresh-canary',
    expiresAt: NOW + 3_600_000,
    scopes: ['openid', 'email'],
    idToken,
    claims: provider.claims(),
  })
})
