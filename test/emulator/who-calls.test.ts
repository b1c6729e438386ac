import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, PermissionDeniedError } from 'discokit'
import type { RestDescription } from '../../src/discovery/document.ts'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { authenticate } from '../../src/emulator/authenticate.ts'
import { createAccessTokens } from '../../src/emulator/access-tokens.ts'
import { createAccounts } from '../../src/emulator/accounts.ts'
import type { ShownCredentials } from '../../src/emulator/credentials.ts'
import { createApiKeys } from '../../src/emulator/api-keys.ts'
import { createClock } from '../../src/emulator/clock.ts'
import { FULL_CONTROL, READ_ONLY, say, type Told } from './speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator()
})
afterEach(() => emulator.close())

const BUCKETS = 'GET /storage/v1/b?project=p'

describe('emulator.accessToken', () => {
  const ask = (token: string): Promise<Told> =>
    say(emulator, BUCKETS, { headers: { authorization: `Bearer ${token}` } })

  test('gives a token that may do everything that is served', async () => {
    expect((await ask(emulator.accessToken())).status).toBe(200)
    expect(emulator.accessToken()).not.toBe(emulator.accessToken())
  })

  test('gives a token for the scopes asked for', async () => {
    const headers = { authorization: `Bearer ${emulator.accessToken({ scopes: [READ_ONLY] })}` }
    expect((await say(emulator, BUCKETS, { headers })).status).toBe(200)
    const told = await say(emulator, 'POST /storage/v1/b?project=p', { headers, body: { name: 'box' } })
    expect([told.status, told.json.error.details[0].reason]).toEqual([403, 'ACCESS_TOKEN_SCOPE_INSUFFICIENT'])
  })

  test('gives a token that lives an hour and can be revoked', async () => {
    const old = emulator.accessToken({ scopes: [FULL_CONTROL] })
    emulator.clock.advance(3_599_000)
    expect((await ask(old)).status).toBe(401)
    const revoked = emulator.accessToken()
    emulator.revokeTokens()
    expect((await ask(revoked)).status).toBe(401)
  })

  test.each(['access_token', 'oauth_token'])('gives a token that the query takes as %s', async (name) => {
    const query = { [name]: emulator.accessToken() }
    expect((await say(emulator, BUCKETS, { query })).status).toBe(200)
    const bad = await say(emulator, BUCKETS, { query: { [name]: 'ya29.other' } })
    expect([bad.status, bad.json.error.errors[0].reason]).toEqual([401, 'authError'])
  })

  test.each([
    [{ email: '' }, 'email'],
    [{ email: 'somebody' }, 'email'],
    [{ scopes: [] }, 'scopes'],
    [{ scopes: ['a', 'b c'] }, 'scopes[1]'],
  ])('refuses %j', (options, path) => {
    expect(() => emulator.accessToken(options)).toThrow(
      expect.objectContaining({ code: 'invalid_input', problems: [expect.objectContaining({ path })] }),
    )
  })

  test('stands for the person it was made for', async () => {
    const clock = createClock()
    const tokens = createAccessTokens(clock)
    const token = tokens.issue({ email: 'one@example.com' }, ['a'])
    const method = { id: 'x.get', path: 'x', httpMethod: 'GET', scopes: ['a'] }
    const gate = {
      tokens,
      apiKeys: createApiKeys(),
      accounts: createAccounts('p'),
      clock,
      anonymous: false,
    }
    const shown = { authorization: `Bearer ${token}`, apiKey: undefined }
    const route = { document: openDocument, method }
    const whoCalls = (
      where: typeof route,
      credentials: ShownCredentials,
      openToKeys = false,
    ): Promise<unknown> => authenticate(where, credentials, openToKeys, gate, 'https://open.googleapis.com')
    expect(await whoCalls(route, shown)).toEqual({ email: 'one@example.com' })
    const scopeless = { document: openDocument, method: { ...method, scopes: [] } }
    expect(await whoCalls(scopeless, shown)).toEqual({ email: 'one@example.com' })
    expect(await whoCalls(scopeless, { ...shown, authorization: 'Bearer x' })).toBeUndefined()
    const withKey = { authorization: undefined, apiKey: gate.apiKeys.issue() }
    await expect(whoCalls(route, withKey)).rejects.toMatchObject({ status: 401 })
    expect(await whoCalls(route, withKey, true)).toBeUndefined()
  })
})

