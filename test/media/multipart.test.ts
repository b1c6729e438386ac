import { writeFile } from 'node:fs/promises'
import { DataLossError, ValidationError } from 'discokit'
import { multipart, type MultipartBody, type MultipartProgress } from 'discokit/media'
import { file } from 'discokit/node'
import { describe, expect, test } from 'vitest'
import { bytesOf, failureOf, pieces, same } from './connection.ts'
import { useFolder } from './folder.ts'

const path = useFolder()

async function read(body: MultipartBody): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body.stream()) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function boundaryOf(body: MultipartBody): string {
  return body.contentType.split('; boundary=')[1]!
}

describe('multipart', () => {
  test('writes multipart/related', async () => {
    const body = multipart({
      kind: 'related',
      parts: [
        { contentType: 'application/json', body: '{"name":"ä"}' },
        { contentType: 'image/png', headers: { 'Content-ID': '<1>' }, body: Uint8Array.of(0, 255) },
      ],
    })
    const boundary = boundaryOf(body)
    expect(body.contentType).toMatch(/^multipart\/related; boundary=[\w-]{30,70}$/)
    const bytes = await read(body)
    expect(bytes.toString('latin1')).toBe(
      `--${boundary}\r\ncontent-type: application/json\r\n\r\n{"name":"Ã¤"}\r\n` +
        `--${boundary}\r\ncontent-type: image/png\r\ncontent-id: <1>\r\n\r\n\x00\xff\r\n--${boundary}--\r\n`,
    )
    expect(body.length).toBe(bytes.length)
  })

  test('writes multipart/form-data', async () => {
    const body = multipart({
      kind: 'form-data',
      parts: [
        { name: 'file', contentType: 'application/json', body: '{}' },
        { name: 'file', fileName: 'grün.png', body: new Blob(['x'], { type: 'image/png' }) },
        { name: 'more', body: 'y' },
      ],
    })
    const boundary = boundaryOf(body)
    const bytes = await read(body)
    expect(String(bytes)).toBe(
      `--${boundary}\r\ncontent-disposition: form-data; name="file"\r\ncontent-type: application/json\r\n\r\n{}\r\n` +
        `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="grün.png"\r\ncontent-type: image/png\r\n\r\nx\r\n` +
        `--${boundary}\r\ncontent-disposition: form-data; name="more"\r\n\r\ny\r\n` +
        `--${boundary}--\r\n`,
    )
    expect(body.length).toBe(bytes.length)
  })

  test('names files by themselves and gives them the type of their ending', async () => {
    const parts = [
      { name: 'a', body: file('package.json') },
      { name: 'b', body: new File(['<p>'], 'page.html', { type: 'text/html' }) },
      { name: 'c', body: { content: 'x', name: 'a\r\n".txt' } },
    ]
    const text = String(await read(multipart({ kind: 'form-data', parts })))
    expect(text).toContain('name="a"; filename="package.json"\r\ncontent-type: application/json\r\n')
    expect(text).toContain('name="b"; filename="page.html"\r\ncontent-type: text/html\r\n')
    expect(text).toContain('name="c"; filename="a%0D%0A%22.txt"\r\ncontent-type: text/plain\r\n')
  })

  test("is what the web's own parser reads as form data", async () => {
    const name = 'a"b; c=d\\e ü'
    const body = multipart({
      kind: 'form-data',
      parts: [
        { name: 'plain', body: 'text' },
        { name: 'file', fileName: 'x".png', contentType: 'image/png', body: bytesOf(70_000) },
        { name, body: 'quoted' },
      ],
    })
    const headers = { 'content-type': body.contentType }
    const form = await new Response(new Uint8Array(await read(body)), { headers }).formData()
    expect([...form.keys()]).toEqual(['plain', 'file', name])
    const part = form.get('file') as File
    expect([part.name, part.type]).toEqual(['x".png', 'image/png'])
    expect(same(new Uint8Array(await part.arrayBuffer()), bytesOf(70_000))).toBe(true)
  })

  test.each([
    ['nothing', ''],
    ['a line end', '\r\n'],
    ['many bytes', bytesOf(300_000)],
    ['a Blob', new Blob([bytesOf(100)])],
  ])('has the length it says, of %s', async (_, content) => {
    for (const kind of ['related', 'form-data'] as const) {
      const body = multipart({ kind, parts: [1, 2, 3].map((i) => ({ name: `ü${i}`, body: content })) })
      expect((await read(body)).length).toBe(body.length)
    }
  })

  test('sends a file, and can be asked again for what can be read again', async () => {
    await writeFile(path('a.bin'), bytesOf(2_500_000))
    const body = multipart({
      kind: 'related',
      parts: [{ body: file(path('a.bin')) }, { body: new Blob(['b']) }, { body: 'c' }],
    })
    expect(body.replayable).toBe(true)
    const first = await read(body)
    expect(first.length).toBe(body.length)
    expect(first.includes(Buffer.from(bytesOf(2_500_000)))).toBe(true)
    expect(same(await read(body), first)).toBe(true)
  })

  test('knows neither its length nor a second reading with a stream in it', async () => {
    const body = multipart({ kind: 'related', parts: [{ body: 'a' }, { body: pieces(bytesOf(10), 3) }] })
    expect(body).toMatchObject({ length: undefined, replayable: false })
    expect((await read(body)).includes(Buffer.from(bytesOf(10)))).toBe(true)
    expect(await failureOf(read(body))).toBeInstanceOf(ValidationError)
  })

  test('knows its length when that of a stream is given', async () => {
    const content = pieces(bytesOf(1000), 300)
    const body = multipart({ kind: 'related', parts: [{ body: { content, length: 1000 } }] })
    expect((await read(body)).length).toBe(body.length)
    const short = multipart({
      kind: 'related',
      parts: [{ body: { content: pieces(bytesOf(9), 3), length: 10 } }],
    })
    expect(await failureOf(read(short))).toBeInstanceOf(DataLossError)
  })

  test('tells its progress, up to the whole body', async () => {
    const seen: MultipartProgress[] = []
    const body = multipart({
      kind: 'related',
      parts: [{ body: 'a' }, { body: { content: pieces(bytesOf(1000), 100), length: 1000 } }],
      onProgress: (progress) => void seen.push(progress),
    })
    expect(seen).toEqual([])
    await read(body)
    expect(seen.every(({ sent, total }, i) => total === body.length && sent > (seen[i - 1]?.sent ?? 0))).toBe(
      true,
    )
    expect(seen.at(-1)).toEqual({ sent: body.length, total: body.length })
    expect(seen.length).toBeGreaterThan(10)
  })

  test('has no total without a length', async () => {
    const seen: MultipartProgress[] = []
    const onProgress = (progress: MultipartProgress): void => void seen.push(progress)
    const body = multipart({ kind: 'related', parts: [{ body: pieces(bytesOf(10), 3) }], onProgress })
    const { length } = await read(body)
    expect(seen.at(-1)).toEqual({ sent: length, total: undefined })
  })

  test('has a boundary that is not in its content, and another each time', async () => {
    const bodies = Array.from({ length: 50 }, () => multipart({ kind: 'related', parts: [{ body: 'a' }] }))
    expect(new Set(bodies.map(boundaryOf)).size).toBe(50)
    for (const body of bodies) {
      const text = String(await read(body))
      expect(text.split(boundaryOf(body))).toHaveLength(3)
      expect(boundaryOf(body).length).toBeLessThanOrEqual(70)
    }
  })

  test('reads its parts no sooner than asked, and lets them go when left early', async () => {
    let begun = false
    let ended = false
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      begun = true
      try {
        for (;;) yield bytesOf(10)
      } finally {
        ended = true
      }
    }
    const body = multipart({ kind: 'related', parts: [{ body: source() }] })
    const reader = body.stream().getReader()
    await reader.read()
    expect(begun).toBe(false)
    await reader.read()
    expect([begun, ended]).toEqual([true, false])
    await reader.cancel()
    expect(ended).toBe(true)
  })

  test('writes a header once, however it is spelt', async () => {
    const body = multipart({
      kind: 'form-data',
      parts: [{ name: 'a', contentType: 'a/b', headers: { 'Content-Type': 'c/d', 'X-Y': '1' }, body: '' }],
    })
    expect(String(await read(body))).toContain('content-type: c/d\r\nx-y: 1\r\n\r\n')
    expect(String(await read(body))).not.toContain('a/b')
  })
})
