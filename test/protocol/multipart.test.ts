import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HttpHeaders, HttpRequestBody, StreamBody } from '../../src/protocol/http.ts'
import { collect } from '../../src/protocol/http-body.ts'
import { headerParameter, quoted } from '../../src/protocol/header-value.ts'
import { decodeMultipart } from '../../src/protocol/multipart-decode.ts'
import { bodyLength, isReplayable } from '../../src/protocol/body-facts.ts'
import { encodeMultipart } from '../../src/protocol/multipart-encode.ts'
import { chunkSizes, cut, Source, utf8 } from './chunks.ts'

interface WholePart {
  readonly headers: HttpHeaders
  readonly body: Uint8Array
}

describe('encodeMultipart', () => {
  test('writes metadata and media as Drive and Cloud Storage document them', async () => {
    const body = encodeMultipart(
      [
        { headers: { 'content-type': 'application/json; charset=UTF-8' }, body: '{"name":"myObject"}' },
        { headers: { 'content-type': 'image/jpeg' }, body: Uint8Array.of(0xff, 0xd8, 0xff) },
      ],
      'foo_bar_baz',
    )
    const expected = Buffer.concat([
      utf8('--foo_bar_baz\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n{"name":"myObject"}\r\n'),
      utf8('--foo_bar_baz\r\ncontent-type: image/jpeg\r\n\r\n'),
      Uint8Array.of(0xff, 0xd8, 0xff),
      utf8('\r\n--foo_bar_baz--\r\n'),
    ])
    expect(Buffer.from(await collect(body.open()))).toEqual(expected)
    expect(body.length).toBe(expected.length)
  })

  test('knows its length in bytes when it knows that of every part', async () => {
    await fc.assert(
      fc.asyncProperty(anyMultipart(CRLF), async ({ parts, boundary }) => {
        const body = encodeMultipart(parts, boundary)
        expect(body.length).toBe((await collect(body.open())).length)
      }),
    )
  })

  test('counts text in bytes, not in characters', async () => {
    const body = encodeMultipart([{ headers: { 'x-name': 'Grüße' }, body: '世界 🌍 \ud800' }], 'b')
    expect(body.length).toBe((await collect(body.open())).length)
  })

  test('does not know its length when a part does not', () => {
    const parts = [
      { headers: {}, body: '{}' },
      { headers: {}, body: stream([utf8('data')], { length: undefined }) },
    ]
    expect(encodeMultipart(parts, 'b').length).toBeUndefined()
  })

  test('can be sent again when every part can, with the same bytes', async () => {
    const parts = [
      { headers: {}, body: '{}' },
      { headers: {}, body: stream([utf8('da'), utf8('ta')], { length: 4 }) },
    ]
    const body = encodeMultipart(parts, 'b')
    expect(body.replayable).toBe(true)
    expect(await collect(body.open())).toEqual(await collect(body.open()))
  })

  test('cannot be sent again when a part cannot', () => {
    const parts = [
      { headers: {}, body: '{}' },
      { headers: {}, body: stream([], { length: 0, replayable: false }) },
    ]
    expect(encodeMultipart(parts, 'b').replayable).toBe(false)
  })

  test('opens no part before the bytes in front of it are taken, and holds none', async () => {
    const source = new Source([utf8('one'), utf8('two')])
    const media = { length: 6, replayable: false, open: () => source[Symbol.asyncIterator]() }
    const body = encodeMultipart([{ headers: {}, body: media }], 'b')
    const chunks = body.open()[Symbol.asyncIterator]()
    await chunks.next()
    expect(source.given).toBe(0)
    expect((await chunks.next()).value).toEqual(utf8('one'))
    expect(source.given).toBe(1)
  })

  test('lets go of the part that is being sent when the sender stops', async () => {
    const source = new Source([utf8('one'), utf8('two')])
    const media = { length: 6, replayable: false, open: () => source[Symbol.asyncIterator]() }
    for await (const chunk of encodeMultipart([{ headers: {}, body: media }], 'b').open()) {
      if (source.given > 0) break
      void chunk
    }
    expect(source).toMatchObject({ given: 1, ended: false, released: true })
  })
})

describe('bodyLength', () => {
  test.each<{ body: HttpRequestBody | undefined; length: number | undefined }>([
    { body: undefined, length: 0 },
    { body: '', length: 0 },
    { body: 'abc', length: 3 },
    { body: '世界', length: 6 },
    { body: new Uint8Array(7), length: 7 },
    { body: stream([], { length: 42 }), length: 42 },
    { body: stream([], { length: undefined }), length: undefined },
  ])('gives $length for $body', ({ body, length }) => {
    expect(bodyLength(body)).toBe(length)
  })
})

