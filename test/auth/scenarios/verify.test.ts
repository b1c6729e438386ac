/** Scenarios 96 to 101 and 103 of the credentials that other libraries have: which ID tokens are accepted. */
import { createPublicKey, createSign, type JsonWebKey } from 'node:crypto'
import { AuthError, ValidationError } from 'discokit'
import { type IdTokenFailure, verifyIdToken, type VerifyIdTokenOptions } from 'discokit/auth'
import { exportPKCS8 } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { failureOf } from '../../transport/contexts.ts'
import { forge, type IssuerKey, jwks, keyServer, makeKey, segment, sign } from '../issuer.ts'

const NOW = 1_767_225_600_000
const NOW_S = NOW / 1000
const CLIENT = 'my-client.apps.googleusercontent.com'
const GOOD = {
  iss: 'https://accounts.google.com',
  azp: CLIENT,
  aud: CLIENT,
  sub: '1234567890',
  email: 'ada@example.com',
  email_verified: true,
  hd: 'example.com',
  iat: NOW_S,
  exp: NOW_S + 3600,
}
let rsa: IssuerKey
let other: IssuerKey
let ec: IssuerKey
let ec384: IssuerKey
let pss: IssuerKey
beforeAll(async () => {
  ;[rsa, other, ec, ec384, pss] = (await Promise.all(
    ['RS256', 'RS256', 'ES256', 'ES384', 'PS256'].map((alg, i) => makeKey(alg, `key-${i}`)),
  )) as [IssuerKey, IssuerKey, IssuerKey, IssuerKey, IssuerKey]
})

type Options = Partial<VerifyIdTokenOptions>
const server = (...keys: readonly unknown[]) =>
  keyServer(() => jwks(keys.length > 0 ? keys : [rsa.jwk, ec.jwk]))
const verify = (token: unknown, options: Options = {}) =>
  verifyIdToken(token as string, {
    audience: CLIENT,
    clock: { now: () => NOW },
    transport: server().transport,
    ...options,
  })

