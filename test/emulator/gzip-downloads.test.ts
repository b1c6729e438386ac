import { gzipSync } from 'node:zlib'
import { createClient, type Download } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bytesOf } from './speak.ts'

/** What is stored as gzip, from our own emulator to our own client, both of which read the same protocol on their own. */
describe.each(['in process', 'over a port'])('an object stored as gzip, %s', (place) => {
  let emulator: Emulator
  let download: (options?: object) => Download
  const content = Buffer.from(bytesOf(1_000_000))
  const stored = gzipSync(content)

  beforeEach(async () => {
    emulator = await createEmulator({ anonymous: true })
    if (place === 'over a port') await emulator.listen()
    const google = createClient({ ...emulator.connect(), auth: anonymous(), retry: { baseDelayMs: 1 } })
    const { buckets, objects } = await google.discover('storage:v1')
    await buckets.insert({ project: 'p', body: { name: 'box' } })
    await objects.insert({ bucket: 'box', name: 'f', contentEncoding: 'gzip', media: stored })
    emulator.journal.clear()
    download = (options) => objects.get.download({ bucket: 'box', object: 'f' }, options)
  })
  afterEach(() => emulator.close())

  const same = (bytes: Uint8Array, expected: Uint8Array): boolean => Buffer.compare(bytes, expected) === 0

  test('comes inflated, and as it is on demand', async () => {
    expect(same(await download().bytes(), content)).toBe(true)
    expect(same(await download({ decompress: false }).bytes(), stored)).toBe(true)
  })

  test('goes on where it broke off', async () => {
    emulator.fail('storage.objects.get', ['return-broken-stream-after-256K', 'return-broken-stream'])
    expect(same(await download().bytes(), content)).toBe(true)
    expect(emulator.journal.exchanges.map(({ status }) => status)).toEqual([200, 206, 206])
  })

  test('is refused when it is damaged on its way', async () => {
    emulator.fail('storage.objects.get', ['return-corrupted-data'])
    await expect(download().bytes()).rejects.toMatchObject({ code: 'data_loss' })
  })
})
