import { gzipSync } from 'node:zlib'
import { readdir, readFile } from 'node:fs/promises'
import { type Client, type Download, type DownloadProgress, fetchTransport } from 'discokit'
import { file } from 'discokit/node'
import { afterEach, describe, expect, test } from 'vitest'
import { codecs as web } from '../../src/platform/web.ts'
import { codecs as node } from '../../src/platform/node.ts'
import { bytesOf, connectTo, failureOf, pieces, same } from './connection.ts'
import { type ContentServer, contentServer, type Mishap, type ServedContent } from './content-server.ts'
import { useFolder } from './folder.ts'

const PLAIN = Buffer.from('a line of text that comes again and again\n'.repeat(20_000))
const NOISE = bytesOf(400_000)
const path = useFolder()

let server: ContentServer
let google: Client
afterEach(async () => {
  await google.close()
  await server.close()
})

async function downloading(
  content: ServedContent,
  options = {},
  mishaps: Mishap[] = [],
  client = {},
): Promise<Download> {
  server = await contentServer(content, ...mishaps)
  const connection = await connectTo(server.url, client)
  google = connection.google
  return connection.storage.objects.get.download({ bucket: 'b', object: 'o' }, options)
}

/** Stored with `contentEncoding: gzip`, as it comes to those who accept gzip. */
function storedAsGzip(bytes: Uint8Array): ServedContent {
  const headers = { 'content-encoding': 'gzip', 'x-goog-stored-content-encoding': 'gzip' }
  return { bytes, generation: '7', headers }
}

describe('what is stored as gzip', () => {
  test('is compared as stored and given inflated', async () => {
    const stored = gzipSync(PLAIN)
    const seen: DownloadProgress[] = []
    const onProgress = (progress: DownloadProgress): void => void seen.push(progress)
    const download = await downloading(storedAsGzip(stored), { onProgress })
    expect(await download.to(file(path('a')))).toMatchObject({ length: PLAIN.length, verified: true })
    expect(same(await readFile(path('a')), PLAIN)).toBe(true)
    expect(server.requests[0]!.headers['accept-encoding']).toBe('gzip')
    expect(seen.at(-1)).toMatchObject({ received: stored.length, total: stored.length })
  })

  test('is given as stored when it is not to be inflated', async () => {
    const stored = gzipSync(PLAIN)
    const download = await downloading(storedAsGzip(stored), { decompress: false })
    expect(same(await download.bytes(), stored)).toBe(true)
  })

  test('is given as stored when a range of what is stored is asked for', async () => {
    const stored = gzipSync(PLAIN)
    const options = { range: { first: 0, last: 9 }, decompress: false }
    const download = await downloading(storedAsGzip(stored), options)
    expect(same(await download.bytes(), stored.subarray(0, 10))).toBe(true)
    expect(server.requests[0]!.headers['accept-encoding']).toBe('gzip')
  })

  test('is inflated by Cloud Storage when a range of what is meant is asked for', async () => {
    const headers = { 'x-goog-stored-content-encoding': 'gzip' }
    const content = { bytes: PLAIN, generation: '7', ranges: false, length: false, headers }
    const download = await downloading(content, { range: { first: 2, last: 11 } })
    expect(same(await download.bytes(), PLAIN.subarray(2, 12))).toBe(true)
    expect(server.requests[0]!.headers['accept-encoding']).toBe('identity')
  })

  test.each<[object, boolean]>([
    [{ range: { first: 0, last: 9 } }, true],
    [{ range: { first: 0, last: 9 } }, false],
    [{ headers: { Range: 'bytes=0-9' } }, true],
  ])('is not given in pieces to those who ask for what is meant: %j', async (options, ranges) => {
    const download = await downloading({ ...storedAsGzip(gzipSync(PLAIN)), ranges }, options)
    expect(await failureOf(download.bytes())).toMatchObject({
      name: 'ParseError',
      message: expect.stringContaining('decompress: false'),
    })
    expect(server.requests).toHaveLength(1)
  })

  test('is whole where the header of a range is not heeded', async () => {
    const content = { ...storedAsGzip(gzipSync(PLAIN)), ranges: false }
    const download = await downloading(content, { headers: { Range: 'bytes=0-9' } })
    expect(same(await download.bytes(), PLAIN)).toBe(true)
  })

  test.each([0, 10, 399_000])('is gone on with after %i bytes of what is stored', async (resetAfter) => {
    const download = await downloading(storedAsGzip(gzipSync(NOISE)), {}, [{ resetAfter }])
    expect(same(await download.bytes(), NOISE)).toBe(true)
    expect(server.requests).toHaveLength(2)
  })

  test('is an error when its bytes are not those of the checksum, and nothing is saved', async () => {
    const stored = storedAsGzip(gzipSync(PLAIN))
    const headers = { ...stored.headers, 'x-goog-hash': 'crc32c=AAAAAA==' }
    const download = await downloading({ ...stored, headers })
    expect(await failureOf(download.to(file(path('a'))))).toMatchObject({
      name: 'DataLossError',
      expected: 'AAAAAA==',
    })
    expect(await readdir(path())).toEqual([])
  })

  test('of several members, or of nothing, is whole', async () => {
    const two = await downloading(storedAsGzip(Buffer.concat([gzipSync('one '), gzipSync('two')])))
    expect(await two.text()).toBe('one two')
    await google.close()
    await server.close()
    const nothing = await downloading(storedAsGzip(Buffer.alloc(0)))
    expect(await nothing.text()).toBe('')
  })

  test('and is not gzip is an error that says how to have it', async () => {
    const content = storedAsGzip(Buffer.from('plain after all'))
    const download = await downloading(content)
    expect(await failureOf(download.bytes())).toMatchObject({
      name: 'DataLossError',
      message: expect.stringContaining('decompress: false'),
    })
  })

  test('is not compared when the server inflates it, and not gone on with', async () => {
    const headers = {
      'x-goog-hash': 'crc32c=AAAAAA==',
      'x-goog-stored-content-encoding': 'gzip',
      'x-goog-stored-content-length': '60',
    }
    const download = await downloading({ bytes: PLAIN, generation: '7', headers })
    expect(await download.to(file(path('a')))).toMatchObject({ length: PLAIN.length, verified: false })
    server.mishaps = [{ resetAfter: 600_000 }]
    const again = (await connectTo(server.url)).storage.objects.get.download({ bucket: 'b', object: 'o' })
    expect(await failureOf(again.bytes())).toMatchObject({ name: 'TransportError' })
  })
})