/** Verifies, and gives why it failed. In no error there is a piece of the token. */
async function reasonOf(token: string, options: Options = {}): Promise<IdTokenFailure> {
  const error = (await failureOf(verify(token, options))) as AuthError
  expect(error).toBeInstanceOf(AuthError)
  const told = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`
  for (const piece of token.split('.')) if (piece.length > 8) expect(told).not.toContain(piece)
  return error.reason as IdTokenFailure
}
const reasonOfClaims = async (claims: object, options: Options = {}): Promise<IdTokenFailure> =>
  reasonOf(await sign(rsa, { ...GOOD, ...claims }), options)
const accepts = async (claims: object, options: Options = {}): Promise<boolean> =>
  (await verify(await sign(rsa, { ...GOOD, ...claims }), options)).sub === GOOD.sub

describe('the form of a token', () => {
  test('[96] that is good gives its claims', async () => {
    const google = server()
    const token = await sign(rsa, { ...GOOD, name: 'Ada', extra: { a: [1] }, locale: null })
    expect(await verify(token, { transport: google.transport })).toEqual({
      ...GOOD,
      name: 'Ada',
      extra: { a: [1] },
    })
    expect(google.requests.map(({ method, url }) => [method, url])).toEqual([
      ['GET', 'https://www.googleapis.com/oauth2/v3/certs'],
    ])
    expect(google.requests[0]!.headers).not.toHaveProperty('authorization')
  })

  const header = { alg: 'RS256', kid: 'key-0' }
  const token = (head: unknown = header, claims: unknown = GOOD): string => forge(head, claims)
  const [first = '', second = '', third = ''] = token().split('.')
  test.each([
    ['[96] no text', undefined],
    ['[96] an object', { toString: () => token() }],
    ['[96] empty', ''],
    ['[96] one segment', first],
    ['[96] two segments', `${first}.${second}`],
    ['[96] four segments', `${token()}.${third}`],
    ['[96] five segments, as an encrypted one has', `${token()}.${third}.${third}`],
    ['[96] no header', `.${second}.${third}`],
    ['[96] no signature', `${first}.${second}.`],
    ['[96] a word before it', `Bearer ${token()}`],
    ['[96] a line end', `${token()}\n`],
    ['[96] padding', `${first}=.${second}.${third}`],
    ['[96] base64 in place of base64url', `${first}.${second}.ab+/`],
    ['[96] an impossible length', `${first}.${second}.abcde`],
    ['[96] bits left over', `${first}.${second}.ab`],
    ['[96] a header that is not JSON', token('{"alg":"RS256"')],
    ['[96] a payload that is not JSON', token(header, 'hello')],
    [
      '[96] a payload that is not UTF-8',
      `${first}.${Buffer.from('{"a":"\xff"}', 'latin1').toString('base64url')}.abcd`,
    ],
    ['[96] a header that is a list', token([header])],
    ['[96] a header that is null', token(null)],
    ['[96] a payload that is a text', token(header, '"text"')],
    ['[96] a payload that is null', token(header, null)],
    ['[96] a payload that is a list', token(header, [GOOD])],
    ['[96] a payload that nests deeply', token(header, `${'['.repeat(5_500)}${']'.repeat(5_500)}`)],
    ['[96] too much', token(header, { ...GOOD, a: 'a'.repeat(16_384) })],
    ['[98] a header without alg', token({ kid: 'key-0' })],
    ['[98] an alg that is no text', token({ ...header, alg: ['RS256'] })],
    ['[98] extensions that are critical', token({ ...header, crit: ['exp'], exp: 1 })],
    ['[98] an empty list of those', token({ ...header, crit: [] })],
    ['[98] a payload that is not encoded', token({ ...header, crit: ['b64'], b64: false })],
    ['[97] a kid that is no text', token({ ...header, kid: 7 })],
    ['another type', token({ ...header, typ: 'at+jwt' })],
  ])('with %s is malformed, and no key is asked for', async (_, malformed) => {
    const google = server()
    const error = (await failureOf(verify(malformed, { transport: google.transport }))) as AuthError
    expect(error).toMatchObject({ code: 'auth_failed', reason: 'malformed_token', retryable: false })
    for (const piece of String(malformed).split('.')) {
      if (piece.length > 3) expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain(piece)
    }
    expect(google.requests).toEqual([])
  })

  test.each(['JWT', 'jwt', 'application/jwt'])('may have the type %s', async (typ) => {
    expect(await verify(await sign(rsa, GOOD, { typ }))).toMatchObject({ sub: GOOD.sub })
  })
})

describe('the key of a token', () => {
  test('[97] is the one that it names', async () => {
    const keys = server(other.jwk, ec.jwk, rsa.jwk)
    expect(await verify(await sign(rsa, GOOD), { transport: keys.transport })).toMatchObject(GOOD)
    expect(await reasonOf(await sign(rsa, GOOD, { kid: 'key-1' }), { transport: keys.transport })).toBe(
      'bad_signature',
    )
  })

  test('[97] that nobody knows is no key', async () => {
    expect(await reasonOf(await sign(rsa, GOOD, { kid: 'unknown' }))).toBe('unknown_key')
    expect(await reasonOf(await sign(rsa, GOOD), { transport: keyServer(() => jwks([])).transport })).toBe(
      'unknown_key',
    )
  })

  test('[97] that it does not name is the only one there is', async () => {
    const token = await sign(rsa, GOOD, { kid: undefined })
    expect(await verify(token, { transport: server(rsa.jwk).transport })).toMatchObject(GOOD)
    expect(await reasonOf(token, { transport: server(other.jwk).transport })).toBe('bad_signature')
    expect(await reasonOf(token, { transport: server(rsa.jwk, other.jwk).transport })).toBe('unknown_key')
  })

  test('[97] may share its name with one of another kind', async () => {
    const { transport } = server({ ...ec.jwk, kid: 'same' }, { ...rsa.jwk, kid: 'same' })
    expect(await verify(await sign(rsa, GOOD, { kid: 'same' }), { transport })).toMatchObject(GOOD)
    expect(await verify(await sign(ec, GOOD, { kid: 'same' }), { transport })).toMatchObject(GOOD)
  })

  test('[98] never comes with the token', async () => {
    const strange = {
      jwk: other.jwk,
      jku: 'https://evil.example/keys',
      x5u: 'https://evil.example/x',
      x5c: ['AA'],
    }
    const google = server()
    const { transport } = google
    expect(await reasonOf(await sign(other, GOOD, { ...strange, kid: 'key-0' }), { transport })).toBe(
      'bad_signature',
    )
    expect(await reasonOf(await sign(other, GOOD, strange), { transport })).toBe('unknown_key')
    expect(new Set(google.requests.map(({ url }) => new URL(url).host))).toEqual(
      new Set(['www.googleapis.com']),
    )
  })

  test.each<[string, (jwk: IssuerKey['jwk']) => object]>([
    ['is for encryption', (jwk) => ({ ...jwk, use: 'enc' })],
    ['is for something else', (jwk) => ({ ...jwk, key_ops: ['encrypt'] })],
    ['is for another algorithm', (jwk) => ({ ...jwk, alg: 'RSA-OAEP' })],
    ['is for one that is not known', (jwk) => ({ ...jwk, alg: 'RS1' })],
    ['is for one of another kind', (jwk) => ({ ...jwk, alg: 'ES256' })],
    ['is of another kind', (jwk) => ({ ...jwk, kty: 'EC' })],
    ['is of a kind that is not known', (jwk) => ({ ...jwk, kty: 'XYZ' })],
    ['is private', (jwk) => ({ ...jwk, d: jwk.n })],
    ['is broken', (jwk) => ({ ...jwk, n: '!' })],
    ['lacks a half', ({ n: _, ...jwk }) => jwk],
    ['has a name that is no text', (jwk) => ({ ...jwk, kid: ['key-0'] })],
    ['is no object', () => 7 as never],
  ])('that %s is passed over', async (_, change) => {
    const { transport } = server(change(rsa.jwk), null, ec.jwk)
    expect(await reasonOf(await sign(rsa, GOOD), { transport })).toBe('unknown_key')
    expect(await verify(await sign(ec, GOOD), { transport })).toMatchObject(GOOD)
  })

  test('after the hundredth is passed over', async () => {
    const many = Array.from({ length: 99 }, (_, i) => ({ ...ec.jwk, kid: `key-${100 + i}` }))
    expect(
      await verify(await sign(rsa, GOOD), { transport: server(...many, rsa.jwk).transport }),
    ).toBeTruthy()
    const { transport } = server(...many, ec.jwk, rsa.jwk)
    expect(await reasonOf(await sign(rsa, GOOD), { transport })).toBe('unknown_key')
  })

  test('that is too short is passed over', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const signed = `${segment({ alg: 'RS256', kid: 'short' })}.${segment(GOOD)}`
    const token = `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'short' }
    expect(await reasonOf(token, { transport: server(jwk).transport })).toBe('unknown_key')
  })
})

