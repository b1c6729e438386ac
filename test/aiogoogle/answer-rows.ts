import {
  type GoogleApiError,
  nextRequest,
  NotFoundError,
  UnauthenticatedError,
  type UntypedApi,
} from 'discokit'
import { accessToken } from 'discokit/auth'
import { inspect } from 'node:util'
import { expect } from 'vitest'
import { type Connected, connect, failure } from './connect.ts'
import type { RowTests } from '../examples/page-rows.ts'

/** Five buckets more, and lists of them by two. */
async function listed(c: Connected): Promise<{ buckets: UntypedApi; query: object; names: string[] }> {
  const { buckets } = await c.google.discover('storage:v1')
  const names = ['b-1', 'b-2', 'b-3', 'b-4', 'b-5']
  for (const name of names) await buckets.insert({ project: 'p', body: { name: `bucket-${name}` } })
  c.emulator.journal.clear()
  return {
    buckets,
    query: { project: 'p', prefix: 'bucket-', maxResults: 2 },
    names: names.map((name) => `bucket-${name}`),
  }
}

const namesOf = (page: { items: { name: string }[] }): string[] => page.items.map(({ name }) => name)

/** What comes back. */
export const answerRows: RowTests = {
  async P1() {
    await using c = await connect()
    const { get } = (await c.google.discover('storage:v1')).buckets
    const { data, response } = await get({ bucket: 'my-photos' }).withResponse()
    expect(response).toMatchObject({ status: 200, url: `${c.emulator.url}/storage/v1/b/my-photos` })
    expect(response.headers['content-type']).toMatch('application/json')
    const web = await get({ bucket: 'my-photos' }).asResponse()
    expect(web).toBeInstanceOf(Response)
    expect(await web.json()).toEqual(data)
  },

  async P2() {
    await using c = await connect()
    const { get } = (await c.google.discover('storage:v1')).buckets
    expect(await get({ bucket: 'my-photos' })).toMatchObject({ name: 'my-photos' })
    const error = await failure(() => get({ bucket: 'none' }))
    expect((error as GoogleApiError).serverMessage).toBe('The specified bucket does not exist.')
  },

  async P3() {
    await using c = await connect()
    const { get } = (await c.google.discover('storage:v1')).buckets
    const missing = await failure(() => get({ bucket: 'none' }))
    expect(missing).toBeInstanceOf(NotFoundError)
    expect(missing).toMatchObject({ code: 'not_found', status: 404, request: { method: 'GET' } })
    const secret = 'ya29.a-token-that-nobody-gave-out'
    const storage = await c.google.as(accessToken(secret)).discover('storage:v1')
    const error = await failure(() => storage.buckets.get({ bucket: 'my-photos' }))
    expect(error).toBeInstanceOf(UnauthenticatedError)
    for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(error), String(error)])
      expect(shown).not.toContain(secret)
  },

  async P4() {
    await using c = await connect()
    const { buckets, query, names } = await listed(c)
    const pages: string[][] = []
    for await (const page of buckets.list(query).pages()) pages.push(namesOf(page))
    expect(pages).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4)])
    const items: string[] = []
    for await (const { name } of buckets.list(query)) items.push(name)
    expect(items).toEqual(names)
    c.emulator.journal.clear()
    const some: string[] = []
    for await (const { name } of buckets.list(query).items({ limit: 3, prefetch: true })) some.push(name)
    expect(some).toEqual(names.slice(0, 3))
    expect(c.called()).toHaveLength(2)
  },

  async P5() {
    await using c = await connect()
    const { buckets, query, names } = await listed(c)
    const tokens = { requestToken: 'pageToken', responseToken: 'nextPageToken', in: 'query' } as const
    const seen: string[] = []
    for await (const { data } of c.google.pages(buckets.list.prepare(query), tokens))
      seen.push(...namesOf(data as never))
    expect(seen).toEqual(names)

    const { url } = await c.google.discover('urlshortener:v1') // its token goes by another name
    for (let i = 0; i < 35; i++) await url.insert({ body: { longUrl: `https://example.com/${i}` } })
    let count = 0
    for await (const _ of url.list()) count++
    expect(count).toBe(35)
    const request = { ...buckets.list.prepare(query), method: 'POST', body: '{}' }
    expect(nextRequest(request, { nextPageToken: 't' }, { in: 'body' })).toMatchObject({
      body: '{"pageToken":"t"}',
    })
  },

  async P6() {
    await using c = await connect()
    const { buckets, query, names } = await listed(c)
    const seen: string[] = []
    for (let request = buckets.list.prepare(query); request !== null;) {
      const page = await c.google.send(request)
      seen.push(...namesOf(page as never))
      request = nextRequest(request, page)
    }
    expect(seen).toEqual(names)
    for await (const page of c.google.pages(buckets.list.prepare(query), { limit: 1 }))
      expect(page.next()!.url).toMatch(/[?&]pageToken=/)
  },

  async P8() {
    await using c = await connect()
    const { query, names } = await listed(c)
    const storage = await c.client({ auth: c.emulator.serviceAccount() }).discover('storage:v1')
    const seen: string[] = []
    for await (const page of storage.buckets.list(query).pages()) {
      seen.push(...namesOf(page))
      c.emulator.clock.advance(3_600_000)
    }
    expect(seen).toEqual(names)
  },

  async P9() {
    await using c = await connect()
    const request = (await c.google.discover('storage:v1')).buckets.get.prepare({ bucket: 'my-photos' })
    expect(await c.google.send(request)).toEqual(await c.google.send(request))
  },

  async P10() {
    await using c = await connect()
    const { get } = (await c.google.discover('storage:v1')).buckets
    c.emulator.journal.clear()
    const [found, missing] = await c.google.batch([
      get.prepare({ bucket: 'my-photos' }),
      get.prepare({ bucket: 'none' }),
    ])
    expect(found).toMatchObject({ status: 'fulfilled', value: { name: 'my-photos' } })
    expect(missing).toMatchObject({ status: 'rejected', reason: { code: 'not_found' } })
    expect(c.emulator.journal.exchanges.filter(({ path }) => path.startsWith('/batch'))).toHaveLength(1)
  },
}
