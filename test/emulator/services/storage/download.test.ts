import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { at, openStorage, say, store, type Told } from '../../speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

const DOORS = [
  ['alt=media', (name: string) => `${at(name)}?alt=media`],
  ['/download/', (name: string) => `/download${at(name)}`],
] as const

describe.each(DOORS)('the bytes of an object, by %s', (_, door) => {
  const get = (name: string, range?: string): Promise<Told> =>
    say(emulator, `GET ${door(name)}`, { headers: range === undefined ? {} : { range } })

  test('come with headers that tell of the object', async () => {
    const { generation, etag } = (await store(emulator, 'f', 'hello')).json
    const told = await get('f')
    expect([told.status, told.text]).toEqual([200, 'hello'])
    expect(told.headers).toMatchObject({
      'content-type': 'text/plain',
      'content-length': '5',
      etag,
      'x-goog-generation': generation,
      'x-goog-metageneration': '1',
      'x-goog-hash': 'crc32c=mnG7TA==,md5=XUFAKrxLKna5cZ2REBfFkg==',
      'x-goog-stored-content-length': '5',
      'x-goog-stored-content-encoding': 'identity',
    })
    expect(told.headers).not.toHaveProperty('content-disposition')
  })

  test('come with the headers that were set for them', async () => {
    await store(emulator, 'f')
    const fields = {
      cacheControl: 'max-age=9',
      contentDisposition: 'attachment; filename="f"',
      contentEncoding: 'gzip',
      contentLanguage: 'de',
    }
    await say(emulator, `PATCH ${at('f')}`, { body: fields })
    expect((await get('f')).headers).toMatchObject({
      'cache-control': 'max-age=9',
      'content-disposition': 'attachment; filename="f"',
      'content-encoding': 'gzip',
      'content-language': 'de',
      'x-goog-stored-content-encoding': 'gzip',
      'x-goog-metageneration': '2',
    })
  })

  test('come without a header that no header could carry', async () => {
    await store(emulator, 'f')
    await say(emulator, `PATCH ${at('f')}`, { body: { contentDisposition: 'a\r\nset-cookie: b' } })
    expect((await get('f')).headers).not.toHaveProperty('content-disposition')
  })

  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-5', '2345', 'bytes 2-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=7-99', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ])('come in part for %s, with the checksum of the whole', async (range, text, contentRange) => {
    await store(emulator, 'f', '0123456789')
    const whole = await get('f')
    const told = await get('f', range)
    expect([told.status, told.text]).toEqual([206, text])
    expect(told.headers).toMatchObject({
      'content-range': contentRange,
      'content-length': String(text.length),
      'x-goog-hash': whole.headers['x-goog-hash'],
      'x-goog-stored-content-length': '10',
    })
  })

  test.each(['bytes=10-', 'bytes=10-20', 'bytes=-0', 'bytes=99999999999999999999-'])(
    'are refused for %s with 416',
    async (range) => {
      await store(emulator, 'f', '0123456789')
      const told = await get('f', range)
      expect([told.status, told.headers['content-range']]).toEqual([416, 'bytes */10'])
      expect(told.text).toMatch(/range/)
    },
  )

  test('are refused for any range of an empty object', async () => {
    await store(emulator, 'f', '')
    expect((await get('f')).status).toBe(200)
    for (const range of ['bytes=0-', 'bytes=0-0', 'bytes=-1']) {
      const told = await get('f', range)
      expect([told.status, told.headers['content-range']]).toEqual([416, 'bytes */0'])
    }
  })

  test.each(['lines=1-2', 'bytes=5-2', 'bytes=1-2,4-5', 'bytes=-', 'x'])(
    'come whole for %s',
    async (range) => {
      await store(emulator, 'f', '0123456789')
      expect([(await get('f', range)).status, (await get('f', range)).text]).toEqual([200, '0123456789'])
    },
  )

  test('are not there for an object that is not', async () => {
    const told = await get('a<b')
    expect(told.status).toBe(404)
    expect(told.headers['content-type']).toBe('text/html; charset=UTF-8')
    expect(told.text).toBe('No such object: box/a&lt;b')
    expect(told.headers['content-length']).toBe(String(told.bytes.length))
  })

  test('are told of by HEAD, and do not come', async () => {
    await store(emulator, 'f', 'hello')
    for (const [name, range] of [['f'], ['f', 'bytes=1-2'], ['none']] as const) {
      const whole = await get(name, range)
      const head = await say(emulator, `HEAD ${door(name)}`, { headers: range ? { range } : {} })
      expect([head.status, head.text]).toEqual([whole.status, ''])
      expect(head.headers).toEqual(whole.headers)
    }
    emulator.fail('storage.objects.get', ['return-broken-stream'])
    expect((await say(emulator, `HEAD ${door('f')}`)).status).toBe(200)
  })
})