describe('what the server makes gzip for the way', () => {
  test('is inflated, compared with the checksum of what is stored, and gone on with in plain', async () => {
    const coded = gzipSync(NOISE)
    const onTheWay: Mishap = (_, response) => {
      response.writeHead(200, {
        'content-encoding': 'gzip',
        'x-goog-stored-content-encoding': 'identity',
        'x-goog-stored-content-length': String(NOISE.length),
        'x-goog-generation': '7',
      })
      response.write(coded.subarray(0, 300_000), () => setImmediate(() => response.destroy()))
    }
    const download = await downloading({ bytes: NOISE, generation: '7' }, { retry: { baseDelayMs: 1 } }, [
      onTheWay,
    ])
    expect(same(await download.bytes(), NOISE)).toBe(true)
    expect(server.requests[1]!.headers).toMatchObject({ 'accept-encoding': 'identity' })
    expect(server.requests[1]!.headers['range']).toMatch(/^bytes=[1-9]\d*-$/)
  })
})

describe('a coding that was not asked for', () => {
  const coded = (coding: string, headers = {}): ServedContent => ({
    bytes: NOISE,
    generation: '7',
    headers: { 'content-encoding': coding, ...headers },
  })

  test.each(['deflate', 'br', 'gzip, br'])('%s is a ParseError', async (coding) => {
    const download = await downloading(coded(coding))
    expect(await failureOf(download.to(file(path('a'))))).toMatchObject({
      name: 'ParseError',
      status: 200,
      message: expect.stringContaining(`in the coding ${coding}`),
    })
    expect(await readdir(path())).toEqual([])
    expect(server.requests).toHaveLength(1)
  })

  test('is given as it is where it is what is stored, or nothing is to be taken off', async () => {
    const stored = coded('br', { 'x-goog-stored-content-encoding': 'br' })
    const download = await downloading(stored)
    expect(await download.to(file(path('a')))).toMatchObject({ verified: true })
    server.content = coded('br')
    const { storage } = await connectTo(server.url)
    const again = storage.objects.get.download({ bucket: 'b', object: 'o' }, { decompress: false })
    expect(same(await again.bytes(), NOISE)).toBe(true)
  })
})

