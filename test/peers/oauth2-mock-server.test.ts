/**
 * Credentials against a server of others. It has no grant for signed assertions (RFC 7523) and answers those with
 * `invalid_grant`, so refresh tokens are exchanged for good, and assertions are refused.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { AuthError } from 'discokit'
import {
  assertionCredentials,
  authorizedFetch,
  keySigner,
  userCredentials,
  type UserCredentialsOptions,
  verifyIdToken,
  type VerifyIdTokenOptions,
} from 'discokit/auth'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { type MutableResponse, OAuth2Server } from 'oauth2-mock-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let server: OAuth2Server
let url: string
/** The tokens that calls came with. */
let shown: string[]
/** The forms that token requests came with. */
let forms: Record<string, string>[]
/** What the next answers of the token endpoint are changed to. */
let changes: ((response: MutableResponse) => void)[]

beforeEach(async () => {
  server = new OAuth2Server()
  await server.issuer.keys.generate('RS256')
  await server.start(0, '127.0.0.1')
  url = `http://127.0.0.1:${server.address().port}`
  shown = []
  forms = []
  changes = []
  // Without, two tokens of one second are the same.
  server.service.on('beforeTokenSigning', ({ payload }) => (payload['jti'] = randomUUID()))
  server.service.on('beforeUserinfo', (_, { headers }) => shown.push(headers.authorization ?? ''))
  server.service.on('beforeResponse', (response, { body }) => {
    forms.push({ ...body } as Record<string, string>)
    changes.shift()?.(response)
  })
})
afterEach(() => server.stop())

function calls(more: Partial<UserCredentialsOptions> = {}, now?: () => number): () => Promise<number> {
  const ada = userCredentials({
    clientId: 'my-client',
    clientSecret: 'my-secret',
    refreshToken: 'first',
    tokenUri: `${url}/token`,
    onRefreshToken: () => {},
    ...more,
  })
  const fetch = authorizedFetch(ada, { allowedOrigins: [url], ...(now && { clock: { now } }) })
  return async () => (await fetch(`${url}/userinfo`)).status
}

describe('userCredentials', () => {
  test('exchanges a refresh token, and calls with a token of the server', async () => {
    const call = calls({ scopes: ['openid', 'email'] })
    expect([await call(), await call()]).toEqual([200, 200])
    expect(forms).toEqual([
      {
        grant_type: 'refresh_token',
        client_id: 'my-client',
        client_secret: 'my-secret',
        refresh_token: 'first',
        scope: 'openid email',
      },
    ])
    const [, token] = shown[0]!.split(' ')
    const { payload } = await jwtVerify(token!, createRemoteJWKSet(new URL(`${url}/jwks`)), {
      issuer: server.issuer.url!,
    })
    expect(payload['scope']).toBe('openid email')
    expect(shown[1]).toBe(shown[0])
  })

  test('keeps each refresh token that takes the place of another', async () => {
    const told: string[] = []
    let now = Date.now()
    const onRefreshToken = (token: string): void => void told.push(token)
    const call = calls({ onRefreshToken }, () => now)
    for (let i = 0; i < 3; i++, now += 3_600_000) expect(await call()).toBe(200)
    expect(told).toHaveLength(3)
    expect(forms.map(({ refresh_token }) => refresh_token)).toEqual(['first', told[0], told[1]])
    expect(new Set(shown).size).toBe(3)
  })

  test('says who the client is in a header where it should', async () => {
    expect(await calls({ clientAuthentication: 'basic' })()).toBe(200)
    expect(forms[0]).toEqual({ grant_type: 'refresh_token', refresh_token: 'first' })
  })

  test('is told why it is refused, and tells no secret', async () => {
    changes.push((response) => {
      response.statusCode = 400
      response.body = { error: 'invalid_grant', error_description: 'The consent has ended.' }
    })
    const failure: unknown = await calls()().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AuthError)
    expect(failure).toMatchObject({
      reason: 'invalid_grant',
      message: expect.stringContaining('The consent has ended'),
    })
    expect(String(failure)).not.toMatch(/my-secret|first/)
    expect(shown).toEqual([])
  })

  test.each([
    ['no token', { token_type: 'Bearer', expires_in: 60 }],
    ['a token of another type', { access_token: 't', token_type: 'mac', expires_in: 60 }],
    ['a list', []],
  ])('does not call with an answer that has %s', async (_, body) => {
    changes.push((response) => {
      response.body = body as unknown as MutableResponse['body']
    })
    await expect(calls()()).rejects.toBeInstanceOf(AuthError)
    expect(shown).toEqual([])
  })

  test('lives with a lifetime told as text', async () => {
    const change = (response: MutableResponse): void => {
      response.body = { ...(response.body as object), expires_in: '3600' }
    }
    changes.push(change)
    const call = calls()
    expect([await call(), await call()]).toEqual([200, 200])
    expect(forms).toHaveLength(1)
  })
})

describe('verifyIdToken', () => {
  /** An ID token that comes with a refresh token's exchange. */
  async function idToken(): Promise<string> {
    let token = ''
    changes.push(({ body }) => (token = (body as { id_token: string }).id_token))
    await calls()()
    return token
  }
  const options = (): VerifyIdTokenOptions => ({
    audience: 'my-client',
    issuers: [server.issuer.url!],
    jwksUri: `${url}/jwks`,
  })

  test('takes what the server has signed for the client', async () => {
    expect(await verifyIdToken(await idToken(), options())).toMatchObject({
      sub: 'johndoe',
      aud: 'my-client',
    })
  })

  test.each([
    ['for another client', { audience: 'another' }, 'wrong_audience'],
    ['of another issuer', { issuers: ['https://accounts.google.com'] }, 'wrong_issuer'],
  ])('refuses a token %s', async (_, more, reason) => {
    const token = await idToken()
    await expect(verifyIdToken(token, { ...options(), ...more })).rejects.toMatchObject({ reason })
  })
})

describe('assertionCredentials', () => {
  test('is refused by a server that does not know its grant', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
    const credentials = assertionCredentials({
      tokenEndpoint: `${url}/token`,
      issuer: 'my-client',
      signer: keySigner({ privateKey: pem.toString(), keyId: '1', algorithm: 'RS256' }),
    })
    const fetch = authorizedFetch(credentials, { allowedOrigins: [url] })
    await expect(fetch(`${url}/userinfo`)).rejects.toMatchObject({ reason: 'invalid_grant' })
    expect(shown).toEqual([])
  })
})
