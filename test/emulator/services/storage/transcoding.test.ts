import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { at, bytesOf, openStorage, say, store, type Told } from '../../speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

const content = Buffer.from('hello '.repeat(1000))
const stored = gzipSync(content)
const get = (headers: Record<string, string> = {}): Promise<Told> =>
  say(emulator, `GET ${at('f')}?alt=media`, { headers })

describe('an object that is stored as gzip', () => {
  let hash: string
  beforeEach(async () => {
    const { json } = await store(emulator, 'f', stored, { contentEncoding: 'gzip' })
    hash = `crc32c=${json.crc32c},md5=${json.md5Hash}`
  })

  test.each([undefined, 'identity', 'br', 'gzip;q=0', 'deflate, br;q=1.0', ''])(
    'is inflated for a caller that takes %s',
    async (accepted) => {
      const told = await get(accepted === undefined ? {} : { 'accept-encoding': accepted })
      expect([told.status, Buffer.compare(told.bytes, content)]).toEqual([200, 0])
      for (const name of ['content-length', 'content-encoding', 'accept-ranges'])
        expect(told.headers).not.toHaveProperty(name)
      expect(told.headers).toMatchObject({
        'x-goog-hash': hash,
        'x-goog-stored-content-encoding': 'gzip',
        'x-goog-stored-content-length': String(stored.length),
        vary: 'Accept-Encoding',
      })
    },
  )

  test.each(['gzip', 'GZIP', 'deflate, gzip', 'gzip;q=0.5', '*'])(
    'comes as it is for a caller that takes %s',
    async (accepted) => {
      const told = await get({ 'accept-encoding': accepted })
      expect(Buffer.compare(told.bytes, stored)).toBe(0)
      expect(told.headers).toMatchObject({
        'content-encoding': 'gzip',
        'content-length': String(stored.length),
        'x-goog-hash': hash,
      })
    },
  )

  test('comes whole when a part of it is asked for and it is inflated', async () => {
    for (const range of ['bytes=0-9', 'bytes=-1', 'bytes=99999999-']) {
      const told = await get({ range })
      expect([told.status, Buffer.compare(told.bytes, content)]).toEqual([200, 0])
    }
    const part = await get({ range: 'bytes=0-9', 'accept-encoding': 'gzip' })
    expect([part.status, Buffer.compare(part.bytes, stored.subarray(0, 10))]).toEqual([206, 0])
  })

  test.each(['no-transform', 'public, no-transform', 'NO-TRANSFORM,max-age=1'])(
    'is never inflated with the cache control %s',
    async (cacheControl) => {
      await say(emulator, `PATCH ${at('f')}`, { body: { cacheControl } })
      expect(Buffer.compare((await get()).bytes, stored)).toBe(0)
    },
  )

  test('is told of by HEAD as by GET', async () => {
    const head = await say(emulator, `HEAD ${at('f')}?alt=media`)
    expect([head.status, head.headers, head.text]).toEqual([200, (await get()).headers, ''])
  })
})

test('bytes that only say they are gzip come as they are', async () => {
  for (const bytes of ['hello', '', '\x1f']) {
    await store(emulator, 'f', bytes, { contentEncoding: 'gzip' })
    expect([(await get()).status, (await get()).text]).toEqual([200, bytes])
  }
})

test('damaged gzip breaks off', async () => {
  const large = gzipSync(bytesOf(300_000))
  await store(emulator, 'f', large.subarray(0, 200_000), { contentEncoding: 'gzip' })
  await expect(get()).rejects.toThrow()
})

test('much gzip is inflated piece by piece, and can be given up', async () => {
  const bytes = bytesOf(3_000_000)
  await store(emulator, 'f', gzipSync(bytes), { contentEncoding: 'gzip' })
  expect(Buffer.compare((await get()).bytes, bytes)).toBe(0)
  const request = { method: 'GET', url: `${emulator.url}${at('f')}?alt=media`, headers: {} }
  const { body } = await emulator.handle(request)
  for await (const chunk of body) {
    expect(Buffer.compare(chunk, bytes.subarray(0, chunk.length))).toBe(0)
    break
  }
  const unread = await emulator.handle(request)
  unread.body.cancel()
  expect(gunzipSync((await get({ 'accept-encoding': 'gzip' })).bytes)).toHaveLength(bytes.length)
})
