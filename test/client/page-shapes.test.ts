import { createClient, ParseError, type UntypedApi, ValidationError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering, type Recorder } from './answers.ts'
import { paged } from './paged-document.ts'

/** The API with answers in order, the last for ever. */
function answeringPages(...pages: readonly (object | undefined)[]): { api: UntypedApi; transport: Recorder } {
  const transport = answering((_, index) => answer(200, pages[Math.min(index, pages.length - 1)]))
  return { api: createClient({ transport, auth: anonymous(), retry: false }).api(paged), transport }
}

async function take<T = any>(things: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = []
  for await (const thing of things) taken.push(thing)
  return taken
}

const base = 'https://paged.googleapis.com/paged/v1'

describe('a list', () => {
  test('has its items where the schema says, whatever else comes', async () => {
    const { api } = answeringPages({ others: [{ id: 0 }], things: [{ id: 1 }] })
    expect(await take(api.things.list())).toEqual([{ id: 1 }])
    const withoutItems = answeringPages({ others: [{ id: 0 }] })
    expect(await take(withoutItems.api.things.list())).toEqual([])
  })

  test('may have its token in the body, which stays as it was', async () => {
    const { api, transport } = answeringPages(
      { things: [1], nextPageToken: '2' },
      { things: [2], nextPageToken: '3' },
      { things: [3] },
    )
    const body = Object.freeze({ query: 'q', deep: Object.freeze({ a: [null, 1] }) })
    expect(await take(api.things.search({ body }))).toEqual([1, 2, 3])
    expect(transport.requests.map(({ url, body }) => [url, JSON.parse(body as string)])).toEqual([
      [`${base}/things:search`, { query: 'q', deep: { a: [null, 1] } }],
      [`${base}/things:search`, { query: 'q', deep: { a: [null, 1] }, pageToken: '2' }],
      [`${base}/things:search`, { query: 'q', deep: { a: [null, 1] }, pageToken: '3' }],
    ])
  })

  test('begins where the token in a body says, and needs no body at all', async () => {
    const { api, transport } = answeringPages({ nextPageToken: '3' }, {})
    await take(api.things.search({ body: { pageToken: '2' } }))
    expect(transport.requests.map(({ body }) => body)).toEqual(['{"pageToken":"2"}', '{"pageToken":"3"}'])
    const bare = answeringPages({ nextPageToken: '2' }, {})
    await take(bare.api.things.search())
    expect(bare.transport.requests.map(({ body, headers }) => [body, headers['content-type']])).toEqual([
      [undefined, undefined],
      ['{"pageToken":"2"}', 'application/json'],
    ])
  })

  test('asks again for what was asked, though the parameters have changed since', async () => {
    const { api, transport } = answeringPages({ things: [1], nextPageToken: '2' }, {})
    const parameters = { filter: 'a' }
    const call = api.things.list(parameters)
    parameters.filter = 'b'
    await take(call)
    expect(transport.requests.map(({ url }) => url)).toEqual([
      `${base}/things/list?filter=a`,
      `${base}/things/list?filter=a&pageToken=2`,
    ])
  })

  test('may count, and end with an empty page or without a link', async () => {
    const link = (start: number): string => `${base}/things/counted?start-index=${start}`
    const { api, transport } = answeringPages(
      { items: [1, 2], nextLink: link(3) },
      { items: [3], nextLink: link(4) },
      { items: [], nextLink: link(4) },
    )
    expect(await take(api.things.counted())).toEqual([1, 2, 3])
    expect(transport.requests.map(({ url }) => url)).toEqual([`${base}/things/counted`, link(3), link(4)])
    expect(await take(answeringPages({ items: [1] }).api.things.counted())).toEqual([1])
  })

  test('never follows a link elsewhere', async () => {
    const { api, transport } = answeringPages({
      items: [1],
      nextLink: 'https://example.com/steal?start-index=2',
    })
    await expect(take(api.things.counted())).rejects.toBeInstanceOf(ParseError)
    expect(transport.requests).toHaveLength(1)
  })

  test('may name its token deeper in the answer', async () => {
    const { api, transport } = answeringPages(
      { items: [1], metadata: { continue: 'c' } },
      { items: [2], metadata: {} },
    )
    expect(await take(api.things.continued())).toEqual([1, 2])
    expect(transport.requests[1]!.url).toBe(`${base}/things/continued?continue=c`)
  })

  test('leaves the start out once it goes by tokens', async () => {
    const { api, transport } = answeringPages({ rows: [1], errors: [{}], pageToken: 't' }, { errors: [{}] })
    expect(await take(api.things.rows({ startIndex: '10' }))).toEqual([1])
    expect(transport.requests.map(({ url }) => url)).toEqual([
      `${base}/things/rows?startIndex=10`,
      `${base}/things/rows?pageToken=t`,
    ])
  })

  test('of maps gives their entries', async () => {
    const { api } = answeringPages(
      { items: { 'zones/a': { things: [1] }, 'zones/b': {} }, nextPageToken: '2' },
      { items: { 'zones/c': { things: [2] } } },
    )
    expect(await take(api.things.aggregated())).toEqual([
      ['zones/a', { things: [1] }],
      ['zones/b', {}],
      ['zones/c', { things: [2] }],
    ])
  })

  test('that cannot go on says so after what it has', async () => {
    const { api, transport } = answeringPages({ things: [1, 2], nextPageToken: '2' })
    const seen: unknown[] = []
    const walk = async (): Promise<void> => {
      for await (const thing of api.things.open()) seen.push(thing)
    }
    await expect(walk()).rejects.toThrow(/requestToken/)
    expect(seen).toEqual([1, 2])
    expect(transport.requests).toHaveLength(1)
    expect(await take(api.things.open().pages({ limit: 1 }))).toHaveLength(1)
  })
})

