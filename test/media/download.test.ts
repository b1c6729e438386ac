import { readFile, writeFile } from 'node:fs/promises'
import { type Download, type DownloadProgress, NotFoundError } from 'discokit'
import { file } from 'discokit/node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bytesOf, connect, type Connection, failureOf, MANNERS, same } from './connection.ts'
import { useFolder } from './folder.ts'

const BYTES = bytesOf(1_500_000)
const TEXT = 'zażółć 👋\n'.repeat(60_000)
const GET = 'storage.objects.get'
const path = useFolder()

describe.each(MANNERS)('a download, %s', (manner) => {
  let box: Connection
  beforeAll(async () => {
    box = await connect(manner)
    await box.storage.objects.insert({
      bucket: 'box',
      name: 'a',
      media: { content: BYTES, contentType: 'x/y' },
    })
    await box.storage.objects.insert({ bucket: 'box', name: 'text', media: TEXT })
    await box.storage.objects.insert({ bucket: 'box', name: 'empty', media: '' })
  })
  afterAll(() => box.close())
  beforeEach(() => box.emulator.journal.clear())

  const download = (object = 'a', options = {}): Download =>
    box.storage.objects.get.download({ bucket: 'box', object }, options)

  /** Each way to read, as one that gives the bytes. */
  const ways: Record<string, (download: Download) => Promise<Uint8Array>> = {
    bytes: (each) => each.bytes(),
    text: async (each) => Buffer.from(await each.text()),
    stream: async (each) => new Uint8Array(await new Response(each.stream() as never).arrayBuffer()),
    'for await': async (each) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of each) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    'a loop over the stream': async (each) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of each.stream() as never as AsyncIterable<Uint8Array>) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
    to: async (each) => {
      await each.to(file(path('copy')))
      return readFile(path('copy'))
    },
  }

  describe.each(Object.keys(ways))('read with %s', (way) => {
    const read = ways[way]!

    test('gives the bytes', async () => {
      expect(same(await read(download('text')), Buffer.from(TEXT))).toBe(true)
      if (way !== 'text') expect(same(await read(download()), BYTES)).toBe(true)
    })

    test('gives nothing of an empty object', async () => {
      expect(await read(download('empty'))).toHaveLength(0)
    })

    test('sends nothing before it is read, and one request when it is', async () => {
      const lazy = download()
      await new Promise((resolve) => setImmediate(resolve))
      expect(box.emulator.journal.exchanges).toEqual([])
      await read(lazy)
      expect(box.calls(GET).map(({ path: target }) => target)).toEqual([
        '/download/storage/v1/b/box/o/a?alt=media',
      ])
      expect(box.calls(GET)[0]!.headers).toMatchObject({ 'accept-encoding': 'gzip' })
    })

    test('is begun once, whichever way comes second', async () => {
      const once = download()
      await read(once)
      for (const again of Object.values(ways)) {
        const failure = await failureOf(Promise.resolve().then(() => again(once)))
        expect(failure).toBeInstanceOf(TypeError)
        expect(failure.message).toContain('storage.objects.get: this download was begun already')
      }
      expect(box.calls(GET)).toHaveLength(1)
    })

    test('is a NotFoundError when there is no such object', async () => {
      expect(await failureOf(read(download('nope')))).toBeInstanceOf(NotFoundError)
    })

    test('is an error when the bytes are changed on their way', async () => {
      box.emulator.fail(GET, ['return-corrupted-data'])
      expect(await failureOf(read(download('text')))).toMatchObject({
        name: 'DataLossError',
        code: 'data_loss',
        message: expect.stringContaining('CRC-32C'),
      })
    })

    test('goes on where the answer broke off, with the same version', async () => {
      box.emulator.fail(GET, ['return-broken-stream-after-64K', 'return-broken-stream', 'return-503'])
      expect(same(await read(download('text')), Buffer.from(TEXT))).toBe(true)
      const [first, ...others] = box.calls(GET)
      expect(others).toHaveLength(3)
      expect(first!.headers).not.toHaveProperty('range')
      for (const { path: target, headers } of others) {
        expect(target).toMatch(/\?alt=media&generation=\d+$/)
        expect(headers['range']).toMatch(/^bytes=[1-9]\d*-$/)
      }
    })

    test('is an error when the answer breaks off and nothing is to be tried again', async () => {
      box.emulator.fail(GET, ['return-broken-stream-after-64K'])
      expect(await failureOf(read(download('text', { retry: false })))).toMatchObject({
        name: 'TransportError',
        progress: 'answered',
      })
    })

    test('settles with the reason when it is aborted in the middle', async () => {
      const controller = new AbortController()
      const onProgress = ({ received }: DownloadProgress): void => {
        if (received > 0) controller.abort('enough')
      }
      const failure = await failureOf(read(download('a', { signal: controller.signal, onProgress })))
      expect(failure).toBe('enough')
    })
  })

  test('rejects, and does not throw, when it was begun already', async () => {
    const once = download()
    await once.bytes()
    const results = [once.bytes(), once.text(), once.to(file(path('b')))]
    for (const result of results) await expect(result).rejects.toBeInstanceOf(TypeError)
  })

  test('tells what was saved, and that it was verified', async () => {
    const { crc32c } = await box.storage.objects.get({ bucket: 'box', object: 'a' })
    expect(await download().to(file(path('b')))).toEqual({
      length: BYTES.length,
      contentType: 'x/y',
      crc32c,
      verified: true,
    })
    expect(await download('empty').to(file(path('c')))).toMatchObject({
      length: 0,
      crc32c: 'AAAAAA==',
      verified: true,
    })
    expect(await readFile(path('c'))).toHaveLength(0)
  })

  test('of a range is not compared with the checksum of the whole', async () => {
    const range = (value: string): Download => download('a', { headers: { range: value } })
    expect(same(await range('bytes=0-9').bytes(), BYTES.subarray(0, 10))).toBe(true)
    expect(same(await range('bytes=-5').bytes(), BYTES.subarray(-5))).toBe(true)
    expect(same(await range('bytes=0-').bytes(), BYTES)).toBe(true)
    const summary = await range('bytes=100000-1300000').to(file(path('part')))
    expect(summary).toMatchObject({ length: 1_200_001, verified: false })
    expect(same(await readFile(path('part')), BYTES.subarray(100_000, 1_300_001))).toBe(true)
    await expect(range('bytes=9999999-').bytes()).rejects.toMatchObject({ status: 416 })
  })

  test('tells its progress from nothing to the total', async () => {
    const seen: DownloadProgress[] = []
    await download('a', { onProgress: (progress: DownloadProgress) => void seen.push(progress) }).bytes()
    expect(seen[0]).toMatchObject({ received: 0, total: BYTES.length })
    expect(seen.at(-1)).toMatchObject({ received: BYTES.length, total: BYTES.length, remainingMs: 0 })
    expect(seen.every(({ received }, i) => i === 0 || received > seen[i - 1]!.received)).toBe(true)
    seen.length = 0
    await download('empty', { onProgress: (progress: DownloadProgress) => void seen.push(progress) }).text()
    expect(seen).toMatchObject([{ received: 0, total: 0 }])
  })

  test('is tried again when the answer is 503, and when the connection breaks before it', async () => {
    box.emulator.fail(GET, ['return-503', 'return-reset-connection'])
    expect(same(await download().bytes(), BYTES)).toBe(true)
    expect(box.calls(GET)).toHaveLength(3)
  })

  test('goes through memory piece by piece into an upload', async () => {
    const copy = await box.storage.objects.insert({ bucket: 'box', name: 'copy', media: download() })
    expect(copy.size).toBe(String(BYTES.length))
    expect(same(await download('copy').bytes(), BYTES)).toBe(true)
  })

  test('that is changed on its way into an upload stores nothing', async () => {
    box.emulator.fail(GET, ['return-corrupted-data'])
    const call = box.storage.objects.insert({ bucket: 'box', name: 'bad copy', media: download() })
    await expect(call).rejects.toMatchObject({ name: 'DataLossError' })
    expect(await box.stored('bad copy')).toBeUndefined()
  })

  test('of 20 MiB arrives whole', async () => {
    const big = bytesOf(20 * 1_048_576)
    await writeFile(path('big'), big)
    await box.storage.objects.insert({ bucket: 'box', name: 'big', media: file(path('big')) })
    expect(same(await download('big').bytes(), big)).toBe(true)
    await download('big').to(file(path('big copy')))
    expect(same(await readFile(path('big copy')), big)).toBe(true)
  })
})
