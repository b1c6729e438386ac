import { createReadStream } from 'node:fs'
import { type FileHandle, open, writeFile } from 'node:fs/promises'
import { PassThrough, Readable } from 'node:stream'
import { type MediaInput, ValidationError } from 'discokit'
import { file } from 'discokit/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connect, type Connection, failureOf, MANNERS, pieces, same, settle } from './connection.ts'
import { useFolder } from './folder.ts'

const TEXT = 'zażółć gęślą jaźń 👋\r\n--\r\n'.repeat(7_000)
const BYTES = new TextEncoder().encode(TEXT)

const path = useFolder()
afterAll(() => Promise.all(handles.map((each) => each.close()))) // which file() leaves open

async function* textPieces(text: string): AsyncGenerator<string, void, undefined> {
  const symbols = Array.from(text)
  for (let i = 0; i < symbols.length; i += 50_000) yield symbols.slice(i, i + 50_000).join('')
}

/** Each kind of source, over the same content; `known` when it says its length. */
const KINDS: readonly (readonly [
  kind: string,
  known: boolean,
  make: (text: string) => MediaInput | Promise<MediaInput>,
])[] = [
  ['a file', true, async (text) => file(await written(text))],
  ['a Blob', true, (text) => new Blob([text])],
  ['a File', true, (text) => new File([text], 'a.txt')],
  ['a Uint8Array', true, (text) => new TextEncoder().encode(text)],
  ['a part of a larger buffer', true, (text) => Buffer.from(`<${text}>`).subarray(1, -1)],
  ['an ArrayBuffer', true, (text) => new TextEncoder().encode(text).buffer],
  ['a string', true, (text) => text],
  ['a web stream', false, (text) => new Blob([text]).stream()],
  ['a web stream of text', false, (text) => Readable.toWeb(Readable.from(textPieces(text))) as never],
  ['a file stream of Node', false, async (text) => createReadStream(await written(text))],
  ['a Node stream of buffers', false, (text) => Readable.from(pieces(Buffer.from(text), 65_536))],
  ['a Node stream of text', false, (text) => Readable.from(textPieces(text))],
  ['a PassThrough', false, (text) => new PassThrough().end(text)],
  ['an async iterable of bytes', false, (text) => pieces(new TextEncoder().encode(text), 9_999)],
  ['an async iterable of text', false, (text) => textPieces(text)],
  ['an async iterable with empty pieces', false, (text) => withGaps(new TextEncoder().encode(text))],
  ['a described stream', false, (text) => ({ content: new Blob([text]).stream(), contentType: 'a/b' })],
  [
    'a described stream of known length',
    true,
    (text) => ({ content: pieces(Buffer.from(text), 50_000), length: Buffer.byteLength(text) }),
  ],
  [
    'a described file',
    true,
    async (text) => ({ content: file(await written(text)) as never, name: 'x.png' }),
  ],
  ['a file handle', true, async (text) => file(await handle(await written(text)))],
  [
    'a Response with a length',
    true,
    (text) => new Response(text, { headers: { 'content-length': String(Buffer.byteLength(text)) } }),
  ],
  ['a Response without a length', false, (text) => new Response(new Blob([text]).stream())],
  [
    'a function that opens at an offset',
    true,
    (text) => ({
      length: Buffer.byteLength(text),
      open: async (offset: number) => pieces(Buffer.from(text).subarray(offset), 50_000),
    }),
  ],
  [
    'a source of the program',
    true,
    (text) => ({
      describe: () => ({ length: Buffer.byteLength(text), replayable: true }),
      open: () => pieces(Buffer.from(text), 50_000),
    }),
  ],
]

async function written(text: string): Promise<string> {
  await writeFile(path('source.txt'), text)
  return path('source.txt')
}

const handles: FileHandle[] = []

async function handle(place: string): Promise<FileHandle> {
  const opened = await open(place)
  handles.push(opened)
  return opened
}

async function* withGaps(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield new Uint8Array(0)
  for await (const piece of pieces(bytes, 60_000)) {
    yield piece
    yield new Uint8Array(0)
  }
}

