import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import type { RestDescription } from '../../src/discovery/document.ts'
import { parseAddress } from '../../src/emulator/address.ts'
import { at, bytesOf, obtainToken, openStorage, say, store } from './speak.ts'

const notes = { name: 'notes', version: 'v1', rootUrl: 'https://notes.googleapis.com/', servicePath: '' }

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

describe('createEmulator', () => {
  test('makes emulators that share nothing', async () => {
    await using other = await createEmulator({ anonymous: true })
    expect((await say(other, 'GET /storage/v1/b/box')).status).toBe(404)
  })

  test('serves a given document instead of its own of the same id', async () => {
    const document = { name: 'storage', version: 'v1', rootUrl: 'https://x.example/', servicePath: '' }
    await using other = await createEmulator({ documents: [{ ...document, title: 'Ours' }] })
    const { json } = await say(other, 'GET /discovery/v1/apis?name=storage')
    expect(json.items).toMatchObject([{ title: 'Ours' }])
  })

  test.each<[unknown, string]>([
    [null, 'documents[1]: is not a discovery document'],
    [{}, 'documents[1]: is not a discovery document: it lacks name'],
    [{ ...notes, rootUrl: undefined }, 'it lacks rootUrl'],
    [{ ...notes, rootUrl: 'notes.googleapis.com' }, "the rootUrl 'notes.googleapis.com'"],
    [
      { ...notes, methods: { get: { id: 'notes.get', httpMethod: 'GET' } } },
      'without id, path or httpMethod (notes.get)',
    ],
  ])('refuses the document %j', async (document, message) => {
    const documents = [notes, document as RestDescription]
    await expect(createEmulator({ documents })).rejects.toThrow(
      expect.objectContaining({ code: 'invalid_input', message: expect.stringContaining(message) }),
    )
  })

  test('makes accounts of its project', async () => {
    await using other = await createEmulator({ project: 'mine' })
    expect(await other.serviceAccountKey()).toMatchObject({
      project_id: 'mine',
      client_email: 'emulator@mine.iam.gserviceaccount.com',
    })
  })
})

describe('the clock', () => {
  test('is the real time until it is moved', () => {
    const before = Date.now()
    expect(emulator.clock.now()).toBeGreaterThanOrEqual(before)
    emulator.clock.advance(3_600_000)
    expect(emulator.clock.now()).toBeGreaterThanOrEqual(before + 3_600_000)
    emulator.reset()
    expect(emulator.clock.now()).toBeLessThan(before + 3_600_000)
  })

  test('does not go back', () => {
    for (const ms of [-1, NaN, Infinity]) expect(() => emulator.clock.advance(ms)).toThrow(TypeError)
  })
})

describe('the journal', () => {
  test('tells what was asked and answered, without credentials', async () => {
    emulator.journal.clear()
    const headers = { authorization: 'Bearer secret', 'x-test': '1' }
    await say(emulator, 'GET /storage/v1/b/box?projection=full&access_token=secret', { headers })
    await say(emulator, 'GET /nowhere')
    expect(emulator.journal.exchanges).toEqual([
      {
        at: expect.any(Number),
        method: 'GET',
        path: '/storage/v1/b/box?projection=full&access_token=REDACTED',
        headers: { authorization: 'Bearer', 'x-test': '1' },
        status: 401,
        methodId: 'storage.buckets.get',
      },
      expect.objectContaining({ path: '/nowhere', status: 404, methodId: undefined }),
    ])
  })

  test('hides every other secret too', async () => {
    const headers = {
      cookie: 'session=secret',
      'x-goog-api-key': 'secret',
      'x-goog-encryption-key': 'secret',
      'x-goog-encryption-key-sha256': 'secret',
      'proxy-authorization': 'Basic secret',
    }
    await say(emulator, 'GET /storage/v1/b/box?key=secret&monkey=1&oauth_token=secret', { headers })
    expect(JSON.stringify(emulator.journal.exchanges)).not.toContain('secret')
    expect(emulator.journal.exchanges.at(-1)).toMatchObject({
      path: '/storage/v1/b/box?key=REDACTED&monkey=1&oauth_token=REDACTED',
      headers: { cookie: 'REDACTED', 'x-goog-encryption-key': 'REDACTED' },
    })
  })

  test('names the token endpoint', async () => {
    await obtainToken(emulator)
    expect(emulator.journal.exchanges.at(-1)).toMatchObject({ methodId: 'oauth2.token', path: '/token' })
  })

  test('keeps the last 1000 exchanges', async () => {
    for (let i = 0; i < 2500; i++) await say(emulator, `GET /storage/v1/b/box?i=${i}`)
    const { exchanges } = emulator.journal
    expect(exchanges).toHaveLength(1000)
    expect(exchanges[0]?.path).toBe('/storage/v1/b/box?i=1500')
    expect(exchanges.at(-1)?.path).toBe('/storage/v1/b/box?i=2499')
  })
})

describe('reset', () => {
  test('forgets data, and keeps accounts and tokens', async () => {
    await store(emulator, 'f', bytesOf(2_000_000))
    const key = await emulator.serviceAccountKey()
    const authorization = `Bearer ${await obtainToken(emulator)}`
    emulator.reset()
    expect(emulator.journal.exchanges).toEqual([])
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
    expect(await emulator.serviceAccountKey()).toEqual(key)
    const told = await say(emulator, 'GET /storage/v1/b?project=p', { headers: { authorization } })
    expect([told.status, told.json.items]).toEqual([200, undefined])
  })
})

describe('parseAddress', () => {
  test.each([
    ['http://h/a/../b?c=d#e', 'http://h', 'h', '/a/../b', '/a/../b?c=d'],
    ['https://H:8/%2e%2E/x', 'https://h:8', 'h', '/%2e%2E/x', '/%2e%2E/x'],
    ['http://[::1]:80', 'http://[::1]:80', '[::1]', '/', '/'],
    ['http://h?a=b', 'http://h', 'h', '/', '/?a=b'],
  ])('takes %s apart', (url, origin, host, path, target) => {
    expect(parseAddress(url)).toMatchObject({ origin, host, path, target })
  })

  test('refuses what is no address', () => {
    expect(() => parseAddress('/storage/v1/b')).toThrow(TypeError)
  })
})
