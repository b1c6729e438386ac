/** Options that are none: they are refused before anything is signed or sent, and say where the mistake is. */
import { AuthError, ValidationError } from 'discokit'
import {
  assertionCredentials,
  idTokenCredentials,
  keySigner,
  serviceAccount,
  type Signer,
} from 'discokit/auth'
import { expect, test } from 'vitest'
import { API, endpoint } from '../endpoint.ts'
import { keyFile, PKCS8 } from '../keys.ts'

const key = keyFile()
const SERVICE = 'https://my-service.a.run.app'
const signer = keySigner({ privateKey: PKCS8 })
const assertion = (more: object = {}) =>
  assertionCredentials({ tokenEndpoint: 'https://auth.example.com/token', issuer: 'me', signer, ...more })

test.each<[string, () => unknown, path: string]>([
  ['an account of nothing', () => serviceAccount(undefined as never), 'keyFile'],
  ['a scope that is a number', () => serviceAccount({ key, scopes: [7] as never }), 'scopes'],
  ['an empty scope', () => serviceAccount({ key, scopes: ['a', ''] }), 'scopes'],
  ['an empty scope of a library', () => serviceAccount({ key, defaultScopes: [''] }), 'defaultScopes'],
  ['other scopes that are none', () => serviceAccount({ key }).withScopes([undefined as never]), 'scopes'],
  ['an ID token of nothing', () => idTokenCredentials(undefined as never), 'targetAudience'],
  [
    'claims of an ID token that are functions',
    () => idTokenCredentials({ key, targetAudience: SERVICE, claims: { f() {} } }),
    'claims',
  ],
  [
    'further claims that are functions',
    () => idTokenCredentials({ key, targetAudience: SERVICE }).withClaims({ f() {} }),
    'claims',
  ],
  ['an assertion of nothing', () => assertionCredentials(undefined as never), 'issuer'],
  ['claims of an assertion that are functions', () => assertion({ claims: { f() {} } }), 'claims'],
  ['a header of functions', () => assertion({ header: { f() {} } }), 'header'],
])('%s is refused', (_, make, path) => {
  expect(make).toThrow(ValidationError)
  expect(make).toThrow(path)
})

test.each(['a text', undefined, null, 7])('a signer that gives %j is said so', async (signature) => {
  const google = endpoint()
  const broken: Signer = { sign: async () => signature as never }
  const calling = google.fetch(assertion({ signer: broken }))(API)
  await expect(calling).rejects.toThrow(AuthError)
  await expect(calling).rejects.toMatchObject({ reason: 'invalid_signature' })
  expect(google.forms).toEqual([])
})

test('a signer may give an ArrayBuffer, as WebCrypto does', async () => {
  const google = endpoint()
  const webCrypto: Signer = { sign: async () => new Uint8Array([1, 2, 3]).buffer as never }
  await google.fetch(assertion({ signer: webCrypto }))(API)
  expect(google.forms[0]!.get('assertion')!.split('.')[2]).toBe('AQID')
})

test('the ID tokens of an account may charge nobody again', () => {
  const charging = idTokenCredentials({ key, targetAudience: SERVICE, quotaProject: 'charged' })
  expect(charging.withQuotaProject(undefined).quotaProject).toBeUndefined()
})
