import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { AuthError, ValidationError } from 'discokit'
import {
  authorizedUser,
  idTokenCredentials,
  serviceAccount,
  type ServiceAccountOptions,
  userCredentials,
} from 'discokit/auth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimsOf } from './claims.ts'
import { failureOf } from '../transport/contexts.ts'
import { API, endpoint } from './endpoint.ts'
import { keyFile, PKCS1, PKCS8, TOKEN_URI } from './keys.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const EC = ec.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const SEC1 = ec.privateKey.export({ type: 'sec1', format: 'pem' }).toString()
const ENCRYPTED = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const BODY = PKCS8.split('\n')[3]!

/** The failure of making or first using a credential. Nothing may have been sent by then. */
async function refusal(options: ServiceAccountOptions): Promise<AuthError> {
  const google = endpoint()
  const error = await failureOf((async () => google.fetch(serviceAccount(options))(API))())
  expect(error).toBeInstanceOf(AuthError)
  expect(error.retryable).toBe(false)
  expect([...google.tokenRequests, ...google.calls]).toEqual([])
  const shown = inspect(error, { depth: Infinity, showHidden: true })
  expect(shown).not.toContain(BODY)
  expect(shown).not.toContain(BODY.slice(0, 12))
  return error
}

test('a key text may begin with a byte order mark', () => {
  expect(() => serviceAccount({ key: `\uFEFF${JSON.stringify(keyFile())}` })).not.toThrow()
})

describe('a key that cannot be used', () => {
  const bad = [
    ['text that is not JSON', `{"private_key": "${BODY}"`, 'is not a JSON object'],
    ['JSON that is no object', '"text"', 'is not a JSON object'],
    ['JSON null', 'null', 'is not a JSON object'],
    ['a list', '[]', 'lacks client_email'],
    ['an empty text', '', 'is not a JSON object'],
    ['a file of a user', keyFile({ type: 'authorized_user' }), "has the type 'authorized_user'"],
    [
      'a file of an OAuth client',
      { installed: { client_secret: BODY } },
      'lacks client_email and private_key',
    ],
    ['a type that is no word', keyFile({ type: BODY.repeat(2) }), "has the type 'null'"],
    ['no client_email', keyFile({ client_email: undefined }), 'lacks client_email'],
    ['no private_key', keyFile({ private_key: undefined }), 'lacks private_key'],
    ['a private_key that is no text', keyFile({ private_key: 5 }), 'lacks private_key'],
    ['neither', keyFile({ client_email: null, private_key: null }), 'lacks client_email and private_key'],
    ['an empty private_key', keyFile({ private_key: '' }), 'not a PEM block'],
    ['a private_key without its frame', keyFile({ private_key: BODY }), 'not a PEM block'],
    ['a private_key cut off', keyFile({ private_key: PKCS8.slice(0, 800) }), 'not a PEM block'],
    [
      'a private_key all in one line',
      keyFile({ private_key: PKCS8.replaceAll('\n', ' ') }),
      'not a PEM block',
    ],
    [
      'a private_key of two minds',
      keyFile({ private_key: PKCS8.replace('BEGIN PRIVATE', 'BEGIN RSA PRIVATE') }),
      'private_key',
    ],
    [
      'a private_key with a line missing',
      keyFile({ private_key: PKCS8.replace(`${BODY}\n`, '') }),
      'RSA key',
    ],
    ['a private_key with letters changed', keyFile({ private_key: PKCS1.replace(/M/g, 'N') }), 'RSA key'],
    ['an EC key', keyFile({ private_key: EC }), 'RSA key'],
    ['an EC key in its own form', keyFile({ private_key: SEC1 }), 'not a PEM block'],
    ['[26] an EC key, for which there are signers', keyFile({ private_key: EC }), 'others need keySigner()'],
    ['an empty client_email', keyFile({ client_email: '' }), 'lacks client_email, or it is no plain text'],
    ['a client_email with a line end', keyFile({ client_email: 'a@b\r\nx: y' }), 'client_email'],
    ['a project_id that is a number', keyFile({ project_id: 7 }), 'project_id, or it is no plain text'],
    ['a project_id that is null', keyFile({ project_id: null }), 'project_id'],
    ['a private_key_id that is an object', keyFile({ private_key_id: {} }), 'private_key_id'],
    ['a private_key_id with a NUL', keyFile({ private_key_id: 'a\0b' }), 'private_key_id'],
    ['a universe_domain that is a list', keyFile({ universe_domain: ['x'] }), 'universe_domain'],
    [
      'a key of another universe',
      keyFile({ universe_domain: 'example.org' }),
      "is of the universe example.org; pass universeDomain: 'example.org'",
    ],
    ['an encrypted key', keyFile({ private_key: ENCRYPTED.privateKey }), 'not a PEM block'],
    ['a public key', keyFile({ private_key: ENCRYPTED.publicKey }), 'not a PEM block'],
  ] as const

  test.each(bad)('given as content: %s', async (_, key, message) => {
    const error = await refusal({ key })
    expect(error.message).toContain('the key ')
    expect(error.message).toContain(message)
    expect(error.reason).toBe('invalid_key_file')
  })

  test.each(bad)('given in a file: %s', async (name, key, message) => {
    const file = join(folder, `${name}.json`)
    await writeFile(file, typeof key === 'string' ? key : JSON.stringify(key))
    const error = await refusal({ keyFile: file })
    expect(error.message).toContain(file)
    expect(error.message).toContain(message)
  })

  test('given as content fails at once', () => {
    expect(() => serviceAccount({ key: '{' })).toThrow(AuthError)
    expect(() => serviceAccount({ key: keyFile({ token_uri: 'https://evil.example/' }) })).toThrow(AuthError)
  })

  test.each([
    ['does not exist', () => join(folder, 'missing.json')],
    ['is a folder', () => folder],
  ])('in a file that %s', async (message, file) => {
    const error = await refusal({ keyFile: file() })
    expect(error.message).toBe(`the key file ${file()} ${message}`)
  })
})

