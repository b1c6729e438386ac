import { open, rm, utimes, writeFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { type MediaInput, type MediaSource, ValidationError } from 'discokit'
import { file } from 'discokit/node'
import { describe, expect, test } from 'vitest'
import { openAt, toMediaSource } from '../../src/media/media-source.ts'
import { bytesOf, failureOf, pieces, same } from './connection.ts'
import { useFolder } from './folder.ts'

const BYTES = bytesOf(2_500_000)
const path = useFolder()

const written = async (): Promise<string> => {
  await writeFile(path('a'), BYTES)
  return path('a')
}

const read = (source: MediaSource, offset: number): Promise<Buffer> =>
  buffer(openAt(source, source.describe(), offset, false))

describe('a source opened at an offset', () => {
  test.each<[string, boolean, () => MediaInput | Promise<MediaInput>]>([
    ['a file', true, async () => file(await written())],
    ['bytes', true, () => BYTES],
    ['an ArrayBuffer', true, () => BYTES.buffer],
    ['a Blob', true, () => new Blob([BYTES])],
    ['a described Blob', true, () => ({ content: new Blob([BYTES]), contentType: 'a/b' })],
    ['a function', true, () => ({ open: (offset: number) => pieces(BYTES.subarray(offset), 70_000) })],
    [
      'a source that always begins at its beginning',
      false,
      () => ({
        describe: () => ({ length: BYTES.length, replayable: true }),
        open: () => pieces(BYTES, 70_000),
      }),
    ],
  ])('%s gives the bytes from there', async (_, seekable, make) => {
    const source = toMediaSource(await make())
    expect(source.describe().seekable ?? false).toBe(seekable)
    for (const offset of [0, 1, 69_999, 70_000, 1_048_576, 1_048_577, BYTES.length - 1, BYTES.length]) {
      expect(same(await read(source, offset), BYTES.subarray(offset))).toBe(true)
    }
  })

  test('a handle is read by position and stays open', async () => {
    const handle = await open(await written())
    await handle.read(Buffer.alloc(100), 0, 100)
    const source = file(handle)
    expect(source.path).toBeUndefined()
    expect(same(await read(source, 0), BYTES)).toBe(true)
    expect(same(await read(source, 1_234_567), BYTES.subarray(1_234_567))).toBe(true)
    await handle.close()
    const failure = await failureOf((async () => source.describe())())
    expect(failure).toBeInstanceOf(ValidationError)
    expect(failure.problems).toEqual([{ path: 'media', message: 'the file of the handle is closed' }])
  })

  test('a source that ends before the offset is an error', async () => {
    const source = toMediaSource({
      describe: () => ({ length: undefined, replayable: true }),
      open: () => pieces(BYTES, 70_000),
    })
    expect(await failureOf(read(source, BYTES.length + 1))).toMatchObject({ name: 'DataLossError' })
  })

  test('a file that changed since it was described is an error', async () => {
    const source = file(await written())
    source.describe()
    await utimes(path('a'), 1_000_000, 1_000_000)
    const chunks = source.open({ offset: 1_048_576 })
    expect(await failureOf(buffer(chunks))).toMatchObject({ name: 'DataLossError' })
  })
})

describe('a fingerprint', () => {
  test('of a file changes with its size, its time and its place on the disk', async () => {
    const source = file(await written())
    const seen = [source.describe().fingerprint, source.describe().fingerprint]
    await utimes(path('a'), 1_000_000, 1_000_000)
    seen.push(source.describe().fingerprint)
    await rm(path('a'))
    await writeFile(path('b'), '') // which takes the old inode
    await writeFile(path('a'), BYTES)
    await utimes(path('a'), 1_000_000, 1_000_000)
    seen.push(source.describe().fingerprint)
    expect(seen[1]).toBe(seen[0])
    expect(new Set(seen).size).toBe(3)
    expect(seen.every((fingerprint) => fingerprint!.length > 10)).toBe(true)
  })

  test('of a File is its size, time and name, and a Blob has none', () => {
    const of = (input: MediaInput): string | undefined => toMediaSource(input).describe().fingerprint
    expect(of(new File(['abc'], 'a.txt', { lastModified: 5 }))).toBe('3-5-a.txt')
    expect(of(new Blob(['abc']))).toBeUndefined()
    expect(of('abc')).toBeUndefined()
  })
})

describe('a Response', () => {
  const described = (response: Response): unknown => toMediaSource(response).describe()

  test('says its length and type, unless a coding was taken off', () => {
    const headers = { 'content-length': '3', 'content-type': 'image/png' }
    expect(described(new Response('abc', { headers }))).toMatchObject({
      length: 3,
      contentType: 'image/png',
      replayable: false,
    })
    expect(
      described(new Response('abc', { headers: { ...headers, 'content-encoding': 'gzip' } })),
    ).toMatchObject({ length: undefined })
    expect(described(new Response(null))).toMatchObject({ length: 0 })
  })

  test('that is a failure or was read is refused', async () => {
    const used = new Response('abc')
    await used.text()
    for (const [response, message] of [
      [new Response('no', { status: 404 }), 'is an answer with status 404, not content'],
      [used, 'is a stream that was read already'],
    ] as const) {
      const failure = await failureOf((async () => described(response))())
      expect(failure).toBeInstanceOf(ValidationError)
      expect(failure.problems).toEqual([{ path: 'media', message }])
    }
  })
})
