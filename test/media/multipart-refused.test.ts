import { type Problem, ValidationError } from 'discokit'
import { multipart } from 'discokit/media'
import { file } from 'discokit/node'
import { describe, expect, test } from 'vitest'

const MEDIA_TYPE = 'must be a media type'
const HEADER = 'must be a header without line ends'
const TEXT = 'must be a text without line ends'

function problemsOf(options: any): readonly Problem[] {
  try {
    multipart(options)
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    return (error as ValidationError).problems
  }
  throw new Error('it was not refused')
}

describe('multipart refuses', () => {
  test.each([
    ['a line end in a name', { name: 'a\r\nx: 1' }, 'name', TEXT],
    ['a lone line feed in a name', { name: 'a\nb' }, 'name', TEXT],
    ['a null character in a name', { name: 'a\u0000' }, 'name', TEXT],
    ['an empty name', { name: '' }, 'name', TEXT],
    ['no name', { name: undefined }, 'name', TEXT],
    ['a line end in a file name', { fileName: 'a\r\nx: 1' }, 'fileName', TEXT],
    ['a carriage return in a file name', { fileName: 'a\r.png' }, 'fileName', TEXT],
    ['a line end in a media type', { contentType: 'a/b\r\nx: 1' }, 'contentType', MEDIA_TYPE],
    ['what is no media type', { contentType: 'png' }, 'contentType', MEDIA_TYPE],
    ['an empty media type', { contentType: '' }, 'contentType', MEDIA_TYPE],
    ['a line end in a header', { headers: { a: 'b\r\nc: d' } }, 'headers.a', HEADER],
    ['a line feed in a header', { headers: { a: 'b\n' } }, 'headers.a', HEADER],
    ['a letter that no header has', { headers: { a: 'ä' } }, 'headers.a', HEADER],
    ['a line end in the name of a header', { headers: { 'a\r\nb': 'c' } }, 'headers.a\r\nb', HEADER],
    ['a header without name', { headers: { '': 'c' } }, 'headers.', HEADER],
  ])('%s', (_, part, member, message) => {
    const parts = [
      { name: 'fine', body: '' },
      { name: 'a', body: 'b', ...part },
    ]
    expect(problemsOf({ kind: 'form-data', parts })).toEqual([{ path: `parts[1].${member}`, message }])
  })

  test.each([
    ['a Blob', { size: 1, type: 'a/b\r\nx: 1', stream: () => new Blob(['a']).stream() }],
    ['a description', { content: 'a', contentType: 'a/b\r\nx: 1' }],
    ['a source', { describe: () => ({ replayable: true, contentType: 'a/b\r\nx: 1' }), open: () => [] }],
  ])('a line end in the media type of %s', (_, body) => {
    for (const kind of ['related', 'form-data']) {
      expect(problemsOf({ kind, parts: [{ name: 'a', body }] })).toEqual([
        { path: 'parts[0].contentType', message: expect.stringContaining(MEDIA_TYPE) },
      ])
    }
  })

  test('nothing to write, and tells all problems at once', () => {
    expect(problemsOf({ kind: 'related', parts: [] })).toEqual([
      { path: 'parts', message: 'must have at least one part' },
    ])
    const parts = [
      { body: '', contentType: 'x', headers: { a: '\n' } },
      { body: '', contentType: 'y' },
    ]
    expect(problemsOf({ kind: 'related', parts }).map(({ path }) => path)).toEqual([
      'parts[0].contentType',
      'parts[0].headers.a',
      'parts[1].contentType',
    ])
  })

  test('a part without content, and a file that does not exist', () => {
    for (const body of [null, undefined, 7, ['a']]) {
      expect(problemsOf({ kind: 'related', parts: [{ body: '' }, { body }] })).toMatchObject([
        { path: 'parts[1].body' },
      ])
    }
    expect(problemsOf({ kind: 'related', parts: [{ body: file('/nowhere/at/all') }] })).toMatchObject([
      { message: '/nowhere/at/all does not exist' },
    ])
  })
})