describe('a bomb', () => {
  const bomb = gzipSync(Buffer.alloc(80_000_000))

  test('is not held in memory beyond the limit', async () => {
    const download = await downloading(storedAsGzip(bomb))
    expect(await failureOf(download.bytes())).toMatchObject({
      name: 'TransportError',
      reason: 'ANSWER_TOO_LARGE',
      message: expect.stringContaining('more than 67108864 bytes'),
    })
  })

  test('that the server makes for the way is not either', async () => {
    const onTheWay: Mishap = (_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'x-goog-stored-content-encoding': 'identity' })
      response.end(bomb)
    }
    const download = await downloading({ bytes: PLAIN }, {}, [onTheWay, onTheWay])
    expect(await failureOf(download.text())).toMatchObject({ reason: 'ANSWER_TOO_LARGE' })
    const { storage } = await connectTo(server.url)
    const more = storage.objects.get.download({ bucket: 'b', object: 'o' }, { maxAnswerBytes: 1e8 })
    expect(await more.bytes()).toHaveLength(80_000_000)
  })

  test('is given as a stream, or to those who allow for more', async () => {
    const download = await downloading(storedAsGzip(bomb))
    let length = 0
    for await (const chunk of download) length += chunk.length
    expect(length).toBe(80_000_000)
    const { storage } = await connectTo(server.url)
    const more = storage.objects.get.download({ bucket: 'b', object: 'o' }, { maxAnswerBytes: 1e8 })
    expect(await more.bytes()).toHaveLength(80_000_000)
  })

  test('of any content is refused by maxAnswerBytes', async () => {
    const download = await downloading({ bytes: NOISE, generation: '7' }, { maxAnswerBytes: 399_999 })
    expect(await failureOf(download.text())).toMatchObject({ reason: 'ANSWER_TOO_LARGE' })
  })
})

test('a transport that inflates by itself gives what is meant, unverified', async () => {
  const stored = gzipSync(PLAIN)
  const download = await downloading(storedAsGzip(stored), {}, [], { transport: fetchTransport() })
  expect(await download.to(file(path('a')))).toMatchObject({ length: PLAIN.length, verified: false })
  expect(same(await readFile(path('a')), PLAIN)).toBe(true)
})

describe.each([
  ['Node', node],
  ['the web', web],
])('gunzip of %s', (name, { gunzip }) => {
  const stored = gzipSync(PLAIN.subarray(0, 5_000))

  async function inflated(bytes: Uint8Array, size = 64): Promise<Buffer> {
    const chunks: Uint8Array[] = []
    for await (const chunk of gunzip(pieces(bytes, size))) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  test('gives the bytes, however they are cut', async () => {
    for (const size of [1, 7, 64, 10_000])
      expect(same(await inflated(stored, size), PLAIN.subarray(0, 5_000))).toBe(true)
  })

  test('rejects when any of the last 64 bytes is missing', async () => {
    for (let missing = 1; missing <= 64; missing++)
      await expect(inflated(stored.subarray(0, -missing)), `${missing}`).rejects.toThrow()
  })

  const tails: [string, Buffer][] = [
    ['text', Buffer.from('garbage')],
    ['half a header', Buffer.from([0x1f, 0x8b])],
  ]
  // Streams of the web are not the same everywhere about zeros: Node's pass over them.
  if (name === 'Node') tails.push(['zeros', Buffer.alloc(20)])

  test.each(tails)('rejects when %s comes after the end', async (_, tail) => {
    for (const size of [3, stored.length, 10_000])
      await expect(inflated(Buffer.concat([stored, tail]), size)).rejects.toThrow()
  })

  test('rejects with the error of its source', async () => {
    const failure = new Error('mine')
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield stored.subarray(0, 30)
      throw failure
    }
    const read = async (): Promise<void> => {
      for await (const _ of gunzip(failing())) continue
    }
    await expect(read()).rejects.toBe(failure)
  })

  test('ends its source when it is left', async () => {
    let end: (() => void) | undefined
    const ended = new Promise<void>((resolve) => (end = resolve))
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        yield gzipSync(NOISE).subarray(0, 300_000)
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve))
          yield new Uint8Array(0)
        }
      } finally {
        end!()
      }
    }
    for await (const _ of gunzip(endless())) break
    await ended
  })
})
