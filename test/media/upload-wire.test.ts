import { type HttpRequest, type StreamBody, type Transport, type UploadProgress } from 'discokit'
import { describe, expect, test } from 'vitest'
import { connectTo } from './connection.ts'
import { rawServer } from './raw-server.ts'

interface Captured {
  readonly request: HttpRequest
  readonly text: string
}

/** Sends one upload through a transport that keeps what it was given. */
async function capture(parameters: object, options: object = {}): Promise<Captured> {
  let captured: Captured | undefined
  const transport: Transport = async (request) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of (request.body as StreamBody).open()) chunks.push(chunk)
    captured = { request, text: Buffer.concat(chunks).toString('latin1') }
    return { status: 200, headers: { 'content-length': '0' }, body: { cancel: () => {} } as any }
  }
  const { storage } = await connectTo('http://127.0.0.1:1', { transport })
  await storage.objects.insert({ bucket: 'b x', ...parameters }, options)
  return captured!
}

describe('a simple upload', () => {
  test('is a POST of the bytes alone, with the name in the query', async () => {
    const { request, text } = await capture({ name: 'ä/1&2.bin', ifGenerationMatch: '0', media: 'grün' })
    expect(request.method).toBe('POST')
    expect(request.url).toBe(
      'http://127.0.0.1:1/upload/storage/v1/b/b%20x/o?uploadType=media&name=%C3%A4%2F1%262.bin&ifGenerationMatch=0',
    )
    expect(request.headers).toEqual({
      'content-type': 'application/octet-stream',
      'user-agent': expect.stringContaining('discokit/'),
    })
    expect(request.body).toMatchObject({ length: 5, replayable: true })
    expect(text).toBe(Buffer.from('grün').toString('latin1'))
  })

  test('of a stream says that it can be sent once and has no length', async () => {
    const { request } = await capture(
      { name: 'a', media: new Blob(['abc']).stream() },
      { upload: { kind: 'simple' } },
    )
    expect(request.body).toMatchObject({ length: undefined, replayable: false })
  })
})

describe('a multipart upload', () => {
  test('has two parts, metadata and media, framed by CRLF', async () => {
    const { request, text } = await capture({
      body: { name: 'ä.png', contentType: 'image/png', metadata: { gone: undefined } },
      media: Uint8Array.of(0, 255, 13, 10),
    })
    const boundary = /^multipart\/related; boundary=(discokit-[\w-]{32})$/.exec(
      request.headers['content-type']!,
    )?.[1]
    expect(request.url).toBe('http://127.0.0.1:1/upload/storage/v1/b/b%20x/o?uploadType=multipart')
    expect(text).toBe(
      `--${boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n` +
        Buffer.from('{"name":"ä.png","contentType":"image/png","metadata":{}}').toString('latin1') +
        `\r\n--${boundary}\r\ncontent-type: image/png\r\n\r\n\x00\xff\r\n\r\n--${boundary}--\r\n`,
    )
    expect(request.body).toMatchObject({ length: text.length, replayable: true })
  })

  test('has another boundary each time, which tells nothing of the content', async () => {
    const boundaries = new Set<string>()
    for (let i = 0; i < 20; i++) {
      boundaries.add((await capture({ body: { name: 'a' }, media: 'same' })).request.headers['content-type']!)
    }
    expect(boundaries.size).toBe(20)
  })

  test.each([
    ['without content', ''],
    ['that ends in a line end', 'a\r\n'],
    ['that ends in dashes', 'a\r\n--'],
    ['that looks like a boundary', '\r\n--discokit-\r\n'],
  ])('of content %s gives it back byte for byte', async (_, content) => {
    const { request, text } = await capture({ body: { name: 'a' }, media: content })
    const boundary = request.headers['content-type']!.split('boundary=')[1]!
    const media = text.split(`\r\n--${boundary}`)[1]!
    expect(media.slice(media.indexOf('\r\n\r\n') + 4)).toBe(content)
    expect(request.body).toMatchObject({ length: text.length })
  })

  test('writes null as metadata when the body is null', async () => {
    const { text } = await capture({ name: 'a', body: null, media: 'x' })
    expect(text).toContain('\r\n\r\nnull\r\n')
  })

  test('counts the content in its progress, not its frame', async () => {
    const seen: UploadProgress[] = []
    const onProgress = (progress: UploadProgress): void => void seen.push(progress)
    await capture({ body: { name: 'a' }, media: 'abc' }, { onProgress })
    expect(seen.map(({ sent, acknowledged, total }) => [sent, acknowledged, total])).toEqual([
      [0, 0, 3],
      [3, 0, 3],
      [3, 3, 3],
    ])
  })
})

describe('on the wire', () => {
  test.each([
    ['simple', { name: 'a' }],
    ['multipart', { body: { name: 'a' } }],
  ])('a %s upload has a length, or is chunked when there is none', async (kind, parameters) => {
    const seen: { raw: string[]; length: number }[] = []
    const server = await rawServer(async (request, response) => {
      let length = 0
      for await (const chunk of request) length += chunk.length
      seen.push({ raw: request.rawHeaders, length })
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
    const { google, storage } = await connectTo(server.url)
    await storage.objects.insert({ bucket: 'b', ...parameters, media: Buffer.alloc(100_000) })
    await storage.objects.insert(
      { bucket: 'b', ...parameters, media: new Blob(['abc']).stream() },
      { upload: { kind } },
    )
    await google.close()
    await server.close()
    const [known, unknown] = seen
    const values = (raw: string[], name: string): string[] =>
      raw.filter((_value, i) => i % 2 === 1 && raw[i - 1]!.toLowerCase() === name)
    expect(values(known!.raw, 'content-length')).toEqual([String(known!.length)])
    expect(values(known!.raw, 'transfer-encoding')).toEqual([])
    expect(values(unknown!.raw, 'content-length')).toEqual([])
    expect(values(unknown!.raw, 'transfer-encoding')).toEqual(['chunked'])
    expect(values(known!.raw, 'content-type')).toHaveLength(1)
  })
})