describe('isReplayable', () => {
  test.each<HttpRequestBody | undefined>([
    undefined,
    '',
    'abc',
    new Uint8Array(7),
    stream([], { length: 0 }),
  ])('holds for %o', (body) => {
    expect(isReplayable(body)).toBe(true)
  })

  test('does not hold for a stream that can be opened only once', () => {
    expect(isReplayable(stream([], { length: 0, replayable: false }))).toBe(false)
  })
})

describe('decodeMultipart', () => {
  test('gives back what encodeMultipart wrote, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(anyMultipart(CRLF), chunkSizes, async ({ parts, boundary }, sizes) => {
        const bytes = await collect(encodeMultipart(parts, boundary).open())
        expect(await decodeAll(cut(bytes, sizes), boundary)).toEqual(parts)
      }),
      { numRuns: 1_000 },
    )
  })

  test('reads lines that end in a bare LF, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(anyMultipart(LF), chunkSizes, async ({ parts, boundary }, sizes) => {
        const bytes = writeByHand(parts, boundary, LF)
        expect(await decodeAll(cut(bytes, sizes), boundary)).toEqual(parts)
      }),
      { numRuns: 1_000 },
    )
  })

  test('reads a boundary that was given as a quoted parameter', async () => {
    await fc.assert(
      fc.asyncProperty(anyMultipart(CRLF), async ({ parts, boundary }) => {
        const contentType = `multipart/related; type="a; boundary=b"; boundary=${quoted(boundary)}`
        const bytes = await collect(encodeMultipart(parts, boundary).open())
        expect(await decodeAll([bytes], headerParameter(contentType, 'boundary')!)).toEqual(parts)
      }),
    )
  })

  const payloads = [
    { name: 'nothing', payload: '' },
    { name: 'one line end', payload: '\r\n' },
    { name: 'line ends at both ends', payload: '\r\n\r\ntext\r\n\r\n' },
    { name: 'bare line feeds and carriage returns', payload: '\n\r\r\n\n\r' },
    { name: 'dashes', payload: '--' },
    { name: 'dashes at the start of a line', payload: 'text\r\n--' },
    { name: 'all but the last character of the boundary', payload: '\r\n--foo_bar_ba' },
    {
      name: 'the beginning of the boundary again and again',
      payload: '\r\n--foo\r\n--foo_bar\r\n\r\n--foo_bar_',
    },
    { name: 'the boundary in the middle of a line', payload: 'a --foo_bar_baz b foo_bar_baz--' },
    { name: 'the boundary in another case', payload: '\r\n--FOO_BAR_BAZ\r\n' },
    { name: 'something like a header', payload: 'content-type: text/plain\r\n\r\nbody' },
    {
      name: 'bytes that are not UTF-8',
      payload: Uint8Array.of(0xff, 0xfe, 0x00, 0xc3, 0x28, 0xef, 0xbb, 0xbf),
    },
  ]

  test.each(payloads)('keeps a payload of $name', async ({ payload }) => {
    const body = typeof payload === 'string' ? utf8(payload) : payload
    const parts = [
      { headers: { 'content-type': 'application/json' }, body: utf8('{}') },
      { headers: { 'content-type': 'text/plain' }, body },
      { headers: {}, body },
    ]
    const bytes = await collect(encodeMultipart(parts, 'foo_bar_baz').open())
    for (const sizes of [[1], [2], [3], [7], [16], [Infinity]]) {
      expect(await decodeAll(cut(bytes, sizes), 'foo_bar_baz')).toEqual(parts)
    }
  })

  test('reads what gcloud and gsutil send: bare LF, more headers, a boundary of equals signs', async () => {
    const contentType = "multipart/related; boundary='===============8742514861359412280=='"
    const body = [
      '--===============8742514861359412280==',
      'Content-Type: application/json',
      'MIME-Version: 1.0',
      '',
      '{"name": "a"}',
      '--===============8742514861359412280==',
      'Content-Type: text/plain',
      'MIME-Version: 1.0',
      'Content-Transfer-Encoding: binary',
      '',
      'x\r\n',
      '--===============8742514861359412280==--',
      '',
    ].join('\n')
    expect(await decodeAll([utf8(body)], headerParameter(contentType, 'boundary')!)).toEqual([
      { headers: { 'content-type': 'application/json', 'mime-version': '1.0' }, body: utf8('{"name": "a"}') },
      {
        headers: {
          'content-type': 'text/plain',
          'mime-version': '1.0',
          'content-transfer-encoding': 'binary',
        },
        body: utf8('x\r\n'),
      },
    ])
  })

  test('reads what the official Node client sends: no line end after the closing boundary', async () => {
    const boundary = '2f1c3d9e-6b1a-4d52-9d2b-0a3f6a1b7c55'
    const body =
      `--${boundary}\r\nContent-Type: application/json\r\n\r\n{"name":"a"}\r\n` +
      `--${boundary}\r\nContent-Type: text/plain\r\n\r\nhello\r\n--${boundary}--`
    expect(await decodeAll([utf8(body)], boundary)).toEqual([
      { headers: { 'content-type': 'application/json' }, body: utf8('{"name":"a"}') },
      { headers: { 'content-type': 'text/plain' }, body: utf8('hello') },
    ])
  })

  test("reads the batch answer of Google's documentation", async () => {
    const first =
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nETag: "etag/pony"\r\n\r\n{}'
    const second = 'HTTP/1.1 304 Not Modified\r\nETag: "etag/animals"\r\n\r\n'
    const body =
      '--batch_foobarbaz\r\nContent-Type: application/http\r\n' +
      `Content-ID: <response-item1:12930812@barnyard.example.com>\r\n\r\n${first}\r\n` +
      '--batch_foobarbaz\r\nContent-Type: application/http\r\n' +
      `Content-ID: <response-item2:12930812@barnyard.example.com>\r\n\r\n${second}\r\n--batch_foobarbaz--\r\n`
    expect(await decodeAll([utf8(body)], 'batch_foobarbaz')).toEqual([
      {
        headers: {
          'content-type': 'application/http',
          'content-id': '<response-item1:12930812@barnyard.example.com>',
        },
        body: utf8(first),
      },
      {
        headers: {
          'content-type': 'application/http',
          'content-id': '<response-item2:12930812@barnyard.example.com>',
        },
        body: utf8(second),
      },
    ])
  })

  test('ignores spaces after a boundary and whatever follows the last one', async () => {
    const body =
      '--b \t\r\n\r\none\r\n--b  \r\n\r\ntwo\r\n--b-- \r\nepilogue\r\n--b\r\n\r\nno part\r\n--b--\r\n'
    expect(await decodeAll([utf8(body)], 'b')).toEqual([
      { headers: {}, body: utf8('one') },
      { headers: {}, body: utf8('two') },
    ])
  })

  test('finds no part when the closing boundary comes first', async () => {
    expect(await decodeAll([utf8('--b--\r\n')], 'b')).toEqual([])
    expect(await decodeAll([utf8('--b--')], 'b')).toEqual([])
  })

  test('gives header names in lower case, values without spaces around them and repeated ones joined', async () => {
    const body =
      '--b\r\nX-Name:  Grüße \r\nx-empty:\r\nX-Colon: a:b\r\nX-Goog-Hash: crc32c=a\r\nx-goog-hash: md5=b\r\n\r\n\r\n--b--'
    const [part] = await decodeAll([utf8(body)], 'b')
    expect(part?.headers).toEqual({
      'x-name': 'Grüße',
      'x-empty': '',
      'x-colon': 'a:b',
      'x-goog-hash': 'crc32c=a, md5=b',
    })
  })

  test('skips what its reader leaves of a part, be it all, the end or nothing', async () => {
    const texts = ['first part', 'second part', 'third part']
    const parts = texts.map((text) => ({ headers: {}, body: utf8(text) }))
    const bytes = await collect(encodeMultipart(parts, 'b').open())
    for (const sizes of [[1], [5], [Infinity]]) {
      for (const most of [0, 1, 3, Infinity]) {
        const beginnings: string[] = []
        for await (const part of decodeMultipart(new Source(cut(bytes, sizes)), 'b')) {
          beginnings.push(await firstChunks(part.body, most))
        }
        expect(texts.map((text, i) => text.slice(0, beginnings[i]?.length))).toEqual(beginnings)
      }
    }
  })

  test('gives nothing of the next part to a reader that kept an earlier one', async () => {
    const bytes = utf8('--b\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--\r\n')
    for (const sizes of [[1], [Infinity]]) {
      const parts = decodeMultipart(new Source(cut(bytes, sizes)), 'b')
      const first = (await parts.next()).value!
      const second = (await parts.next()).value!
      expect(await collect(first.body)).toEqual(utf8(''))
      expect(await collect(second.body)).toEqual(utf8('second'))
    }
  })

  test('gives nothing of the next part to a reader that was in the middle of an earlier one', async () => {
    const bytes = utf8(`--b\r\n\r\n${'first'.repeat(9)}\r\n--b\r\n\r\nsecond\r\n--b--\r\n`)
    const parts = decodeMultipart(new Source(cut(bytes, [10])), 'b')
    const reader = (await parts.next()).value!.body[Symbol.asyncIterator]()
    expect((await reader.next()).done).toBe(false)
    const second = (await parts.next()).value!
    expect(await reader.next()).toEqual({ done: true, value: undefined })
    expect(await collect(second.body)).toEqual(utf8('second'))
  })

  test('gives a part as it arrives, and holds back only what may be the beginning of a boundary', async () => {
    const source = new Source([utf8('--b\r\n\r\n'), utf8('some\r'), utf8('more\r\n-'), utf8('\r\n--b--')])
    const part = (await decodeMultipart(source, 'b').next()).value!
    expect(source.given).toBe(1)
    const chunks = part.body[Symbol.asyncIterator]()
    expect((await chunks.next()).value).toEqual(utf8('some'))
    expect(source.given).toBe(2)
    expect((await chunks.next()).value).toEqual(utf8('\rmore'))
    expect(source.given).toBe(3)
    expect((await chunks.next()).value).toEqual(utf8('\r\n-'))
    expect(await chunks.next()).toEqual({ done: true, value: undefined })
  })

  test('reads its source to the end, so that the connection is free for another exchange', async () => {
    for (const epilogue of ['', '\r\n', '\r\nepilogue\r\n']) {
      const source = new Source([...cut(utf8(`--b\r\n\r\npart\r\n--b--${epilogue}`), [3]), utf8('')])
      for await (const part of decodeMultipart(source, 'b')) void part
      expect(source).toMatchObject({ ended: true, released: true })
    }
  })

  test('passes on the failure of its source', async () => {
    const failure = new Error('connection reset')
    async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
      yield utf8('--b\r\n\r\nbeginning')
      throw failure
    }
    await expect(readAll(broken(), 'b')).rejects.toBe(failure)
  })

  test('throws a SyntaxError wherever the body is cut short', async () => {
    const parts = [
      { headers: { 'content-type': 'application/json' }, body: utf8('{}') },
      { headers: {}, body: utf8('\r\n--fo') },
    ]
    const bytes = await collect(encodeMultipart(parts, 'foo').open())
    const complete = bytes.length - '\r\n'.length
    for (let length = 0; length < complete; length++) {
      for (const sizes of [[1], [Infinity]]) {
        await expect(decodeAll(cut(bytes.subarray(0, length), sizes), 'foo')).rejects.toThrow(SyntaxError)
      }
    }
  })

  test.each([
    { name: 'an empty body', body: '' },
    { name: 'a body without a boundary', body: 'hello\r\n' },
    { name: 'JSON', body: '{"error":{}}' },
    { name: 'a preamble', body: 'preamble\r\n--b\r\n\r\n\r\n--b--\r\n' },
    { name: 'another boundary', body: '--a\r\n\r\n\r\n--a--\r\n' },
    { name: 'a boundary without its dashes', body: 'b\r\n\r\n\r\n--b--\r\n' },
    { name: 'a header without a colon', body: '--b\r\nheader\r\n\r\n\r\n--b--\r\n' },
    { name: 'a header without a name', body: '--b\r\n: value\r\n\r\n\r\n--b--\r\n' },
    { name: 'no blank line after the headers', body: '--b\r\nx-a: 1\r\n--b--\r\n' },
    { name: 'no closing boundary', body: '--b\r\n\r\npart\r\n' },
    { name: 'bare LF after a first line that ended in CRLF', body: '--b\r\n\r\npart\n--b--\n' },
    { name: 'a first line without an end', body: 'x'.repeat(100_000) },
    { name: 'a header line without an end', body: `--b\r\nx-a: ${'x'.repeat(100_000)}` },
  ])('throws a SyntaxError for $name', async ({ body }) => {
    await expect(decodeAll([utf8(body)], 'b')).rejects.toThrow(SyntaxError)
    await expect(decodeAll(cut(utf8(body), [1_000]), 'b')).rejects.toThrow(SyntaxError)
  })

  test('has the same limit for the length of a line, however the bytes are cut', async () => {
    const withLine = (length: number): Uint8Array =>
      utf8(`--b\r\nx: ${'y'.repeat(length - 'x: \r'.length)}\r\n\r\n\r\n--b--\r\n`)
    for (const sizes of [[1], [1_000], [16_384], [16_385], [Infinity]]) {
      expect(await decodeAll(cut(withLine(16_384), sizes), 'b')).toHaveLength(1)
      await expect(decodeAll(cut(withLine(16_385), sizes), 'b')).rejects.toThrow(SyntaxError)
    }
  })

  test('either gives parts or throws a SyntaxError, for any bytes and however they are cut', async () => {
    const piece = fc.constantFrom('--b', '--', '\r\n', '\n', '\r', ':', 'x', 'x: y\r\n', ' ', '\0', 'é')
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: piece, maxLength: 20 }), chunkSizes, async (text, sizes) => {
        const whole = await decodeAll([utf8(`--b${text}`)], 'b').catch((error: unknown) => error)
        const inPieces = await decodeAll(cut(utf8(`--b${text}`), sizes), 'b').catch((error: unknown) => error)
        expect(Array.isArray(whole) || whole instanceof SyntaxError).toBe(true)
        expect(inPieces).toEqual(whole)
      }),
      { numRuns: 2_000 },
    )
  })
})

