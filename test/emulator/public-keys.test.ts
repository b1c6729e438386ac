import { createPrivateKey, createPublicKey, verify, X509Certificate, type JsonWebKey } from 'node:crypto'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { headerOf } from '../auth/claims.ts'
import { element, integer, objectIdentifier, time } from '../../src/emulator/der.ts'
import { assertion, grant, JWT_BEARER, say } from './speak.ts'

const NOW = Date.parse('2026-01-02T03:04:05.678Z')
const ROBOT = 'robot@p.iam.gserviceaccount.com'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator({ now: () => NOW })
})
afterEach(() => emulator.close())

describe.each(['', '/www.googleapis.com'])('the keys of ID tokens below %j', (below) => {
  async function idToken(): Promise<string> {
    const fields = { assertion: await assertion(emulator, { target_audience: 'me', scope: undefined }) }
    return (await grant(emulator, { grant_type: JWT_BEARER, ...fields })).json.id_token
  }

  test('are there as certificates in PEM, by id', async () => {
    const jwt = await idToken()
    const told = await say(emulator, `GET ${below}/oauth2/v1/certs`)
    expect(told.headers).toMatchObject({
      'content-type': expect.stringMatching(/^application\/json/),
      'cache-control': expect.stringMatching(/^public, max-age=\d+/),
    })
    expect(Object.keys(told.json)).toEqual([headerOf(jwt).kid])
    const found = new X509Certificate(told.json[String(headerOf(jwt).kid)])
    const [header, claims, signature] = jwt.split('.')
    const signed = Buffer.from(`${header}.${claims}`)
    expect(verify('RSA-SHA256', signed, found.publicKey, Buffer.from(signature!, 'base64url'))).toBe(true)
  })

  test('are the same as JWKs', async () => {
    const { keys } = (await say(emulator, `GET ${below}/oauth2/v3/certs`)).json as { keys: JsonWebKey[] }
    const certificates = (await say(emulator, `GET ${below}/oauth2/v1/certs`)).json
    expect(keys.map(({ kid }) => kid)).toEqual(Object.keys(certificates))
    const [pem] = Object.values<string>(certificates)
    expect(new X509Certificate(pem!).publicKey.export({ format: 'jwk' })).toEqual({
      kty: 'RSA',
      n: keys[0]!.n,
      e: keys[0]!.e,
    })
  })

  test('stay the same', async () => {
    const first = await say(emulator, `GET ${below}/oauth2/v1/certs`)
    emulator.clock.advance(3_600_000)
    expect((await say(emulator, `GET ${below}/oauth2/v1/certs`)).text).toBe(first.text)
  })
})

test('a certificate is X.509 v3, signed by its own key, and ends when nobody is there any more', async () => {
  const { json } = await say(emulator, 'GET /oauth2/v1/certs')
  const [keyId, pem] = Object.entries<string>(json)[0]!
  const found = new X509Certificate(pem)
  expect(found.verify(found.publicKey)).toBe(true)
  expect([found.subject, found.issuer, found.ca]).toEqual([
    'CN=federated-signon.system.gserviceaccount.com',
    'CN=federated-signon.system.gserviceaccount.com',
    false,
  ])
  expect([Date.parse(found.validFrom), Date.parse(found.validTo)]).toEqual([
    Date.parse('2026-01-02T03:04:05Z'),
    Date.parse('9999-12-31T23:59:59Z'),
  ])
  expect(found.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
  expect(found.serialNumber.toLowerCase()).toBe(`01${keyId.slice(0, 20)}`)
  expect(found.publicKey.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048, publicExponent: 65537n })
  const bytes = Buffer.from(found.raw)
  bytes[bytes.indexOf('260102030405Z')] = 0x33 // begins ten years later
  expect(new X509Certificate(bytes).verify(found.publicKey)).toBe(false)
})

describe.each([
  '/robot/v1/metadata/x509/',
  '/service_accounts/v1/metadata/x509/',
  '/www.googleapis.com/robot/v1/metadata/x509/',
])('the certificates of a service account at %s', (path) => {
  test('prove what its key file and what the system signs', async () => {
    const key = await emulator.serviceAccountKey({ email: ROBOT })
    const { json } = await say(emulator, `GET ${path}${encodeURIComponent(ROBOT)}`)
    expect(Object.keys(json)).toHaveLength(2)
    const own = new X509Certificate(json[key.private_key_id])
    expect(own.checkPrivateKey(createPrivateKey(key.private_key))).toBe(true)
    expect(own.subject).toBe(`CN=${ROBOT}`)
    emulator.allowImpersonation({ by: 'person@example.com', serviceAccount: ROBOT })
    const signed = await say(emulator, `POST /v1/projects/-/serviceAccounts/${ROBOT}:signBlob`, {
      headers: { authorization: `Bearer ${emulator.accessToken()}` },
      body: { payload: Buffer.from('content').toString('base64') },
    })
    const { publicKey } = new X509Certificate(json[signed.json.keyId])
    const signature = Buffer.from(signed.json.signedBlob, 'base64')
    expect(verify('RSA-SHA256', Buffer.from('content'), publicKey, signature)).toBe(true)
    expect(verify('RSA-SHA256', Buffer.from('content'), own.publicKey, signature)).toBe(false)
  })

  test('are not there for somebody else', async () => {
    expect((await say(emulator, `GET ${path}${ROBOT}`)).status).toBe(404)
    expect((await say(emulator, `GET ${path}%zz`)).status).toBe(404)
  })
})

test('the keys of a service account are there as JWKs', async () => {
  const key = await emulator.serviceAccountKey({ email: ROBOT })
  expect(key.client_x509_cert_url).toBe(
    `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(ROBOT)}`,
  )
  const { json } = await say(emulator, `GET /service_accounts/v1/jwk/${ROBOT}`)
  const own = json.keys.find(({ kid }: JsonWebKey) => kid === key.private_key_id)
  expect(own).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig' })
  const { n } = createPublicKey(key.private_key).export({ format: 'jwk' })
  expect(own.n).toBe(n)
  expect(json.keys).toHaveLength(2)
})

describe('DER', () => {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  test('writes lengths, numbers, ids and times as X.690 has them', () => {
    expect(hex(element(0x04, new Uint8Array(127)).subarray(0, 3))).toBe('047f00')
    expect(hex(element(0x04, new Uint8Array(128)).subarray(0, 4))).toBe('04818000')
    expect(hex(element(0x04, new Uint8Array(256)).subarray(0, 5))).toBe('0482010000')
    expect(hex(integer(Uint8Array.of(0x7f)))).toBe('02017f')
    expect(hex(integer(Uint8Array.of(0x80)))).toBe('02020080')
    expect(hex(objectIdentifier('1.2.840.113549.1.1.11'))).toBe('06092a864886f70d01010b')
    const text = (ms: number): string => Buffer.from(time(ms).subarray(2)).toString()
    expect([hex(time(0)).slice(0, 4), text(0)]).toEqual(['170d', '700101000000Z'])
    const late = Date.parse('2050-01-01T00:00:00Z')
    expect([hex(time(late)).slice(0, 4), text(late)]).toEqual(['180f', '20500101000000Z'])
  })
})
