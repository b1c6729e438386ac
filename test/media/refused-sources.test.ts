import { once } from 'node:events'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { type MediaInput, ValidationError } from 'discokit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect, type Connection, failureOf } from './connection.ts'

describe('refused before anything is sent', () => {
  let box: Connection
  beforeAll(async () => void (box = await connect('over a port')))
  afterAll(() => box.close())
  beforeEach(() => box.emulator.journal.clear())

  const insert = (media: unknown): Promise<any> =>
    box.storage.objects.insert({ bucket: 'box', name: 'a', media })

  test.each([
    ['a number', 7],
    ['null', null],
    ['true', true],
    ['an array', ['a']],
    ['an empty array', []],
    ['a plain object', { bytes: 'a' }],
    ['a function', () => 'a'],
    ['a date', new Date()],
    ['numbers that are no bytes', new Uint16Array(4)],
    ['described nothing', { content: undefined }],
    ['described null', { content: null }],
    ['a described array', { content: ['a'] }],
  ])('content that is %s', async (_, media) => {
    const failure = await failureOf(insert(media))
    expect(failure).toBeInstanceOf(ValidationError)
    expect(failure.problems).toEqual([
      {
        path: 'media',
        message: 'must be a string, bytes, a Blob, a stream, an async iterable or file(path)',
      },
    ])
    expect(box.emulator.journal.exchanges).toEqual([])
  })

  test.each([
    [{ content: 'a', contentTyp: 'a/b' }, 'contentTyp', 'contentType'],
    [{ content: 'a', mimeType: 'a/b' }, 'mimeType', 'contentType'],
    [{ content: 'a', lenght: 1 }, 'lenght', 'length'],
    [{ content: { open: () => Readable.from(['a']), size: 1 } }, 'size', 'length'],
    [{ open: () => Readable.from(['a']), lenght: 1 }, 'lenght', 'length'],
    [{ open: () => Readable.from(['a']), type: 'a/b' }, 'type', 'contentType'],
  ])('content with a misspelt member, %o', async (media, member, suggestion) => {
    const failure = await failureOf(insert(media))
    expect(failure).toBeInstanceOf(ValidationError)
    const message = 'is nothing that content has'
    expect(failure.problems).toEqual([{ path: `media.${member}`, message, suggestion }])
    expect(box.emulator.journal.exchanges).toEqual([])
  })

  test.each([-1, 1.5, Number.NaN, Infinity, '3', 2 ** 53])('a length of %s', async (length) => {
    const failure = await failureOf(insert({ content: 'abc', length }))
    expect(failure).toBeInstanceOf(ValidationError)
    expect(failure.problems).toEqual([{ path: 'media.length', message: 'must be a whole number of bytes' }])
    expect(box.emulator.journal.exchanges).toEqual([])
  })

  test.each<[string, () => Exclude<MediaInput, string>]>([
    ['a web stream', () => new Blob(['abc']).stream()],
    ['a Node stream', () => Readable.from([Buffer.from('abc')])],
    [
      'a generator',
      () =>
        (async function* () {
          yield 'abc'
        })(),
    ],
  ])('%s that was uploaded before', async (_, make) => {
    const stream = make()
    expect(await insert(stream)).toMatchObject({ size: '3' })
    box.emulator.journal.clear()
    for (const again of [stream, { content: stream, length: 3 }]) {
      const failure = await failureOf(insert(again))
      expect(failure).toBeInstanceOf(ValidationError)
      expect(failure.problems).toEqual([{ path: 'media', message: 'is a stream that was read already' }])
    }
    expect(box.emulator.journal.exchanges).toEqual([])
    expect(await box.stored('a')).toHaveLength(3)
  })

  test('streams that somebody else has read or reads', async () => {
    const read = Readable.from([Buffer.from('abc')])
    await buffer(read)
    const destroyed = Readable.from([Buffer.from('abc')]).destroy()
    await once(destroyed, 'close')
    const locked = new Blob(['abc']).stream()
    locked.getReader()
    for (const stream of [read, destroyed, locked]) {
      expect(await failureOf(insert(stream))).toBeInstanceOf(ValidationError)
    }
    expect(box.emulator.journal.exchanges).toEqual([])
  })

  test('but a stream of which only a part was read gives its rest', async () => {
    const node = Readable.from([Buffer.from('abc'), Buffer.from('def')], { objectMode: false })
    await once(node, 'readable')
    expect(String(node.read(2))).toBe('ab')
    expect(await insert(node)).toMatchObject({ size: '4' })
  })

  test('an iterable that begins anew is uploaded as often as wanted', async () => {
    const iterable = {
      async *[Symbol.asyncIterator]() {
        yield 'abc'
      },
    }
    for (let i = 0; i < 3; i++) expect(await insert(iterable)).toMatchObject({ size: '3' })
  })
})
