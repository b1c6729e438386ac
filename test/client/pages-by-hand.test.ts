import { createClient, type PreparedRequest, ValidationError } from 'discokit'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { makeBuckets, openEmulated } from './emulated.ts'

const request = (more: Partial<PreparedRequest> = {}): PreparedRequest => ({
  id: 'notes.find',
  method: 'GET',
  url: 'https://notes.googleapis.com/find',
  headers: {},
  ...more,
})

/** A client whose server answers in order, the last for ever; its token is new for every request. */
function answeringPages(...pages: readonly object[]) {
  const transport = answering((_, index) => answer(200, pages[Math.min(index, pages.length - 1)]))
  let tokens = 0
  const auth = { kind: 'test', headers: () => ({ authorization: `Bearer ${(tokens += 1)}` }) }
  return { google: createClient({ transport, auth, retry: false }), transport }
}

async function take<T>(things: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = []
  for await (const thing of things) taken.push(thing)
  return taken
}

describe('the pages of a prepared request', () => {
  test('are asked for with the credentials of the client, each time anew', async () => {
    const { google, transport } = answeringPages({ a: 1, nextPageToken: '2' }, { a: 2 })
    const pages = await take(google.pages(request()))
    expect(pages.map(({ data }) => data)).toEqual([{ a: 1, nextPageToken: '2' }, { a: 2 }])
    expect(transport.requests.map(({ url, headers }) => [url, headers['authorization']])).toEqual([
      ['https://notes.googleapis.com/find', 'Bearer 1'],
      ['https://notes.googleapis.com/find?pageToken=2', 'Bearer 2'],
    ])
  })

  test('come from the emulator, and each gives the request for the next', async () => {
    const emulated = await openEmulated()
    await makeBuckets(emulated.storage, ['b-1', 'b-2', 'b-3'])
    const prepared = emulated.storage['buckets'].list.prepare({ project: 'p', maxResults: 2 })
    const pages = await take<any>(emulated.google.pages(prepared))
    expect(pages.map(({ data }) => data.items.map((bucket: any) => bucket.name))).toEqual([
      ['b-1', 'b-2'],
      ['b-3'],
    ])
    const next = pages[0].next()
    expect(await emulated.google.send(next)).toEqual(pages[1].data)
    expect(pages[1].next()).toBeNull()
    await emulated[Symbol.asyncDispose]()
  })

  test('may have their token in the body, under any name', async () => {
    const { google, transport } = answeringPages({ more: { at: 'x' } }, {})
    const first = request({ method: 'POST', body: '{"q":1}' })
    const options = { in: 'body', requestToken: 'page.at', responseToken: 'more.at' } as const
    const [page] = await take(google.pages(first, options))
    expect(transport.requests.map(({ body }) => body)).toEqual(['{"q":1}', '{"q":1,"page":{"at":"x"}}'])
    expect(page!.next()!.body).toBe('{"q":1,"page":{"at":"x"}}')
    expect(first.body).toBe('{"q":1}')
  })

  test('have a limit, options of calls and nothing else', async () => {
    const { google, transport } = answeringPages({ nextPageToken: '2' }, { nextPageToken: '3' }, {})
    const options = { limit: 2, prefetch: true, headers: { 'X-Trace': 'abc' }, extraQuery: { a: 'b' } }
    expect(await take(google.pages(request(), options))).toHaveLength(2)
    expect(transport.requests.map(({ url, headers }) => [url, headers['x-trace']])).toEqual([
      ['https://notes.googleapis.com/find?a=b', 'abc'],
      ['https://notes.googleapis.com/find?a=b&pageToken=2', 'abc'],
    ])
    for (const wrong of [{ limit: -1 }, { responsetoken: 'x' }, { in: 'path' }, { requestToken: '' }]) {
      await expect(take(google.pages(request(), wrong as object))).rejects.toBeInstanceOf(ValidationError)
    }
    expect(transport.requests).toHaveLength(2)
  })

  test('are not asked for before they are wanted, and begin anew each time', async () => {
    const { google, transport } = answeringPages({})
    const pages = google.pages(request())
    expect(transport.requests).toHaveLength(0)
    expect([(await take(pages)).length, (await take(pages)).length]).toEqual([1, 1])
    expect(transport.requests).toHaveLength(2)
  })

  test('end with an error at a token that comes again, and at fields without one', async () => {
    const { google } = answeringPages({ nextPageToken: 'same' })
    await expect(take(google.pages(request()))).rejects.toThrow(/twice/)
    const masked = answeringPages({ a: 1 })
    const url = 'https://notes.googleapis.com/find?fields=a'
    await expect(take(masked.google.pages(request({ url })))).rejects.toThrow(/nextPageToken,a/)
  })
})
