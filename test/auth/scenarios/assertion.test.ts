/** Scenarios 19 to 39: what assertions say, how they are signed and exchanged. */
import { createPublicKey, createVerify, generateKeyPairSync, type KeyObject, verify } from 'node:crypto'
import { AuthError, ValidationError } from 'discokit'
import {
  assertionCredentials,
  type AssertionOptions,
  authorizedFetch,
  keySigner,
  serviceAccount,
  type SignatureAlgorithm,
} from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { claimsOf, headerOf } from '../claims.ts'
import { API, endpoint, type Scripted, token } from '../endpoint.ts'
import { keyFile, PKCS1, PKCS8, TOKEN_URI } from '../keys.ts'
import { withoutWaiting } from '../waits.ts'

const NOW = 1_767_225_600_900
const clock = { now: () => NOW }
const PEM = '-----BEGIN PRIVATE KEY-----'

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const keys = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
}

/** How a signature is verified that Node made no part of. */
function isSigned(jwt: string, algorithm: SignatureAlgorithm): boolean {
  const [header, claims, signature] = jwt.split('.') as [string, string, string]
  const { publicKey: key } = keys[algorithm]
  const options = algorithm.startsWith('ES')
    ? { key, dsaEncoding: 'ieee-p1363' as const }
    : { key, ...(algorithm === 'PS256' && { padding: 6, saltLength: 32 }) }
  const hash = algorithm === 'ES384' ? 'sha384' : 'sha256'
  return verify(hash, Buffer.from(`${header}.${claims}`), options, Buffer.from(signature, 'base64url'))
}

const session = (more: Partial<AssertionOptions> = {}) =>
  assertionCredentials({
    tokenEndpoint: 'https://auth.example.com/token',
    issuer: 'my-client',
    signer: keySigner({ privateKey: pem(keys.RS256.privateKey), keyId: 'k' }),
    ...more,
  })
const SERVICE = 'https://api.example.com'
const call = (at: ReturnType<typeof endpoint>, credentials: ReturnType<typeof session>) =>
  authorizedFetch(credentials, { transport: at.transport, clock, allowedOrigins: [SERVICE] })