describe('the signature', () => {
  test('is that of the claims', async () => {
    const [header, , signature] = (await sign(rsa, GOOD)).split('.')
    const changed = segment({ ...GOOD, email: 'eve@example.com' })
    expect(await reasonOf(`${header}.${changed}.${signature}`)).toBe('bad_signature')
    const short = Buffer.from(signature!, 'base64url').subarray(1).toString('base64url')
    expect(await reasonOf(`${header}.${segment(GOOD)}.${short}`)).toBe('bad_signature')
  })

  test.each(['HS256', 'HS512', 'none', 'None', 'rs256', 'RS1', 'RS512', 'EdDSA', 'x'.repeat(50), ''])(
    '[98] is not by %s',
    async (alg) => {
      const google = server()
      const { transport } = google
      expect(await reasonOf(forge({ alg, kid: 'key-0' }, GOOD), { transport })).toBe('unexpected_algorithm')
      expect(google.requests).toEqual([])
    },
  )

  test('[98] is not a secret that everybody knows, the public key', async () => {
    const key = createPublicKey({ key: rsa.jwk as JsonWebKey, format: 'jwk' })
    const pem = key.export({ type: 'spki', format: 'pem' }).toString()
    for (const secret of [pem, pem.trim(), key.export({ type: 'spki', format: 'der' }).toString('latin1')]) {
      expect(await reasonOf(forge({ alg: 'HS256', kid: 'key-0' }, GOOD, secret))).toBe('unexpected_algorithm')
      expect(await reasonOf(forge({ alg: 'RS256', kid: 'key-0' }, GOOD, secret))).toBe('bad_signature')
    }
    const oct = { kty: 'oct', kid: 'key-0', alg: 'HS256', k: segment('secret') }
    const { transport } = server(oct)
    expect(await reasonOf(forge({ alg: 'RS256', kid: 'key-0' }, GOOD), { transport })).toBe('unknown_key')
  })

  test('[98] is by the algorithm of the key, whatever the header says', async () => {
    // Good as RS256, and said to be something else.
    const pem = await exportPKCS8(rsa.privateKey)
    const under = (alg: string): string => {
      const signed = `${segment({ alg, kid: 'key-0' })}.${segment(GOOD)}`
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(pem, 'base64url')}`
    }
    const algorithms = ['RS256', 'ES256', 'ES384', 'PS256'] as const
    expect(await verify(under('RS256'), { algorithms })).toMatchObject(GOOD)
    for (const alg of ['ES256', 'ES384', 'PS256'])
      expect(await reasonOf(under(alg), { algorithms })).toBe('unexpected_algorithm')
    expect(await reasonOf(under('RS512'), { algorithms })).toBe('unexpected_algorithm')
  })

  test('[98] of a key that does not say what it is for is the usual one of its kind', async () => {
    const bare = ({ jwk: { alg: _, use: __, ...jwk } }: IssuerKey): object => jwk
    const { transport } = server(bare(rsa), bare(ec), bare(ec384), { ...bare(pss), kid: 'key-4' })
    const algorithms = ['RS256', 'ES256', 'ES384', 'PS256'] as const
    for (const key of [rsa, ec, ec384])
      expect(await verify(await sign(key, GOOD), { transport, algorithms })).toMatchObject(GOOD)
    expect(await reasonOf(await sign(pss, GOOD), { transport, algorithms })).toBe('unexpected_algorithm')
  })

  test('[98] is by one of those that are allowed', async () => {
    const { transport } = server(rsa.jwk, ec.jwk, ec384.jwk, pss.jwk)
    expect(await verify(await sign(ec384, GOOD), { transport })).toMatchObject(GOOD)
    expect(await reasonOf(await sign(pss, GOOD), { transport })).toBe('unexpected_algorithm')
    expect(await verify(await sign(pss, GOOD), { transport, algorithms: ['PS256'] })).toMatchObject(GOOD)
    expect(await reasonOf(await sign(rsa, GOOD), { transport, algorithms: ['ES256'] })).toBe(
      'unexpected_algorithm',
    )
  })

  test('[103] is by ES256 for Identity-Aware Proxy, whose tokens nobody else accepts', async () => {
    const iap = {
      audience: '/projects/123/global/backendServices/456',
      issuers: ['https://cloud.google.com/iap'],
      jwksUri: 'https://www.gstatic.com/iap/verify/public_key-jwk',
      algorithms: ['ES256'] as const,
    }
    const claims = { ...GOOD, iss: iap.issuers[0]!, aud: iap.audience, exp: NOW_S + 600 }
    const keys = server(ec.jwk)
    const token = await sign(ec, claims)
    expect(await verify(token, { ...iap, transport: keys.transport })).toEqual(claims)
    expect(keys.requests.map(({ url }) => url)).toEqual([iap.jwksUri])
    expect(await reasonOf(token)).toBe('wrong_issuer')
    expect(await reasonOf(await sign(ec, { ...claims, iss: GOOD.iss }), iap)).toBe('wrong_issuer')
    const [header, payload, signature] = token.split('.') as [string, string, string]
    // The other of the two forms that ECDSA signatures have (RFC 3279) is not that of a JWT.
    const der = Buffer.concat([Buffer.from([0x30, 0x44, 2, 0x20]), Buffer.from(signature, 'base64url')])
    expect(await reasonOf(`${header}.${payload}.${der.toString('base64url')}`, iap)).toBe('bad_signature')
  })
})

describe('the times of a token', () => {
  test.each<[string, object, IdTokenFailure]>([
    ['[99] no exp', { exp: undefined }, 'missing_claim'],
    ['[99] no iat', { iat: undefined }, 'missing_claim'],
    ['[99] an exp that is null', { exp: null }, 'missing_claim'],
    ['[99] an exp that is a text', { exp: String(NOW_S + 60) }, 'missing_claim'],
    ['[99] an iat that is a text', { iat: String(NOW_S) }, 'missing_claim'],
    ['[99] an nbf that is a text', { nbf: String(NOW_S) }, 'missing_claim'],
    ['[99] an exp in the past', { iat: NOW_S - 3600, exp: NOW_S - 10 }, 'expired_token'],
    ['[99] an iat in the future', { iat: NOW_S + 11 }, 'token_not_yet_valid'],
    ['[99] an nbf in the future', { nbf: NOW_S + 11 }, 'token_not_yet_valid'],
    [
      '[99] an iat in the future and an nbf in the past',
      { iat: NOW_S + 11, nbf: NOW_S },
      'token_not_yet_valid',
    ],
    ['[99] an exp too far away', { exp: NOW_S + 86_401 }, 'lifetime_too_long'],
    ['[99] an exp too far from iat', { iat: NOW_S - 60, exp: NOW_S + 86_341 }, 'lifetime_too_long'],
    ['[99] an exp in milliseconds', { exp: NOW + 3_600_000 }, 'lifetime_too_long'],
  ])('that has %s are refused', async (_, claims, reason) => {
    expect(await reasonOfClaims(claims)).toBe(reason)
  })

  test('[99] that are too large for a number are refused', async () => {
    const signed = `${segment({ alg: 'RS256', kid: 'key-0' })}.${segment(
      JSON.stringify({ ...GOOD, exp: 0 }).replace('"exp":0', '"exp":1e999'),
    )}`
    const pem = await exportPKCS8(rsa.privateKey)
    const token = `${signed}.${createSign('RSA-SHA256').update(signed).sign(pem, 'base64url')}`
    expect(await reasonOf(token, { maxLifetimeMs: Infinity })).toBe('missing_claim')
  })

  test.each<[string, object, Options]>([
    ['[99] a clock that is slow by less than the tolerance', { iat: NOW_S + 10, nbf: NOW_S + 10 }, {}],
    ['[99] a clock that is fast by less', { exp: NOW_S - 9 }, {}],
    ['[99] a tolerance of a minute', { exp: NOW_S - 59 }, { clockToleranceMs: 60_000 }],
    ['[99] a tolerance of a minute the other way', { iat: NOW_S + 60 }, { clockToleranceMs: 60_000 }],
    ['[99] a life of a day', { exp: NOW_S + 86_400 }, {}],
    [
      '[99] a longer life where that is allowed',
      { exp: NOW_S + 1_209_600 },
      { maxLifetimeMs: 1_209_600_000 },
    ],
    ['an age that is allowed', { iat: NOW_S - 310 }, { maxAgeMs: 300_000 }],
    ['parts of a second', { iat: NOW_S - 0.5, exp: NOW_S + 0.5 }, { clockToleranceMs: 0 }],
  ])('are good with %s', async (_, claims, options) => {
    expect(await accepts(claims, options)).toBe(true)
  })

  test.each<[string, object, Options, IdTokenFailure]>([
    ['[99] no tolerance and the end', { exp: NOW_S }, { clockToleranceMs: 0 }, 'expired_token'],
    ['[99] no tolerance and a begin', { iat: NOW_S + 1 }, { clockToleranceMs: 0 }, 'token_not_yet_valid'],
    ['[99] a minute of it', { exp: NOW_S - 60 }, { clockToleranceMs: 60_000 }, 'expired_token'],
    ['[99] a shorter life', { exp: NOW_S + 601 }, { maxLifetimeMs: 600_000 }, 'lifetime_too_long'],
    ['an age', { iat: NOW_S - 311 }, { maxAgeMs: 300_000 }, 'expired_token'],
  ])('end with %s', async (_, claims, options, reason) => {
    expect(await reasonOfClaims(claims, options)).toBe(reason)
  })

  test('[99] say in an error how far they are off', async () => {
    const token = await sign(rsa, { ...GOOD, exp: NOW_S - 299 })
    await expect(verify(token)).rejects.toThrow('the ID token was not accepted: it expired 299 s ago')
    const early = await sign(rsa, { ...GOOD, iat: NOW_S + 30 })
    await expect(verify(early)).rejects.toThrow("holds only in 30 s; is this machine's clock right?")
  })
})

describe('the audience of a token', () => {
  const both = ['a', 'b']
  test.each<[string, object, string | string[]]>([
    ['[100] a text', { aud: 'a' }, 'a'],
    ['[100] one of those that are allowed', { aud: 'b' }, both],
    ['[100] a list of one', { aud: ['a'] }, 'a'],
    ['[100] a list of those that are allowed, one of which asked', { aud: both, azp: 'b' }, both],
    ['[100] another client than the one that asked', { aud: 'a', azp: 'android' }, 'a'],
  ])('may be %s', async (_, claims, audience) => {
    expect(await accepts(claims, { audience })).toBe(true)
  })

  test.each<[string, object, string | string[], IdTokenFailure]>([
    ['[100] somebody else', { aud: 'c' }, both, 'wrong_audience'],
    ['[100] nobody', { aud: undefined }, 'a', 'missing_claim'],
    ['[100] nobody, in a list', { aud: [] }, 'a', 'wrong_audience'],
    ['[100] empty', { aud: '' }, 'a', 'missing_claim'],
    ['[100] no text', { aud: { a: true } }, 'a', 'wrong_audience'],
    ['[100] a list with a stranger', { aud: ['a', 'c'], azp: 'a' }, 'a', 'wrong_audience'],
    ['[100] a list with something else', { aud: ['a', 7], azp: 'a' }, 'a', 'wrong_audience'],
    ['[100] several, none of which asked', { aud: both, azp: 'c' }, both, 'wrong_audience'],
    ['[100] several, and it is not known who asked', { aud: both, azp: undefined }, both, 'wrong_audience'],
    ['[100] a piece of it', { aud: 'my-client' }, 'my-client-id', 'wrong_audience'],
  ])('is not %s', async (_, claims, audience, reason) => {
    expect(await reasonOfClaims(claims, { audience })).toBe(reason)
  })

  test('[100] is named in the error', async () => {
    const token = await sign(rsa, { ...GOOD, aud: 'other-client' })
    await expect(verify(token)).rejects.toThrow(`it is for 'other-client', and not for '${CLIENT}'`)
    const odd = await sign(rsa, { ...GOOD, aud: 'a\nfatal: b' })
    await expect(verify(odd, { audience: both })).rejects.toThrow(
      "for something else, and not for 'a' or 1 other",
    )
  })

  test.each([undefined, null, '', [], [''], ['a', undefined], 7])(
    '[100] must be said: %j',
    async (audience) => {
      const google = server()
      const error = await failureOf(verify('x', { audience: audience as never, transport: google.transport }))
      expect(error).toBeInstanceOf(ValidationError)
      expect(error.problems[0]).toMatchObject({ path: 'audience' })
      expect(google.requests).toEqual([])
    },
  )
})

describe('the claims of a token', () => {
  test('[101] name Google as the issuer, by either of its names', async () => {
    expect(await accepts({ iss: 'accounts.google.com' })).toBe(true)
    expect(await accepts({ iss: 'https://accounts.google.com' })).toBe(true)
  })

  test.each<[string, unknown, IdTokenFailure]>([
    ['another', 'https://accounts.example.com', 'wrong_issuer'],
    ['one that looks like it', 'https://accounts.google.com.example.com', 'wrong_issuer'],
    ['one with a slash', 'https://accounts.google.com/', 'wrong_issuer'],
    ['one in upper case', 'HTTPS://ACCOUNTS.GOOGLE.COM', 'wrong_issuer'],
    ['none', undefined, 'missing_claim'],
    ['a list', ['https://accounts.google.com'], 'missing_claim'],
  ])('[101] do not name %s', async (_, iss, reason) => {
    expect(await reasonOfClaims({ iss })).toBe(reason)
  })

  test('[101] name the issuer that is asked for', async () => {
    const issuers = ['https://securetoken.google.com/my-project']
    expect(await accepts({ iss: issuers[0]! }, { issuers })).toBe(true)
    expect(await reasonOfClaims({}, { issuers })).toBe('wrong_issuer')
  })

  test('have the nonce that was sent', async () => {
    expect(await accepts({ nonce: 'n-1' }, { nonce: 'n-1' })).toBe(true)
    expect(await accepts({ nonce: 'n-1' })).toBe(true)
    expect(await reasonOfClaims({ nonce: 'n-2' }, { nonce: 'n-1' })).toBe('wrong_nonce')
    expect(await reasonOfClaims({}, { nonce: 'n-1' })).toBe('wrong_nonce')
    const error = await failureOf(verify(await sign(rsa, { ...GOOD, nonce: 'n-2' }), { nonce: 'n-1' }))
    expect(error.message).not.toMatch(/n-1|n-2/)
  })

  test('have the domain that is asked for', async () => {
    expect(await accepts({}, { hostedDomain: 'example.com' })).toBe(true)
    expect(await accepts({}, { hostedDomain: ['example.org', 'example.com'] })).toBe(true)
    expect(await reasonOfClaims({}, { hostedDomain: 'example.org' })).toBe('wrong_hosted_domain')
    expect(await reasonOfClaims({ hd: undefined }, { hostedDomain: 'example.com' })).toBe(
      'wrong_hosted_domain',
    )
  })

  test.each([
    ['sub', undefined],
    ['sub', ''],
    ['sub', 7],
    ['email', ['ada@example.com']],
    ['email_verified', 'yes'],
    ['email_verified', 1],
    ['hd', true],
    ['name', {}],
  ])('are of their types: %s is not %j', async (name, value) => {
    expect(await reasonOfClaims({ [name]: value })).toBe('missing_claim')
  })

  test.each([
    ['true', true],
    ['false', false],
  ])('say whether an address is verified, also as the text "%s"', async (text, verified) => {
    const claims = await verify(await sign(rsa, { ...GOOD, email_verified: text }))
    expect(claims.email_verified).toBe(verified)
  })
})

describe('options', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ issuers: [] }, 'issuers'],
    [{ issuers: 'https://accounts.google.com' }, 'issuers'],
    [{ jwksUri: 'http://keys.example.com/' }, 'jwksUri'],
    [{ jwksUri: 'https://ada@keys.example.com/' }, 'jwksUri'],
    [{ jwksUri: 'file:///etc/keys' }, 'jwksUri'],
    [{ nonce: undefined }, 'nonce'],
    [{ nonce: '' }, 'nonce'],
    [{ hostedDomain: undefined }, 'hostedDomain'],
    [{ hostedDomain: [] }, 'hostedDomain'],
    [{ clockToleranceMs: 60_001 }, 'clockToleranceMs'],
    [{ clockToleranceMs: -1 }, 'clockToleranceMs'],
    [{ clockToleranceMs: NaN }, 'clockToleranceMs'],
    [{ maxAgeMs: 0 }, 'maxAgeMs'],
    [{ maxLifetimeMs: NaN }, 'maxLifetimeMs'],
    [{ algorithms: [] }, 'algorithms'],
    [{ algorithms: ['HS256'] }, 'algorithms'],
    [{ algorithms: ['none'] }, 'algorithms'],
    [{ keys: {} }, 'keys'],
    [{ clock: {} }, 'clock'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ hostedDomains: ['example.com'] }, 'hostedDomains'],
  ])('that cannot be used are refused before anything is asked: %j', async (options, path) => {
    const google = server()
    const token = await sign(rsa, GOOD)
    const error = await failureOf(verify(token, { transport: google.transport, ...options }))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.problems).toMatchObject([{ path }])
    expect(google.requests).toEqual([])
  })

  test('may not be left out', async () => {
    await expect(verifyIdToken('x', undefined as never)).rejects.toThrow()
    await expect(verifyIdToken('x', {} as never)).rejects.toBeInstanceOf(ValidationError)
  })
})