describe('emulator.apiKey', () => {
  test('gives a fresh key of the form of Google', () => {
    const keys = new Set(Array.from({ length: 50 }, () => emulator.apiKey()))
    expect(keys.size).toBe(50)
    for (const key of keys) expect(key).toMatch(/^AIza[\w-]{35}$/)
  })

  test('opens methods that need no scope', async () => {
    for (const shown of [
      { headers: { 'x-goog-api-key': emulator.apiKey() } },
      { query: { key: emulator.apiKey() } },
    ]) {
      expect((await say(emulator, 'GET /discovery/v1/apis', shown)).status).toBe(200)
    }
  })

  test('opens no method that needs a person', async () => {
    const told = await say(emulator, BUCKETS, { query: { key: emulator.apiKey() } })
    expect(told.status).toBe(401)
    expect(told.json.error).toMatchObject({
      status: 'UNAUTHENTICATED',
      message: expect.stringContaining('API keys are not supported by this API.'),
      details: [{ reason: 'CREDENTIALS_MISSING' }],
    })
  })

  test('goes beside a token', async () => {
    const headers = { authorization: `Bearer ${emulator.accessToken()}`, 'x-goog-api-key': emulator.apiKey() }
    expect((await say(emulator, BUCKETS, { headers })).status).toBe(200)
  })

  test('that was never given out is refused with 400 in the words of Google, whatever else is shown', async () => {
    const wrong = `AIza${'x'.repeat(35)}`
    const authorization = `Bearer ${emulator.accessToken()}`
    for (const [line, shown] of [
      ['GET /discovery/v1/apis', { query: { key: wrong } }],
      [BUCKETS, { query: { key: wrong } }],
      [BUCKETS, { headers: { 'x-goog-api-key': wrong, authorization } }],
    ] as const) {
      const told = await say(emulator, line, shown)
      expect([line, told.status]).toEqual([line, 400])
      expect(told.json.error).toMatchObject({
        code: 400,
        message: 'API key not valid. Please pass a valid API key.',
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'API_KEY_INVALID',
            domain: 'googleapis.com',
          },
        ],
      })
      expect(told.text).not.toContain(wrong)
    }
    await using open = await createEmulator({ anonymous: true })
    expect((await say(open, BUCKETS, { query: { key: wrong } })).status).toBe(400)
  })

  test('outlives a reset, as tokens do', async () => {
    const [key, token] = [emulator.apiKey(), emulator.accessToken()]
    emulator.reset()
    expect((await say(emulator, 'GET /discovery/v1/apis', { query: { key } })).status).toBe(200)
    expect((await say(emulator, BUCKETS, { query: { access_token: token } })).status).toBe(200)
  })
})

test('what a method calls key or access_token itself is no credential', async () => {
  const own = { type: 'string', location: 'query' }
  const method = {
    id: 'x.info',
    path: 'info',
    httpMethod: 'GET',
    parameters: { access_token: own, key: own },
  }
  await using more = await createEmulator({ documents: [{ ...openDocument, methods: { info: method } }] })
  const query = { access_token: 'about this one', key: 'and this' }
  // 501 and not 400: it came to the method, which nothing models.
  expect((await say(more, 'GET /x.googleapis.com/info', { query })).status).toBe(501)
})

test('a client sees that the token of a person lacks a scope', async () => {
  const token = emulator.accessToken({ scopes: [READ_ONLY] })
  const auth = { kind: 'token', headers: async () => ({ authorization: `Bearer ${token}` }) }
  await using google = createClient({ ...emulator.connect(), auth, retry: false })
  const storage = await google.discover('storage:v1')
  const refused = storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
  await expect(refused).rejects.toBeInstanceOf(PermissionDeniedError)
})

describe('the journal', () => {
  test('keeps no key and no token, wherever they were shown', async () => {
    const [key, token] = [emulator.apiKey(), emulator.accessToken()]
    const path = '/storage/v1/b?project=p'
    for (const [target, headers] of [
      [`${path}&key=${key}`, {}],
      [`${path}&access_token=${token}&prefix=a`, {}],
      [`${path}&oauth_token=${token}`, {}],
      [`${path}&%6bey=${key}`, {}],
      [`${path}&acc%65ss_token=${token}&`, {}],
      [`/storage/v1/b??key=${key}&project=p`, {}],
      [`/none?key=${key}&refresh_token=${token}`, {}],
      [path, { authorization: `Bearer ${token}` }],
      [path, { authorization: token }],
      [path, { 'x-goog-api-key': key }],
    ] as const) {
      await say(emulator, `GET ${target}`, { headers })
    }
    const kept = JSON.stringify(emulator.journal.exchanges)
    expect(kept).not.toContain(key)
    expect(kept).not.toContain(token)
    expect(emulator.journal.exchanges.map((exchange) => exchange.path).slice(0, 4)).toEqual([
      `${path}&key=REDACTED`,
      `${path}&access_token=REDACTED&prefix=a`,
      `${path}&oauth_token=REDACTED`,
      `${path}&%6bey=REDACTED`,
    ])
    expect(emulator.journal.exchanges.at(-3)?.headers).toEqual({ authorization: 'Bearer' })
  })

  test('keeps what only looks like a secret', async () => {
    await say(emulator, 'GET /storage/v1/b?project=p&pageToken=x&key')
    expect(emulator.journal.exchanges[0]?.path).toBe('/storage/v1/b?project=p&pageToken=x&key')
  })
})

const openDocument: RestDescription = {
  name: 'x',
  version: 'v1',
  rootUrl: 'https://x.googleapis.com/',
  servicePath: '',
}
