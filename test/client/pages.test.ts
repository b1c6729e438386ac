import { createClient, ParseError, type HttpResponse, type UntypedApi } from 'discokit'
import { anonymous } from 'discokit/auth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answer, answering, type Recorder } from './answers.ts'
import { type Emulated, makeBuckets, openEmulated } from './emulated.ts'
import { notes } from './notes-document.ts'

async function take<T>(things: AsyncIterable<T>, limit = 1_000): Promise<T[]> {
  const taken: T[] = []
  for await (const thing of things) {
    taken.push(thing)
    if (taken.length === limit) break
  }
  return taken
}

describe('a list of the emulator', () => {
  let emulated: Emulated
  let storage: UntypedApi
  const paths = (): string[] => emulated.emulator.journal.exchanges.map((exchange) => exchange.path)

  beforeAll(async () => {
    emulated = await openEmulated()
    storage = emulated.storage
    await makeBuckets(storage, ['b-1', 'b-2', 'b-3', 'b-4', 'b-5'])
    for (const name of ['a/1', 'a/2', 'b']) await storage.objects.insert({ bucket: 'b-1', name, media: name })
  })
  afterAll(() => emulated[Symbol.asyncDispose]())
  beforeEach(() => emulated.emulator.journal.clear())

  test('gives the items of all pages', async () => {
    const buckets = await take(storage.buckets.list({ project: 'p', maxResults: 2 }))
    expect(buckets.map((bucket: any) => bucket.name)).toEqual(['b-1', 'b-2', 'b-3', 'b-4', 'b-5'])
    expect(paths()).toHaveLength(3)
  })

  test('gives pages, each as the server sent it', async () => {
    const pages = await take<any>(storage.buckets.list({ project: 'p', maxResults: 3 }).pages())
    expect(pages.map((page) => page.items.length)).toEqual([3, 2])
    expect(pages[0].kind).toBe('storage#buckets')
    expect(pages[1].nextPageToken).toBeUndefined()
  })

  test('repeats its parameters and options with each page', async () => {
    await take(
      storage.buckets.list({ project: 'p', maxResults: 3, prefix: 'b-' }, { extraQuery: { trace: '1' } }),
    )
    const [first, second] = paths()
    expect(first).toBe('/storage/v1/b?project=p&maxResults=3&prefix=b-&trace=1')
    expect(second).toMatch(/^\/storage\/v1\/b\?project=p&maxResults=3&prefix=b-&trace=1&pageToken=[^&]+$/)
  })

  test('begins where a page token says', async () => {
    const { nextPageToken } = await storage.buckets.list({ project: 'p', maxResults: 3 })
    const rest = await take<any>(storage.buckets.list({ project: 'p', pageToken: nextPageToken }))
    expect(rest.map((bucket) => bucket.name)).toEqual(['b-4', 'b-5'])
  })

  test('asks for no page that is not wanted', async () => {
    await take(storage.buckets.list({ project: 'p', maxResults: 2 }), 2)
    expect(paths()).toHaveLength(1)
  })

  test('can be walked twice, sharing the first page', async () => {
    const call = storage.buckets.list({ project: 'p', maxResults: 3 })
    expect([(await take(call)).length, (await take(call)).length]).toEqual([5, 5])
    expect(paths()).toHaveLength(3)
  })

  test('counts prefixes as no items', async () => {
    const names = async (parameters: object): Promise<unknown[]> =>
      (await take<any>(storage.objects.list({ bucket: 'b-1', delimiter: '/', ...parameters }))).map(
        (o) => o.name,
      )
    expect(await names({})).toEqual(['b'])
    expect(await names({ prefix: 'a' })).toEqual([])
    expect(await names({ maxResults: 1 })).toEqual(['b'])
  })

  test('fails at the page that fails, after the items before it', async () => {
    const call = storage.buckets.list({ project: 'p', maxResults: 2 }, { retry: false })
    await call
    emulated.emulator.fail('storage.buckets.list', ['return-503'])
    const seen: string[] = []
    const walk = async (): Promise<void> => {
      for await (const bucket of call) seen.push(bucket.name)
    }
    await expect(walk()).rejects.toMatchObject({ status: 503 })
    expect(seen).toEqual(['b-1', 'b-2'])
  })
})

describe('a list of a server with its own ideas', () => {
  function listing(...pages: (object | HttpResponse)[]): { list: () => any; transport: Recorder } {
    const transport = answering((_, index) => answer(200, pages[index % pages.length]))
    const api = createClient({ transport, auth: anonymous() }).api(notes)
    return { list: () => api.notes.list({ owner: 'me' }), transport }
  }

  test('goes on after an empty page, and ends at an empty token', async () => {
    const { list, transport } = listing(
      { items: [], nextPageToken: '2' },
      { nextPageToken: '3' },
      { items: [{ id: 1 }], nextPageToken: '' },
    )
    expect(await take(list())).toEqual([{ id: 1 }])
    expect(transport.requests).toHaveLength(3)
  })

  test('refuses a token that comes again, which would never end', async () => {
    const { list, transport } = listing({ items: [1], nextPageToken: 'same' })
    await expect(take(list())).rejects.toBeInstanceOf(ParseError)
    expect(transport.requests).toHaveLength(2)
  })

  test.each([
    ['the list called items', { other: [{ id: 2 }], items: [{ id: 1 }] }, [{ id: 1 }]],
    ['the list named like the resource', { other: [{ id: 2 }], notes: [{ id: 1 }] }, [{ id: 1 }]],
    ['texts, when they bear the name of the resource', { notes: ['a', 'b'] }, ['a', 'b']],
    ['the only list of objects', { unreachable: ['x'], things: [{ id: 1 }] }, [{ id: 1 }]],
    ['texts, when they are the only list', { collectionIds: ['a', 'b'] }, ['a', 'b']],
    ['nothing, when only places that could not be reached are listed', { unreachable: ['x'] }, []],
    [
      'the entries of a map',
      { items: { zone: { notes: [] } }, unreachables: ['x'] },
      [['zone', { notes: [] }]],
    ],
    [
      'the list named like the resource, whatever its number',
      { others: [{ id: 2 }], Note: [{ id: 1 }] },
      [{ id: 1 }],
    ],
    ['rows, when columns are told besides', { columns: ['a'], rows: [['1']], totals: [{}] }, [['1']]],
    ['nothing, when items is one object', { items: { id: 1 } }, []],
    ['nothing, when two lists could be meant', { these: [{ id: 1 }], those: [{ id: 2 }] }, []],
    ['nothing, when there is no list', { kind: 'notes#list' }, []],
  ])('takes for items %s', async (_, page, items) => {
    expect(await take(listing(page).list())).toEqual(items)
  })

  test('gives no items and one page for an answer without content', async () => {
    const transport = answering(() => answer(204))
    const api = createClient({ transport, auth: anonymous() }).api(notes)
    expect(await take(api.notes.list({ owner: 'me' }))).toEqual([])
    expect(await take(api.notes.list({ owner: 'me' }).pages())).toEqual([undefined])
  })
})