const CRLF = '\r\n'
const LF = '\n'

/** A boundary that RFC 2046 allows: up to 70 characters, not ending in a space. */
const anyBoundary = fc
  .string({
    unit: fc.constantFrom(..."ABCXYZabcxyz0123456789'()+_,-./:=? ".split('')),
    minLength: 1,
    maxLength: 70,
  })
  .filter((boundary) => !boundary.endsWith(' '))

const anyHeaders = fc.dictionary(
  fc.constantFrom('content-type', 'content-id', 'mime-version', 'x-goog-meta-a', 'constructor'),
  fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map((value) => value.trim()),
  { noNullPrototype: true },
)

/** Parts with a boundary that occurs in none of them, though much that is like it does. */
function anyMultipart(lineEnd: string): fc.Arbitrary<{ parts: WholePart[]; boundary: string }> {
  return fc.oneof(fc.constantFrom('b', 'foo_bar_baz', '--', '==='), anyBoundary).chain((boundary) => {
    const delimiter = `${lineEnd}--${boundary}`
    const piece = fc.oneof(
      fc.constantFrom('\r\n', '\n', '\r', '--', boundary, `--${boundary}`, ': ', ''),
      fc.nat({ max: delimiter.length - 1 }).map((length) => delimiter.slice(0, length)),
      fc.string({ maxLength: 5 }),
    )
    const body = fc
      .oneof(
        fc.array(piece, { maxLength: 8 }).map((pieces) => utf8(pieces.join(''))),
        fc.uint8Array({ maxLength: 100 }),
      )
      .filter((bytes) => !Buffer.concat([utf8(lineEnd), bytes]).includes(delimiter))
    const parts = fc.array(fc.record({ headers: anyHeaders, body }), { minLength: 1, maxLength: 4 })
    return fc.record({ parts, boundary: fc.constant(boundary) })
  })
}

