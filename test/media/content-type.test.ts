import { writeFile } from 'node:fs/promises'
import { ValidationError } from 'discokit'
import { file } from 'discokit/node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect, type Connection, failureOf } from './connection.ts'
import { useFolder } from './folder.ts'

const path = useFolder()

describe('the content type of an upload', () => {
  let box: Connection
  beforeAll(async () => void (box = await connect('in process')))
  afterAll(() => box.close())
  beforeEach(() => box.emulator.journal.clear())

  const typeOf = async (parameters: object): Promise<unknown> =>
    (await box.storage.objects.insert({ bucket: 'box', ...parameters })).contentType

  const blob = new Blob(['a'], { type: 'text/css' })
  const bytes = Uint8Array.of(1)

  test.each<[string, object, string]>([
    [
      'that of the metadata',
      {
        body: { name: 'a.png', contentType: 'audio/x' },
        media: { content: blob, contentType: 'a/b', name: 'c.gif' },
      },
      'audio/x',
    ],
    [
      'the one given with the content',
      { name: 'a.png', media: { content: blob, contentType: 'a/b', name: 'c.gif' } },
      'a/b',
    ],
    ['that of the Blob', { name: 'a.png', media: { content: blob, name: 'c.gif' } }, 'text/css'],
    ['that of a File', { name: 'a.png', media: new File(['a'], 'b.gif', { type: 'x/y' }) }, 'x/y'],
    [
      'by the name given with the content',
      { name: 'a.png', media: { content: bytes, name: 'c.gif' } },
      'image/gif',
    ],
    ['by the name of a File without type', { name: 'a.png', media: new File(['a'], 'b.gif') }, 'image/gif'],
    ['by the name in the metadata', { body: { name: 'deep/er/a.png' }, media: bytes }, 'image/png'],
    ['by the name of the object', { name: 'deep/er/a b.JPG', media: bytes }, 'image/jpeg'],
    ['by the name of the object, of a text too', { name: 'a.json', media: '{}' }, 'application/json'],
    ['that of bytes when nothing is known', { name: 'a', media: bytes }, 'application/octet-stream'],
    [
      'that of bytes when the ending is unknown',
      { name: 'a.nosuchending', media: bytes },
      'application/octet-stream',
    ],
    ['that of plain text for a string', { name: 'a', media: 'ä' }, 'text/plain; charset=utf-8'],
    [
      'that of plain text for a described string',
      { name: 'a', media: { content: 'ä' } },
      'text/plain; charset=utf-8',
    ],
    [
      'kept with its parameters',
      { name: 'a', media: { content: bytes, contentType: 'text/x; charset="a b"; q=1' } },
      'text/x; charset="a b"; q=1',
    ],
    [
      'that of bytes for an ending that every object has',
      { name: 'a.constructor', media: bytes },
      'application/octet-stream',
    ],
    ['and for another one', { name: 'a.__proto__', media: bytes }, 'application/octet-stream'],
  ])('is %s', async (_, parameters, expected) => {
    expect(await typeOf(parameters)).toBe(expected)
  })

  test('is by the name of the file, not of the object', async () => {
    await writeFile(path('b.tar.svg'), '<svg/>')
    expect(await typeOf({ name: 'a.png', media: file(path('b.tar.svg')) })).toBe('image/svg+xml')
  })

  test('is by the name of the object when that of the file tells nothing', async () => {
    await writeFile(path('README'), '# hello')
    await writeFile(path('a.unknown'), '?')
    expect(await typeOf({ name: 'a.png', media: file(path('README')) })).toBe('image/png')
    expect(await typeOf({ name: 'a.png', media: file(path('a.unknown')) })).toBe('image/png')
  })

  test.each([
    'text/plain\r\nx-evil: 1',
    'text/plain\n',
    'text/plain\r',
    'text/plain; a="b\r\nc"',
    'text/plä',
    'text',
    '/',
    '',
    'text/plain, text/html',
    'text/plain; charset',
    ' text/plain',
    'text/pl\u0000ain',
  ])('%j is refused before anything is sent', async (contentType) => {
    for (const parameters of [
      { name: 'a', media: { content: 'a', contentType } },
      { body: { name: 'a' }, media: { content: new Blob(['a']), contentType } },
      { body: { name: 'a', contentType }, media: 'a' },
      { body: { name: 'a' }, media: { size: 1, type: contentType || ' ', stream: () => blob.stream() } },
    ]) {
      const failure = await failureOf(typeOf(parameters))
      expect(failure).toBeInstanceOf(ValidationError)
      expect(failure.problems).toEqual([
        {
          path: 'contentType' in (parameters.body ?? {}) ? 'body.contentType' : 'media.contentType',
          message: 'must be a media type such as image/png',
        },
      ])
    }
    expect(box.emulator.journal.exchanges).toEqual([])
  })
})