describe('content where the path of a key file belongs', () => {
  const json = JSON.stringify(keyFile())
  const ALL = [
    ['its JSON', json],
    ['its JSON, with a line before it', `\n${json}`],
    ['its JSON, with a byte order mark', `\uFEFF${json}`],
    ['its JSON over lines', JSON.stringify(keyFile(), null, 2)],
    ['its JSON in base64', Buffer.from(json).toString('base64')],
    ['its private key', PKCS8],
    ['its private key in one line', PKCS8.replaceAll('\n', '\\n')],
    ['a very long text', 'M'.repeat(4_097)],
    ['a text with a control character', `M\0${BODY}`],
  ] as const

  test.each(ALL)('%s is refused at once, and nothing of it is repeated', (_, path) => {
    for (const make of [
      () => serviceAccount({ keyFile: path }),
      () => idTokenCredentials({ keyFile: path, targetAudience: 'https://a.example' }),
    ]) {
      let error: unknown
      try {
        make()
      } catch (reason) {
        error = reason
      }
      expect(error).toBeInstanceOf(ValidationError)
      const { message } = error as ValidationError
      expect(message).toContain('keyFile')
      expect(message).toContain('as key')
      const shown = `${inspect(error, { depth: Infinity, showHidden: true })} ${JSON.stringify(error)} ${message}`
      expect(shown).not.toContain(BODY.slice(0, 12))
      expect(shown).not.toContain(path.trim().slice(0, 20))
    }
  })
})