/** The framing written once more, apart from encodeMultipart, with the line end of one's choice. */
function writeByHand(parts: readonly WholePart[], boundary: string, lineEnd: string): Uint8Array {
  const pieces = parts.flatMap(({ headers, body }) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    return [utf8([`--${boundary}`, ...lines, '', ''].join(lineEnd)), body, utf8(lineEnd)]
  })
  return new Uint8Array(Buffer.concat([...pieces, utf8(`--${boundary}--${lineEnd}`)]))
}

async function decodeAll(pieces: readonly Uint8Array[], boundary: string): Promise<WholePart[]> {
  return readAll(new Source(pieces), boundary)
}

async function readAll(chunks: AsyncIterable<Uint8Array>, boundary: string): Promise<WholePart[]> {
  const parts: WholePart[] = []
  for await (const { headers, body } of decodeMultipart(chunks, boundary)) {
    parts.push({ headers, body: await collect(body) })
  }
  return parts
}

/** The text of at most so many chunks. */
async function firstChunks(chunks: AsyncIterable<Uint8Array>, most: number): Promise<string> {
  let text = ''
  if (most === 0) return text
  let count = 0
  for await (const chunk of chunks) {
    text += new TextDecoder().decode(chunk)
    if (++count >= most) break
  }
  return text
}

function stream(
  pieces: readonly Uint8Array[],
  { length, replayable = true }: { length: number | undefined; replayable?: boolean },
): StreamBody {
  return { length, replayable, open: () => new Source(pieces) }
}
