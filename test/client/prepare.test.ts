import { createClient, ValidationError } from 'discokit'
import { anonymous, serviceAccount } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

const transport = answering(() => answer(200, {}))
const { notes: methods } = createClient({ transport, auth: anonymous() }).api(notes)
const base = 'https://notes.googleapis.com/notes/v1'

describe('prepare', () => {
  test.each([
    [
      'a GET',
      () => methods.get.prepare({ noteId: 'a b/c', view: 'FULL' }),
      {
        id: 'notes.notes.get',
        method: 'GET',
        url: `${base}/notes/a%20b%2Fc?view=FULL`,
        headers: {},
        scopes: ['https://www.googleapis.com/auth/notes', 'https://www.googleapis.com/auth/notes.readonly'],
      },
    ],
    [
      'a POST with a body and the version header that the document asks for',
      () => methods.insert.prepare({ body: { title: 'ü' }, fields: 'id' }),
      {
        id: 'notes.notes.insert',
        method: 'POST',
        url: `${base}/notes?fields=id`,
        headers: { 'content-type': 'application/json', 'x-goog-api-version': '2026-01-01' },
        body: '{"title":"ü"}',
      },
    ],
    [
      'a POST without a body',
      () => methods.insert.prepare(),
      {
        id: 'notes.notes.insert',
        method: 'POST',
        url: `${base}/notes`,
        headers: { 'x-goog-api-version': '2026-01-01' },
      },
    ],
    [
      'a PUT',
      () => methods.update.prepare({ noteId: '1', body: [] }),
      {
        id: 'notes.notes.update',
        method: 'PUT',
        url: `${base}/notes/1`,
        headers: { 'content-type': 'application/json' },
        body: '[]',
      },
    ],
    [
      'a DELETE',
      () => methods.delete.prepare({ noteId: '1' }),
      { id: 'notes.notes.delete', method: 'DELETE', url: `${base}/notes/1`, headers: {} },
    ],
    [
      'a method whose path keeps slashes',
      () => methods.move.prepare({ name: 'folders/a b/notes/1:2' }),
      { id: 'notes.notes.move', method: 'POST', url: `${base}/folders/a%20b/notes/1%3A2:move`, headers: {} },
    ],
  ])('gives %s as plain data', (_, prepare, expected) => {
    const request = prepare()
    expect(request).toStrictEqual(expected)
    expect(JSON.parse(JSON.stringify(request))).toStrictEqual(request)
    expect(structuredClone(request)).toStrictEqual(request)
  })

  test('sends nothing', async () => {
    methods.get.prepare({ noteId: '1' })
    await Promise.resolve()
    expect(transport.requests).toEqual([])
  })

  test('asks for no credential: one that cannot be had is no hindrance', () => {
    const google = createClient({ transport, auth: serviceAccount({ keyFile: '/no/such/key.json' }) })
    const request = google.api(notes).notes.delete.prepare({ noteId: '1' })
    expect(request.headers).toEqual({})
    expect(createClient({ transport }).api(notes).notes.delete.prepare({ noteId: '1' })).toEqual(request)
  })

  test('gives an object of its own each time, for the caller to change', () => {
    for (const prepare of [
      () => methods.delete.prepare({ noteId: '1' }),
      () => methods.insert.prepare({ body: {} }),
    ]) {
      const before = prepare()
      prepare().headers['x-tenant'] = 'other'
      expect(prepare()).toStrictEqual(before)
    }
  })

  test('throws what is wrong with the parameters', () => {
    expect(() => methods.get.prepare({})).toThrow(ValidationError)
  })
})

