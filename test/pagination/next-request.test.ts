import * as fc from 'fast-check'
import { nextRequest, ParseError, type PreparedRequest, ValidationError } from 'discokit'
import { describe, expect, test } from 'vitest'
import { nextToken } from '../../src/pagination/next-token.ts'
import { queryValues, withQuery } from '../../src/pagination/query.ts'
import { SeenTokens } from '../../src/pagination/seen-tokens.ts'

const address = 'https://notes.googleapis.com/notes/v1/notes'
const request = (more: Partial<PreparedRequest> = {}): PreparedRequest => ({
  id: 'notes.notes.list',
  method: 'GET',
  url: address,
  headers: {},
  ...more,
})

describe('the next request', () => {
  test.each([
    [address, `${address}?pageToken=t%2F2`],
    [`${address}?a=1`, `${address}?a=1&pageToken=t%2F2`],
    [`${address}?pageToken=1&a=&b`, `${address}?pageToken=t%2F2&a=&b`],
    [`${address}?a=+%20&pageToken=1&pageToken=0#part`, `${address}?a=+%20&pageToken=t%2F2#part`],
    [`${address}?%70ageToken=1`, `${address}?pageToken=t%2F2`],
    [`${address}?`, `${address}?pageToken=t%2F2`],
  ])('after %s is %s', (url, expected) => {
    const first = Object.freeze(request({ url, scopes: ['s'] }))
    expect(nextRequest(first, { nextPageToken: 't/2' })).toEqual({ ...first, url: expected })
  })

  test.each([[{}], [{ nextPageToken: '' }], [{ nextPageToken: null }], [undefined], ['text'], [[]], [null]])(
    'after %j is none',
    (data) => {
      expect(nextRequest(request(), data)).toBeNull()
    },
  )

  test('has names of one’s own', () => {
    const tokens = { requestToken: 'continue', responseToken: 'metadata.continue' }
    expect(nextRequest(request(), { metadata: { continue: 'x' } }, tokens)?.url).toBe(`${address}?continue=x`)
    expect(nextRequest(request(), { metadata: 'x' }, tokens)).toBeNull()
    const counted = { requestToken: 'cursor', responseToken: 'cursor' }
    expect(nextRequest(request(), { cursor: 20, result: [1] }, counted)?.url).toBe(`${address}?cursor=20`)
    expect(nextRequest(request(), { cursor: 20, result: [] }, counted)).toBeNull()
  })

  test('has the token in its body, where that is asked for', () => {
    const first = Object.freeze(
      request({ method: 'POST', body: '{"pageToken":"1","by":{"a":null},"q":"ü"}' }),
    )
    const next = nextRequest(first, { nextPageToken: '2' }, { in: 'body' })
    expect(next).toEqual({
      ...first,
      headers: { 'content-type': 'application/json' },
      body: '{"pageToken":"2","by":{"a":null},"q":"ü"}',
    })
    const deeper = nextRequest(first, { nextPageToken: '2' }, { in: 'body', requestToken: 'by.token' })
    expect(JSON.parse(deeper!.body!)).toEqual({ pageToken: '1', by: { a: null, token: '2' }, q: 'ü' })
    const bare = nextRequest(request({ method: 'POST' }), { nextPageToken: '2' }, { in: 'body' })
    expect(bare?.body).toBe('{"pageToken":"2"}')
  })

  test.each(['[1]', '"text"', 'null', '{'])('cannot be made of the body %s', (body) => {
    expect(() => nextRequest(request({ body }), { nextPageToken: '2' }, { in: 'body' })).toThrow(
      ValidationError,
    )
  })

  test.each([[1], [true], [{}], [['a']], ['\ud800']])('cannot be made of the token %j', (nextPageToken) => {
    expect(() => nextRequest(request(), { nextPageToken })).toThrow(ParseError)
  })

  test('is refused when it would be the same again', () => {
    const first = request({ url: `${address}?pageToken=same` })
    expect(() => nextRequest(first, { nextPageToken: 'same' })).toThrow(/twice/)
  })

  test.each([[{ in: 'header' }], [{ requestToken: '' }], [{ responseToken: 3 }]])(
    'cannot be told %j',
    (tokens) => {
      expect(() => nextRequest(request(), {}, tokens as object)).toThrow(ValidationError)
    },
  )

  test('keeps every other parameter, whatever it is called', () => {
    const name = fc.string({ minLength: 1, unit: 'binary' })
    const value = fc.string({ unit: 'binary' })
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), name, value, (others, wanted, token) => {
        const kept = others.filter(([other]) => other !== wanted)
        const url = kept.reduce((so, [a, b]) => withQuery(so, a, b), address)
        const next = withQuery(withQuery(url, wanted, 'before'), wanted, token)
        expect(queryValues(next, wanted)).toEqual([token])
        for (const [other] of kept) expect(queryValues(next, other)).toEqual(queryValues(url, other))
      }),
    )
  })
})