describe('the assertion of a service account', () => {
  test.each([
    ['[19] for all of Google Cloud', {}, { scope: 'https://www.googleapis.com/auth/cloud-platform' }],
    ['[20] for scopes', { scopes: ['a', 'b'] }, { scope: 'a b' }],
    ['[21] for a subject', { subject: 'ada@example.com' }, { sub: 'ada@example.com' }],
  ])('%s', async (_, options, expected) => {
    const google = endpoint()
    await google.fetch(serviceAccount({ key: keyFile(), ...options }), clock)(API)
    const claims = claimsOf(google.forms[0]!.get('assertion')!)
    expect(claims).toMatchObject({ iss: 'robot@p.iam.gserviceaccount.com', aud: TOKEN_URI, ...expected })
  })

  test('[23] names its type, its algorithm and its key', async () => {
    const google = endpoint()
    await google.fetch(serviceAccount({ key: keyFile() }), clock)(API)
    expect(headerOf(google.forms[0]!.get('assertion')!)).toEqual({ typ: 'JWT', alg: 'RS256', kid: 'key-1' })
  })

  test.each(['ES256', 'ES384', 'PS256'] as const)('[26] may be signed with %s', async (algorithm) => {
    const google = endpoint()
    const signer = keySigner({ privateKey: pem(keys[algorithm].privateKey), algorithm, keyId: 'k' })
    await google.fetch(serviceAccount({ signer, email: 'a@b' }), clock)(API)
    const assertion = google.forms[0]!.get('assertion')!
    expect(headerOf(assertion)).toEqual({ typ: 'JWT', alg: algorithm, kid: 'k' })
    expect(isSigned(assertion, algorithm)).toBe(true)
  })

  test.each(['HS256', 'none', 'toString', 'rs256', undefined as never, 7 as never])(
    '[24] is signed with no algorithm that is not known: %j',
    (algorithm) => {
      const signer = () => keySigner({ privateKey: `${PEM}very-secret`, algorithm: algorithm as never })
      if (algorithm === undefined) return expect(signer().algorithm).toBe('RS256')
      expect(signer).toThrow(ValidationError)
      expect(signer).toThrow('must be RS256, PS256, ES256 or ES384')
      expect(signer).not.toThrow('very-secret')
    },
  )

  test('[27] is a form of two fields', async () => {
    const google = endpoint()
    await google.fetch(serviceAccount({ key: keyFile() }), clock)(API)
    expect([...google.forms[0]!.keys()]).toEqual(['grant_type', 'assertion'])
    expect(google.forms[0]!.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(google.tokenRequests[0]!.headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  const answers: [string, Scripted][] = [
    ['[28] without access_token', { text: '{}' }],
    ['[29] that is a web page', { text: '<html>hello</html>', headers: { 'content-type': 'text/html' } }],
    ['[29] that is empty', { text: '' }],
  ]
  test.each(answers)('an answer %s is a typed error, and no header "Bearer undefined"', async (_, answer) => {
    const google = endpoint(() => answer)
    const error: unknown = await google
      .fetch(
        serviceAccount({ key: keyFile() }),
        clock,
      )(API)
      .catch((e: unknown) => e)
    expect(error).toMatchObject({ code: 'auth_failed', reason: 'unreadable_answer' })
    expect(google.calls).toEqual([])
  })

  test.each([
    [3600, 1],
    ['3600', 1],
    [undefined, 1],
    [0, 0],
    ['soon', 0],
  ])('[30] expires_in may be %j', async (expires_in, calls) => {
    const google = endpoint(() => token('t', { expires_in }))
    const { result } = await withoutWaiting(async () =>
      google
        .fetch(
          serviceAccount({ key: keyFile() }),
          clock,
        )(API)
        .catch((error: unknown) => error),
    )
    expect(result instanceof AuthError ? 0 : 1).toBe(calls)
  })

  test.each([
    ['[36] with line ends written as \\n', PKCS8.replaceAll('\n', '\\n')],
    ['[37] in PKCS #1', PKCS1],
    ['[37] in PKCS #8', PKCS8],
  ])('its key may stand %s', async (_, private_key) => {
    const google = endpoint()
    await google.fetch(serviceAccount({ key: keyFile({ private_key }) }), clock)(API)
    const [header, claims, signature] = google.forms[0]!.get('assertion')!.split('.') as [
      string,
      string,
      string,
    ]
    const key = createPublicKey(PKCS8)
    expect(createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(key, signature, 'base64url')).toBe(
      true,
    )
  })
})

describe('an assertion session', () => {
  test('asserts who it is told to, to the token endpoint, and its token goes with calls', async () => {
    const at = endpoint()
    const fetch = call(at, session({ subject: 'ada', scope: 'read' }))
    await fetch(`${SERVICE}/a`)
    await fetch(`${SERVICE}/b`)
    expect(at.forms).toHaveLength(1)
    expect(at.forms[0]!.get('scope')).toBe('read')
    expect(at.tokenRequests[0]!.url).toBe('https://auth.example.com/token')
    expect(claimsOf(at.forms[0]!.get('assertion')!)).toEqual({
      iss: 'my-client',
      sub: 'ada',
      aud: 'https://auth.example.com/token',
      jti: expect.stringMatching(/^[\da-f-]{36}$/) as string,
      iat: 1_767_225_600,
      exp: 1_767_229_200,
    })
    expect(at.calls.map(({ headers }) => headers['authorization'])).toEqual(['Bearer t0', 'Bearer t0'])
  })

  test.each(['RS256', 'PS256', 'ES256', 'ES384'] as const)(
    '[24] [25] signs with %s and any header',
    async (algorithm) => {
      const at = endpoint()
      const signer = keySigner({ privateKey: pem(keys[algorithm].privateKey), algorithm, keyId: 'k' })
      await call(at, session({ signer, header: { 'x-more': 1, typ: 'at+jwt' } }))(SERVICE)
      const assertion = at.forms[0]!.get('assertion')!
      expect(headerOf(assertion)).toEqual({ alg: algorithm, typ: 'at+jwt', kid: 'k', 'x-more': 1 })
      expect(assertion).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
      expect(isSigned(assertion, algorithm)).toBe(true)
    },
  )

  test('[38] has a new jti each time, also with claims, which stay as they were', async () => {
    const claims = { scope: 'a' }
    const at = endpoint(() => ({ status: 401, text: '{"error":"invalid_client"}' }))
    const fetch = call(at, session({ claims }))
    await expect(fetch(SERVICE)).rejects.toMatchObject({ reason: 'invalid_client' })
    await expect(fetch(SERVICE)).rejects.toThrow('the assertion of my-client')
    const ids = at.forms.map((form) => claimsOf(form.get('assertion')!)['jti'])
    expect(new Set(ids).size).toBe(2)
    expect(claims).toEqual({ scope: 'a' })
  })

  test('[38] has a new jti when its token is renewed, also with claims', async () => {
    let now = NOW
    const at = endpoint()
    const fetch = authorizedFetch(session({ claims: { scope: 'a' } }), {
      transport: at.transport,
      clock: { now: () => now },
      allowedOrigins: [SERVICE],
    })
    for (now of [NOW, NOW + 3_600_000, NOW + 7_200_000]) await fetch(SERVICE)
    const claims = at.forms.map((form) => claimsOf(form.get('assertion')!))
    expect(claims.map(({ scope }) => scope)).toEqual(['a', 'a', 'a'])
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(3)
    expect(at.calls.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer t0',
      'Bearer t1',
      'Bearer t2',
    ])
  })

  test('[39] keeps a jti that it is given, and an audience', async () => {
    const at = endpoint()
    await call(at, session({ claims: { jti: 'mine' }, audience: 'https://auth.example.com' }))(SERVICE)
    expect(claimsOf(at.forms[0]!.get('assertion')!)).toMatchObject({
      jti: 'mine',
      aud: 'https://auth.example.com',
    })
  })

  test.each([
    [{ tokenEndpoint: 'http://auth.example.com/token' }, 'tokenEndpoint'],
    [{ tokenEndpoint: 'nowhere' }, 'tokenEndpoint'],
    [{ issuer: '' }, 'issuer'],
    [{ signer: {} as never }, 'signer'],
    [{ key: 'k' } as never, 'key'],
  ])('is refused with %j', (more, path) => {
    expect(() => session(more)).toThrow(ValidationError)
    expect(() => session(more)).toThrow(path)
  })

  test.each([
    ['none', 'very-secret', 'must be the text of a key in PEM, and not a path'],
    ['empty', '', 'must be the text of a key'],
    ['missing', undefined as unknown as string, 'must be the text of a key'],
    ['in PKCS #1', PKCS1, 'openssl pkcs8 -topk8 -nocrypt'],
    ['a public one', '-----BEGIN PUBLIC KEY-----very-secret', 'is no private key (PUBLIC KEY)'],
  ])('with a key that is %s is refused at once', (_, privateKey, why) => {
    const make = (): unknown => keySigner({ privateKey })
    expect(make).toThrow(ValidationError)
    expect(make).toThrow(why)
    expect(make).not.toThrow('very-secret')
  })

  test("does not pass over another library's words", () => {
    const options = { privateKey: PEM, alg: 'PS256', kid: 'k' }
    expect(() => keySigner(options)).toThrow('alg: is not an option; kid: is not an option')
  })

  test.each([
    ['that is none', `${PEM}no key`],
    ['of another kind', pem(keys.ES256.privateKey)],
  ])('with a key %s says so without showing it', async (_, privateKey) => {
    const at = endpoint()
    const error: unknown = await call(
      at,
      session({ signer: keySigner({ privateKey }) }),
    )(SERVICE).catch((e: unknown) => e)
    expect(error).toMatchObject({ reason: 'invalid_key' })
    expect((error as Error).message).toBe('the private key is not one in PKCS #8 (PEM) for RS256')
    expect(at.forms).toEqual([])
  })
})