describe('a token', () => {
  test.each([[1], [0], [true], [{}], [['2']]])(
    'that is %j and not text ends the walk with an error',
    async (token) => {
      const { api, transport } = answeringPages({ things: [1], nextPageToken: token })
      await expect(take(api.things.list())).rejects.toBeInstanceOf(ParseError)
      expect(transport.requests).toHaveLength(1)
    },
  )

  test.each([1, 2, 1_000])('that comes again after %i pages ends the walk with an error', async (period) => {
    const transport = answering((_, index) =>
      answer(200, { things: [index], nextPageToken: String(index % period) }),
    )
    const api = createClient({ transport, auth: anonymous() }).api(paged)
    await expect(take(api.things.list())).rejects.toThrow(/twice/)
    expect(transport.requests).toHaveLength(period + 1)
  })
})

describe('fields', () => {
  test.each(['things(id)', 'things(id,nextPageToken)', 'things/nextPageToken', 'nextPageTokens'])(
    '%s leave out the token, which is an error when a further page is asked for',
    async (fields) => {
      const { api, transport } = answeringPages({ things: [1] })
      const walk = take(api.things.list({ fields }))
      await expect(walk).rejects.toBeInstanceOf(ValidationError)
      await expect(walk).rejects.toThrow(`ask for 'nextPageToken,${fields}'`)
      expect(transport.requests).toHaveLength(1)
      expect(await take(api.things.list({ fields }).items({ limit: 1 }))).toEqual([1])
      expect(await take(api.things.list({ fields }).pages({ limit: 1 }))).toHaveLength(1)
    },
  )

  test.each([
    '*',
    'nextPageToken,things(id)',
    'things/id, nextPageToken',
    'things(id,other(a)),nextPageToken',
  ])('%s do not', async (fields) => {
    const { api } = answeringPages({ things: [1] })
    expect(await take(api.things.list({ fields }))).toEqual([1])
  })

  test.each(['items', 'metadata/selfLink,items', 'metadata(selfLink)'])(
    '%s leave out a deeper token',
    async (fields) => {
      const { api } = answeringPages({ items: [1] })
      await expect(take(api.things.continued({ fields }))).rejects.toThrow("'metadata/continue,")
    },
  )

  test.each(['metadata,items', 'metadata/continue', 'metadata(selfLink,continue)', 'metadata/*'])(
    '%s have a deeper token',
    async (fields) => {
      const { api } = answeringPages({ items: [1] })
      expect(await take(api.things.continued({ fields }))).toEqual([1])
    },
  )

  test('are no matter to a call that is awaited', async () => {
    const { api } = answeringPages({ things: [1] })
    expect(await api.things.list({ fields: 'things' })).toEqual({ things: [1] })
  })
})
