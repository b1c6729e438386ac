import { createVerify } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ValidationError } from 'discokit'
import { authorizedFetch, serviceAccount, type ServiceAccountOptions } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimsOf, headerOf } from './claims.ts'
import { API, endpoint } from './endpoint.ts'
import { keyFile, PKCS1, PKCS8, publicKey, TOKEN_URI } from './keys.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

const NOW = 1_767_225_600_900
const clock = { now: () => NOW }

/** The assertion that the credential sends, taken apart, and the request that carried it. */
async function assertionOf(options: ServiceAccountOptions) {
  const google = endpoint()
  await google.fetch(serviceAccount(options), clock)(API)
  const form = google.forms[0]!
  const assertion = form.get('assertion')!
  const [header, claims] = [headerOf(assertion), claimsOf(assertion)]
  const segments = assertion.split('.') as [string, string, string]
  return { header, claims, segments, form, request: google.tokenRequests[0]!, call: google.calls[0]! }
}

describe('the assertion', () => {
  test('has exactly the header and the claims that Google asks for', async () => {
    const { header, claims } = await assertionOf({ key: keyFile() })
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' })
    expect(claims).toEqual({
      iss: 'robot@p.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: TOKEN_URI,
      iat: 1_767_225_600,
      exp: 1_767_229_200,
    })
  })

  test('is sent as a form, and the token that comes back goes with the call', async () => {
    const { form, request, call } = await assertionOf({ key: keyFile() })
    expect([...form.keys()]).toEqual(['grant_type', 'assertion'])
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(request).toMatchObject({ method: 'POST', url: TOKEN_URI })
    expect(request.headers).not.toHaveProperty('authorization')
    expect(call.headers['authorization']).toBe('Bearer t0')
  })

  test('is base64url without padding, and its signature is that of the key', async () => {
    // Claims of every length modulo three.
    for (const subject of ['a', 'ab', 'abc', 'ä€𝄞']) {
      const { segments } = await assertionOf({ key: keyFile(), subject })
      for (const segment of segments) expect(segment).toMatch(/^[\w-]+$/)
      const verify = createVerify('RSA-SHA256').update(`${segments[0]}.${segments[1]}`)
      expect(verify.verify(publicKey, segments[2], 'base64url')).toBe(true)
    }
  })

  test('names no key when the file names none', async () => {
    const { header } = await assertionOf({ key: keyFile({ private_key_id: undefined }) })
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT' })
  })

  test('has a subject when there is one, and scopes in one text', async () => {
    const { claims } = await assertionOf({ key: keyFile(), subject: 'ada@example.com', scopes: ['a', 'b'] })
    expect(claims).toMatchObject({ sub: 'ada@example.com', scope: 'a b' })
  })

  test('has further claims, which win over its own', async () => {
    const claims = { aud: 'https://other.example/', exp: 5, nested: { a: [1] } }
    const { claims: found } = await assertionOf({ key: keyFile(), claims })
    expect(found).toMatchObject({ ...claims, iat: 1_767_225_600 })
  })

  test("goes to the key's own token_uri, for Google's endpoint by its one name", async () => {
    const token_uri = 'https://oauth2.googleapis.com/other/token'
    const { claims, request } = await assertionOf({ key: keyFile({ token_uri }) })
    expect([claims.aud, request.url]).toEqual([TOKEN_URI, token_uri])
  })

  test("goes to Google's endpoint when the key names none", async () => {
    const { claims, request } = await assertionOf({ key: keyFile({ token_uri: undefined }) })
    expect([claims.aud, request.url]).toEqual([TOKEN_URI, TOKEN_URI])
  })

  test('is made anew for each token', async () => {
    let now = NOW
    const google = endpoint()
    const fetch = google.fetch(serviceAccount({ key: keyFile() }), { now: () => now })
    await fetch(API)
    now += 3_600_000
    await fetch(API)
    expect(google.forms).toHaveLength(2)
    expect(google.forms[0]!.get('assertion')).not.toBe(google.forms[1]!.get('assertion'))
  })

  test('is believed by the emulator', async () => {
    const emulator = await createEmulator()
    try {
      const transport = emulator.connect().transport!
      const key = await emulator.serviceAccountKey({ email: 'r@p.iam.gserviceaccount.com' })
      const fetch = authorizedFetch(serviceAccount({ key }), { transport, allowedOrigins: [emulator.url] })
      expect((await fetch(`${emulator.url}/storage/v1/b?project=p`)).status).toBe(200)
    } finally {
      await emulator.close()
    }
  })
})

describe('the key', () => {
  const path = (): string => join(folder, 'key.json')

  test.each([
    ['an object', async () => ({ key: keyFile() })],
    ['JSON text', async () => ({ key: JSON.stringify(keyFile()) })],
    ['a function that gives an object', async () => ({ key: async () => keyFile() })],
    [
      'a function that gives JSON text',
      async () => ({ key: async () => JSON.stringify(keyFile(), null, 2) }),
    ],
    ['a file', async () => (await writeFile(path(), JSON.stringify(keyFile())), { keyFile: path() })],
  ])('may be %s', async (_, options) => {
    const { claims } = await assertionOf(await options())
    expect(claims.iss).toBe('robot@p.iam.gserviceaccount.com')
  })

  test.each([
    ['PKCS #8', PKCS8],
    ['PKCS #1', PKCS1],
    ['escaped line ends', PKCS8.replaceAll('\n', '\\n')],
    ['Windows line ends', PKCS8.replaceAll('\n', '\r\n')],
    ['no line end after it', PKCS8.trimEnd()],
    ['spaces and empty lines around it', `\n  ${PKCS8}\n\n`],
  ])('may have a private key in PEM with %s', async (_, private_key) => {
    const { segments } = await assertionOf({ key: keyFile({ private_key }) })
    const verify = createVerify('RSA-SHA256').update(`${segments[0]}.${segments[1]}`)
    expect(verify.verify(publicKey, segments[2], 'base64url')).toBe(true)
  })

  test('is not read before the first call, and only once', async () => {
    let reads = 0
    const google = endpoint()
    const fetch = google.fetch(
      serviceAccount({
        key: async () => {
          reads++
          return keyFile()
        },
      }),
      clock,
    )
    expect(reads).toBe(0)
    await Promise.all([fetch(API), fetch(API)])
    await fetch(API)
    expect(reads).toBe(1)
  })

  test('is read again after it could not be used, for the file may be mended', async () => {
    const file = join(folder, 'late.json')
    const google = endpoint()
    const fetch = google.fetch(serviceAccount({ keyFile: file }))
    await expect(fetch(API)).rejects.toMatchObject({ code: 'auth_failed' })
    await writeFile(file, JSON.stringify(keyFile()))
    expect((await fetch(API)).status).toBe(200)
  })
})

describe('serviceAccount', () => {
  test.each([
    ['both keyFile and key', { keyFile: 'key.json', key: keyFile() }],
    ['neither keyFile nor key', {}],
    ['an empty list of scopes', { key: keyFile(), scopes: [] }],
    ['scopes in one text', { key: keyFile(), scopes: 'a b' as never }],
  ])('refuses %s', (_, options) => {
    expect(() => serviceAccount(options)).toThrow(ValidationError)
  })
})