describe.each(MANNERS)('sources, %s', (manner) => {
  let box: Connection
  beforeAll(async () => void (box = await connect(manner)))
  afterAll(() => box.close())

  test.each(KINDS)('%s arrives whole, simple and multipart', async (kind, known, make) => {
    const { storage, emulator } = box
    emulator.journal.clear()
    const upload = (form: string): object => ({ upload: { kind: form } })
    const simple = await storage.objects.insert(
      { bucket: 'box', name: `${kind} 1`, media: await make(TEXT) },
      upload('simple'),
    )
    expect(simple.size).toBe(String(BYTES.length))
    expect(same(await box.stored(`${kind} 1`), BYTES)).toBe(true)

    const body = { name: `${kind} 2`, metadata: { colour: 'röt' } }
    const multipart = await storage.objects.insert(
      { bucket: 'box', body, media: await make(TEXT) },
      upload('multipart'),
    )
    expect(multipart).toMatchObject({ size: String(BYTES.length), metadata: { colour: 'röt' } })
    expect(same(await box.stored(`${kind} 2`), BYTES)).toBe(true)

    if (manner === 'in process') return // there is no framing
    const [first, second] = box.calls('storage.objects.insert').map(({ headers }) => headers)
    expect([first, second].map((headers) => 'content-length' in headers!)).toEqual([known, known])
    expect([first, second].map((headers) => headers!['transfer-encoding'])).toEqual(
      known ? [undefined, undefined] : ['chunked', 'chunked'],
    )
    if (known) expect(first!['content-length']).toBe(String(BYTES.length))
  })

  test.each(KINDS)('%s arrives whole, in a session and by itself', async (kind, known, make) => {
    const { storage, emulator } = box
    const body = { name: `${kind} 5`, metadata: { colour: 'röt' } }
    for (const upload of [{ kind: 'resumable' }, { kind: 'resumable', chunkBytes: 262_144 }, {}]) {
      emulator.journal.clear()
      const stored = await storage.objects.insert(
        { bucket: 'box', body, media: await make(TEXT) },
        { upload },
      )
      expect(stored).toMatchObject({ size: String(BYTES.length), metadata: { colour: 'röt' } })
      expect(same(await box.stored(body.name), BYTES)).toBe(true)
      const ways = box.calls('storage.objects.insert').map(({ method }) => method)
      expect(ways[0]).toBe('POST')
      expect(ways.includes('PUT')).toBe('kind' in upload || !known)
    }
    const nothing = { bucket: 'box', name: `${kind} 6`, media: await make('') }
    expect(await storage.objects.insert(nothing, { upload: { kind: 'resumable' } })).toMatchObject({
      size: '0',
    })
    expect(await box.stored(`${kind} 6`)).toHaveLength(0)
  })

  test.each(KINDS)('%s without content is an object without content', async (kind, _known, make) => {
    const { storage } = box
    const simple = await storage.objects.insert({ bucket: 'box', name: `${kind} 3`, media: await make('') })
    expect(simple).toMatchObject({ size: '0', crc32c: 'AAAAAA==' })
    const multipart = await storage.objects.insert({
      bucket: 'box',
      body: { name: `${kind} 4` },
      media: await make(''),
    })
    expect(multipart).toMatchObject({ size: '0', crc32c: 'AAAAAA==' })
    expect(await box.stored(`${kind} 3`)).toHaveLength(0)
    expect(await box.stored(`${kind} 4`)).toHaveLength(0)
  })

  describe.each(['simple', 'multipart', 'resumable'])('a %s upload', (form) => {
    const insert = (name: string, media: unknown): Promise<any> =>
      box.storage.objects.insert(
        { bucket: 'box', ...(form === 'multipart' ? { body: { name } } : { name }), media },
        { upload: { kind: form } },
      )

    test.each([
      ['one byte less than there is', -1],
      ['much less than there is', -150_000],
      ['as much as the first pieces have', 100_000 - BYTES.length],
      ['nothing', -BYTES.length],
      ['one byte more than there is', 1],
      ['much more than there is', 150_000],
    ])('of which %s was announced is refused and stores nothing', async (_, difference) => {
      const name = `${form} ${difference}`
      const announced = BYTES.length + difference
      await expect(insert(name, { content: pieces(BYTES, 50_000), length: announced })).rejects.toMatchObject(
        {
          name: 'DataLossError',
          code: 'data_loss',
          expected: String(announced),
        },
      )
      await settle()
      expect(await box.stored(name)).toBeUndefined()
    })

    test('keeps the old object when the content is not as long as announced', async () => {
      const name = `${form} kept`
      await insert(name, 'old')
      await expect(insert(name, { content: 'content', length: 6 })).rejects.toThrow('6 bytes were announced')
      await expect(insert(name, { content: 'content', length: 8 })).rejects.toThrow('there are 7')
      await settle()
      expect(same(await box.stored(name), Buffer.from('old'))).toBe(true)
    })

    test.each([
      ['at once', 0],
      ['in the middle', 200_000],
    ])('from a source that fails %s ends with its error and stores nothing', async (_, after) => {
      const failure = new Error('the disk is on fire')
      let ended = false
      async function* failing(): AsyncGenerator<Uint8Array, void, undefined> {
        try {
          for await (const piece of pieces(BYTES, 50_000)) {
            if (after === 0) throw failure
            yield piece
            if ((after -= piece.length) <= 0) throw failure
          }
        } finally {
          ended = true
        }
      }
      expect(await failureOf(insert(`${form} ${after}`, failing()))).toBe(failure)
      expect(ended).toBe(true)
      await settle()
      expect(await box.stored(`${form} ${after}`)).toBeUndefined()
    })

    test('from a Node stream that is destroyed in the middle ends with its error', async () => {
      const failure = new Error('gone')
      const stream = new PassThrough()
      stream.write(BYTES.subarray(0, 100_000))
      setImmediate(() => stream.destroy(failure))
      expect(await failureOf(insert(`${form} destroyed`, stream))).toBe(failure)
      expect(await box.stored(`${form} destroyed`)).toBeUndefined()
    })

    test('from a stream that gives what is neither bytes nor text is refused', async () => {
      const stream = Readable.from([Buffer.from('fine'), 7])
      const failure = await failureOf(insert(`${form} numbers`, stream))
      expect(failure).toBeInstanceOf(ValidationError)
      expect(failure.message).toMatch(/its stream gives number where bytes or text are needed/)
      expect(await box.stored(`${form} numbers`)).toBeUndefined()
    })

    test('ends the source when the server refuses early', async () => {
      let begun = false
      let ended = false
      async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
        begun = true
        try {
          for (;;) yield BYTES.slice()
        } finally {
          ended = true
        }
      }
      const parameters =
        form === 'multipart' ? { bucket: 'nope', body: { name: 'a' } } : { bucket: 'nope', name: 'a' }
      const upload = { kind: form }
      const call = box.storage.objects.insert({ ...parameters, media: watched() }, { upload })
      await expect(call).rejects.toMatchObject({ name: 'NotFoundError' })
      await settle()
      expect(ended).toBe(begun)
    })
  })
})
