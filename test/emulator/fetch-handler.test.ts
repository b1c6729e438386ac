import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.ts'
import { at, bytesOf, openStorage, say } from './speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

describe('fetch', () => {
  const upload = 'http://emulator.localhost/upload/storage/v1/b/box/o?uploadType=media&name=f'

  test('answers the Request of the web with a Response', async () => {
    const content = bytesOf(300_000)
    const stored = await emulator.fetch(
      new Request(upload, { method: 'POST', body: new Blob([content as Uint8Array<ArrayBuffer>]) }),
    )
    expect(await stored.json()).toMatchObject({ name: 'f', size: '300000' })
    const got = await emulator.fetch(new Request(`http://emulator.localhost${at('f')}?alt=media`))
    expect(got.headers.get('x-goog-stored-content-length')).toBe('300000')
    expect(Buffer.compare(new Uint8Array(await got.arrayBuffer()), content)).toBe(0)
    const gone = await emulator.fetch(
      new Request(`http://emulator.localhost${at('f')}`, { method: 'DELETE' }),
    )
    expect([gone.status, gone.body]).toEqual([204, null])
  })

  test('has the answers of resumable uploads, 308 and 499 among them', async () => {
    const begun = await emulator.fetch(
      new Request(upload.replace('uploadType=media', 'uploadType=resumable'), { method: 'POST' }),
    )
    const url = begun.headers.get('location')!
    const part = { 'content-range': 'bytes 0-262143/*' }
    const body = new Blob([bytesOf(262_144) as Uint8Array<ArrayBuffer>])
    const first = await emulator.fetch(new Request(url, { method: 'PUT', headers: part, body }))
    expect([first.status, first.headers.get('range')]).toEqual([308, 'bytes=0-262143'])
    expect((await emulator.fetch(new Request(url, { method: 'DELETE' }))).status).toBe(499)
  })

  test('stores nothing of a stream that fails', async () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(5)),
      pull: (controller) => controller.error(new Error('broken')),
    })
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' }
    await expect(emulator.fetch(new Request(upload, init))).rejects.toThrow('broken')
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
  })

  test('rejects where a connection would be reset', async () => {
    emulator.fail('storage.buckets.get', ['return-reset-connection'])
    const asked = emulator.fetch(new Request('http://emulator.localhost/storage/v1/b/box'))
    await expect(asked).rejects.toMatchObject({ reason: 'ECONNRESET' })
  })
})
