import { readdir, readFile, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { type Download, DataLossError, type DownloadProgress, TransportError } from 'discokit'
import { file } from 'discokit/node'
import { afterEach, describe, expect, test } from 'vitest'
import { connectTo, failureOf } from './connection.ts'
import { useFolder } from './folder.ts'
import { type RawServer, rawServer } from './raw-server.ts'

const CRC_HELLO = 'mnG7TA==' // of 'hello'
const path = useFolder()

let server: RawServer | undefined
let close: () => Promise<void>
afterEach(async () => {
  await close()
  await server?.close()
})

/** A download from a server that answers with these headers and bytes. */
async function answering(
  headers: Record<string, string | string[]>,
  body: string | Buffer,
  options = {},
  cut = false,
): Promise<Download> {
  server = await rawServer((_request, response) => {
    response.writeHead(200, headers)
    if (cut) response.write(body, () => response.destroy())
    else response.end(body)
  })
  const { google, storage } = await connectTo(server.url, { retry: false })
  close = () => google.close()
  return storage.objects.get.download({ bucket: 'b', object: 'o' }, options)
}

describe('a download', () => {
  test('is verified by the checksum among others, in one header or several', async () => {
    const hashes = [
      `crc32c=${CRC_HELLO}`,
      `md5=XUFAKrxLKna5cZ2REBfFkg==,crc32c=${CRC_HELLO}`,
      [`md5=XUFAKrxLKna5cZ2REBfFkg==`, `crc32c=${CRC_HELLO}`],
    ]
    for (const hash of hashes) {
      const download = await answering({ 'x-goog-hash': hash }, 'hello')
      expect(await download.to(file(path('a')))).toMatchObject({ verified: true, crc32c: CRC_HELLO })
      await close()
      await server!.close()
    }
  })

  test('without a checksum is compared by its length alone, and says so', async () => {
    const download = await answering({ 'content-length': '5', 'content-type': 'text/x' }, 'hello')
    expect(await download.to(file(path('a')))).toEqual({
      length: 5,
      contentType: 'text/x',
      crc32c: CRC_HELLO,
      verified: false,
    })
  })

  test('with an MD5 only is verified by that', async () => {
    const download = await answering({ 'x-goog-hash': 'md5=XUFAKrxLKna5cZ2REBfFkg==' }, 'hello')
    expect(await download.to(file(path('a')))).toMatchObject({ verified: true })
    await close()
    await server!.close()
    const wrong = await answering({ 'x-goog-hash': 'md5=XUFAKrxLKna5cZ2REBfFkg==' }, 'hallo')
    expect(await failureOf(wrong.bytes())).toMatchObject({
      name: 'DataLossError',
      expected: 'XUFAKrxLKna5cZ2REBfFkg==',
    })
  })

  test('is an error when the checksum is another one', async () => {
    const download = await answering({ 'x-goog-hash': 'crc32c=AAAAAA==' }, 'hello')
    const failure = await failureOf(download.text())
    expect(failure).toBeInstanceOf(DataLossError)
    expect(failure).toMatchObject({ expected: 'AAAAAA==', actual: CRC_HELLO })
  })

  test.each([
    ['with a length', { 'content-length': '10' }],
    ['in chunks', {}],
  ])('that the server cuts short %s is an error, and the old file stays', async (_, headers) => {
    await writeFile(path('a'), 'old')
    const download = await answering(headers, 'hello', {}, true)
    const failure = await failureOf(download.to(file(path('a'))))
    expect(failure).toBeInstanceOf(TransportError)
    expect(failure).toMatchObject({ reason: 'ANSWER_CUT_SHORT', progress: 'answered' })
    expect(await readdir(path())).toEqual(['a'])
    expect(await readFile(path('a'), 'utf8')).toBe('old')
  })

  test('of an object stored as gzip that the server inflates is not compared', async () => {
    const stored = gzipSync('hello')
    const download = await answering(
      {
        'x-goog-hash': 'crc32c=AAAAAA==',
        'x-goog-stored-content-encoding': 'gzip',
        'x-goog-stored-content-length': String(stored.length),
      },
      'hello',
    )
    expect(await download.to(file(path('a')))).toMatchObject({ length: 5, verified: false })
    expect(await readFile(path('a'), 'utf8')).toBe('hello')
  })

  test('has no total when the server does not tell it', async () => {
    const seen: DownloadProgress[] = []
    const onProgress = (progress: DownloadProgress): void => void seen.push(progress)
    await (await answering({}, 'hello', { onProgress })).text()
    expect(seen).toMatchObject([
      { received: 0, total: undefined },
      { received: 5, total: undefined },
    ])
  })
})