describe('a link to the next page', () => {
  const paging = (counts: boolean, name: string, member: string): Parameters<typeof nextToken>[1] => ({
    request: { in: 'query', path: [name], counts },
    response: [[member]],
    items: undefined,
  })
  const linked = (
    nextLink: unknown,
    more: object = { items: [1] },
    url = `${address}?max-results=5`,
  ): string | undefined =>
    nextToken({ nextLink, ...more }, paging(true, 'start-index', 'nextLink'), request({ url }))

  test.each([
    [`${address}?max-results=5&start-index=6`],
    ['https://www.googleapis.com/notes/v1/notes?start-index=6'],
    ['/notes/v1/notes?start-index=6'],
    ['https://www.googleapis.com/notes/v1/%6eotes?start-index=6'],
  ])('tells where it begins: %s', (link) => {
    expect(linked(link)).toBe('6')
  })

  test('may be without the path that an endpoint has before', () => {
    expect(
      linked('/notes/v1/notes?start-index=6', undefined, 'http://127.0.0.1:1/proxy/notes/v1/notes'),
    ).toBe('6')
  })

  test.each([
    [`https://notes.googleapis.com/other/v1/notes?start-index=6`],
    [`${address}?max-results=5`],
    [`${address}?start-index=`],
    ['http://'],
    [6],
    [{}],
  ])('is not followed elsewhere: %j', (link) => {
    expect(() => linked(link)).toThrow(ParseError)
  })

  test('is not asked for after an empty page, and is not there after the last', () => {
    expect(linked(`${address}?start-index=6`, { items: [] })).toBeUndefined()
    expect(linked(`${address}?start-index=6`, {})).toBeUndefined()
    expect(linked(undefined)).toBeUndefined()
  })

  test('stands among the links of a FHIR bundle', () => {
    const bundle = (link: unknown): string | undefined =>
      nextToken({ link, entry: [] }, paging(false, '_page_token', 'link'), request())
    expect(
      bundle([
        { relation: 'self', url: address },
        { relation: 'next', url: `${address}?_page_token=a%2Bb` },
      ]),
    ).toBe('a+b')
    expect(bundle([{ relation: 'self', url: address }])).toBeUndefined()
    expect(bundle([null])).toBeUndefined()
  })
})

describe('tokens that come again', () => {
  function noticedAfter(before: number, period: number): number {
    const seen = new SeenTokens()
    for (let i = 0; ; i++) {
      if (seen.repeats(String(i < before ? i : before + ((i - before) % period)))) return i
    }
  }

  test.each([1, 2, 1_000, 1_024])('are noticed at once in a circle of %i', (period) => {
    expect(noticedAfter(0, period)).toBe(period)
  })

  test('are noticed in a circle of any length, wherever it begins', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.integer({ min: 1, max: 20_000 }), (before, period) => {
        const at = noticedAfter(before, period)
        expect(at).toBeGreaterThanOrEqual(before + period)
        expect(at).toBeLessThanOrEqual(4 * (before + period) + 4 * 1_024)
      }),
    )
  })

  test('are not seen where all differ', () => {
    const seen = new SeenTokens()
    for (let i = 0; i < 100_000; i++) expect(seen.repeats(String(i))).toBe(false)
  })
})