describe('a token_uri', () => {
  test.each([
    'https://evil.example/token',
    'https://oauth2.evilgoogleapis.com/token',
    'https://oauth2.googleapis.com.evil.example/token',
    'https://oauth2.googleapis.com:8443/token',
    'http://oauth2.googleapis.com/token',
    'https://user:password@oauth2.googleapis.com/token',
    'https://oauth2.googleapis.com@evil.example/token',
    'https://oauth2.googleapis.com\\@evil.example/token',
    '//oauth2.googleapis.com/token',
    'oauth2.googleapis.com/token',
    'ftp://oauth2.googleapis.com/token',
    'http://10.0.0.1/token',
    'http://127.0.0.1.evil.example/token',
    'http://localhost.evil.example/token',
    'https://my-bucket.storage.googleapis.com/token',
    'https://storage.googleapis.com/my-bucket/token',
    'https://oauth2.my-bucket.storage.googleapis.com/token',
    'https://oauth2.example.googleapis.com/token',
    'https://oauth2googleapis.com/token',
    'https://googleapis.com/token',
    'https://www.googleapis.com/my-bucket/token',
    'https://www.googleapis.com/oauth2/v4/token/token',
    'https://oauth2.googleapis.com/token?to=evil',
    'https://oauth2.googleapis.com/upload',
    'https://oauth2 /token',
    'https://.googleapis.com/token',
    'https://evil.example/.googleapis.com/token',
    'https://accounts.google.com/o/oauth2/auth',
    'https://accounts.google.com/o/oauth2/token/',
    'https://accounts.google.com.evil.example/o/oauth2/token',
    '',
    ' ',
    5,
    null,
    {},
  ])('%j is refused and nothing is sent', async (token_uri) => {
    const error = await refusal({ key: async () => keyFile({ token_uri }) })
    expect(error.message).not.toContain('password')
  })

  test.each([
    'https://accounts.google.com/o/oauth2/token',
    'https://oauth2.private.googleapis.com/token',
    'https://oauth2.mtls.googleapis.com/token',
    'https://oauth2-mine.p.googleapis.com/token',
    'https://oauth2.europe-west1.rep.googleapis.com/token',
    'https://sts.googleapis.com/v1/token',
    'https://sts.us-east4.rep.googleapis.com/v1/oauthtoken',
    'https://www.googleapis.com/oauth2/v4/token',
    'https://www.googleapis.com/oauth2/v3/token',
  ])(
    "that Google has is trusted, of accounts and of people, and goes by Google's one name: %s",
    async (token_uri) => {
      const google = endpoint()
      await google.fetch(serviceAccount({ key: keyFile({ token_uri }) }))(API)
      const person = {
        type: 'authorized_user',
        client_id: 'c',
        client_secret: 's',
        refresh_token: 'r',
        token_uri,
      }
      await google.fetch(userCredentials(authorizedUser(person)))(API)
      expect(google.tokenRequests.map(({ url }) => url)).toEqual([token_uri, token_uri])
      expect(claimsOf(google.forms[0]!.get('assertion')!)).toMatchObject({ aud: TOKEN_URI })
    },
  )

  test('of a person is held against the same list, and the error names the file', () => {
    const person = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' }
    const token_uri = 'https://my-bucket.storage.googleapis.com/token'
    expect(() => authorizedUser({ ...person, token_uri }, 'ada.json')).toThrow(
      'ada.json has a token_uri at my-bucket.storage.googleapis.com',
    )
  })

  test('of old is of no other universe', async () => {
    const key = keyFile({ token_uri: 'https://accounts.google.com/o/oauth2/token' })
    await refusal({ key, universeDomain: 'apis.example.test' })
  })

  test('in another universe is trusted when the program says so, and never because the file does', async () => {
    const key = keyFile({
      token_uri: 'https://oauth2.apis.example.test/token',
      universe_domain: 'apis.example.test',
    })
    await refusal({ key })
    const google = endpoint()
    await google.fetch(serviceAccount({ key, universeDomain: 'apis.example.test' }))(API)
    expect(google.tokenRequests).toEqual([]) // there, the account signs its tokens itself
    expect(google.calls).toHaveLength(1)
  })

  test.each(['http://127.0.0.1:9/token', 'http://localhost:9/token', 'http://[::1]:9/token'])(
    'on this machine is trusted: %s',
    async (token_uri) => {
      const google = endpoint()
      await google.fetch(serviceAccount({ key: keyFile({ token_uri }) }))(API)
      expect(google.tokenRequests[0]!.url).toBe(token_uri)
    },
  )
})
