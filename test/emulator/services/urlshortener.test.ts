import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../../src/emulator/index.ts'
import { apiByKey, apiOf, refusal } from './speak-api.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05.678Z') })
})
afterEach(() => emulator.close())

const shorten = (api: any, longUrl: string): Promise<any> => api.url.insert({ body: { longUrl } })

test('with a key, the same address gets the same short one, which leads back to it', async () => {
  const api = await apiByKey(emulator, 'urlshortener:v1')
  const [first, again, other] = await Promise.all(
    ['https://example.com', 'https://example.com/', 'https://example.com/b'].map((url) => shorten(api, url)),
  )
  expect(first).toEqual({
    kind: 'urlshortener#url',
    id: expect.stringMatching(/^http:\/\/goo\.gl\/\w{6}$/),
    longUrl: 'https://example.com/',
  })
  expect([again.id, other.id === first.id]).toEqual([first.id, false])
  expect(await api.url.get({ shortUrl: first.id })).toEqual({ ...first, status: 'OK' })
  expect(await api.url.get({ shortUrl: first.id, projection: 'FULL' })).toMatchObject({
    created: '2026-01-02T03:04:05.678Z',
    analytics: { allTime: { shortUrlClicks: '0' } },
  })
  expect(await refusal(api.url.get({ shortUrl: 'http://goo.gl/none' }))).toEqual([404, 'notFound'])
  expect((await refusal(api.url.list()))[0]).toBe(401)
  emulator.reset()
  expect(await refusal(api.url.get({ shortUrl: first.id }))).toEqual([404, 'notFound'])
})

test('an account has its own history, newest first and in pages', async () => {
  const api = await apiOf(emulator, 'urlshortener:v1', { email: 'ann@example.com' })
  for (let i = 0; i < 31; i++) await shorten(api, `https://example.com/${i}`)
  const twice = await shorten(api, 'https://example.com/0')
  const first = await api.url.list()
  expect(first).toMatchObject({ kind: 'urlshortener#urlHistory', totalItems: 32, itemsPerPage: 30 })
  expect(first.items[0]).toMatchObject({ id: twice.id, longUrl: 'https://example.com/0', status: 'OK' })
  const second = await api.url.list({ 'start-token': first.nextPageToken })
  expect(second.items.map((each: any) => each.longUrl)).toEqual([
    'https://example.com/1',
    'https://example.com/0',
  ])
  expect(second).not.toHaveProperty('nextPageToken')
  const other = await apiOf(emulator, 'urlshortener:v1', { email: 'bob@example.com' })
  expect((await other.url.list()).items).toEqual([])
})

test.each([
  [{}, 'required'],
  [{ longUrl: '' }, 'required'],
  [{ longUrl: 'x' }, 'invalid'],
  [{ longUrl: 'data:,x' }, 'invalid'],
])('%j is refused', async (body, reason) => {
  const api = await apiByKey(emulator, 'urlshortener:v1')
  expect(await refusal(api.url.insert({ body }))).toEqual([400, reason])
})