describe('the values of URL parameters', () => {
  test.each([
    ['a bigint beyond 2^53', { revision: 9_007_199_254_740_993n }, 'revision=9007199254740993'],
    ['a Date as RFC 3339', { readTime: new Date(0) }, 'readTime=1970-01-01T00%3A00%3A00.000Z'],
    ['true', { deleted: true }, 'deleted=true'],
    ['false', { deleted: false }, 'deleted=false'],
    ['zero', { weight: 0 }, 'weight=0'],
    ['a fraction', { weight: -1.5 }, 'weight=-1.5'],
    ['a small number, without its plus sign read as a space', { weight: 1e-7 }, 'weight=1e-7'],
    ['the empty text', { fields: '' }, 'fields='],
    ['text that is not plain', { fields: 'a b&c=d+e/ü#?' }, 'fields=a%20b%26c%3Dd%2Be%2F%C3%BC%23%3F'],
    ['each item of a repeated parameter', { labels: ['a', 'b&c'] }, 'labels=a&labels=b%26c'],
    ['one value of a repeated parameter', { labels: 'a' }, 'labels=a'],
    ['no item of an empty list', { labels: [] }, undefined],
    ['items that are there', { labels: ['a', undefined, null] }, 'labels=a'],
    ['nothing for undefined', { view: undefined, nonsense: undefined }, undefined],
    ['nothing for null', { view: null }, undefined],
  ])('are written as %s', (_, parameters, query) => {
    const { url } = methods.get.prepare({ noteId: '1', ...parameters })
    expect(url).toBe(`${base}/notes/1${query === undefined ? '' : `?${query}`}`)
  })

  test.each([
    [42, '42'],
    [10n ** 20n, '100000000000000000000'],
    [true, 'true'],
    [new Date(0), '1970-01-01T00%3A00%3A00.000Z'],
    ["!'()*", '%21%27%28%29%2A'],
    ['%2F', '%252F'],
  ])('%s stands in a path as %s', (noteId, text) => {
    expect(methods.get.prepare({ noteId }, { validate: false }).url).toBe(`${base}/notes/${text}`)
  })

  test('take those of the whole API too', () => {
    expect(methods.get.prepare({ noteId: '1', fields: 'a,b(c)' }).url).toBe(`${base}/notes/1?fields=a%2Cb(c)`)
  })
})

describe('a request body', () => {
  test.each([
    ['drops undefined and keeps null', { a: undefined, b: null, c: [null] }, '{"b":null,"c":[null]}'],
    ['has bigints as decimal text', { size: 9_007_199_254_740_993n }, '{"size":"9007199254740993"}'],
    ['has times in RFC 3339', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['may be null', null, 'null'],
    ['may be zero', 0, '0'],
    ['may be false', false, 'false'],
  ])('%s', (_, body, text) => {
    expect(methods.insert.prepare({ body }).body).toBe(text)
  })

  test('that is undefined is no body', () => {
    expect(methods.insert.prepare({ body: undefined })).not.toHaveProperty('body')
  })

  test('is taken as it is at that moment', () => {
    const body = { title: 'before' }
    const request = methods.insert.prepare({ body })
    body.title = 'after'
    expect(request.body).toBe('{"title":"before"}')
  })
})

describe('extraQuery', () => {
  const url = (extraQuery: object, parameters: object = {}): string =>
    methods.get.prepare({ noteId: '1', ...parameters }, { extraQuery }).url

  test('adds parameters that the document does not know', () => {
    expect(url({ trace: 'a b' })).toBe(`${base}/notes/1?trace=a%20b`)
    expect(url({ 'a b': ['1', '2'] }, { view: 'FULL' })).toBe(`${base}/notes/1?view=FULL&a%20b=1&a%20b=2`)
  })

  test('drops undefined and null, and may be empty', () => {
    expect(url({})).toBe(`${base}/notes/1`)
    expect(url({ a: undefined, b: null, c: [undefined], d: [] })).toBe(`${base}/notes/1`)
  })

  test('refuses what cannot stand in an address', () => {
    expect(() => url({ a: '\ud800', b: {} })).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        problems: [
          expect.objectContaining({ path: 'extraQuery.a' }),
          expect.objectContaining({ path: 'extraQuery.b' }),
        ],
      }),
    )
  })
})
