import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../../../src/emulator/index.ts'
import { openStorage, say, type Say, store } from '../../speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await openStorage()
})
afterEach(() => emulator.close())

async function pages(query: Say['query'] = {}): Promise<{ items: string[]; prefixes: string[] }[]> {
  const all = []
  for (let pageToken: string | undefined, first = true; first || pageToken; first = false) {
    const { json } = await say(emulator, 'GET /storage/v1/b/box/o', {
      query: { ...query, ...(pageToken !== undefined && { pageToken }) },
    })
    expect(json.kind).toBe('storage#objects')
    const items = (json.items ?? []).map((item: { name: string }) => item.name)
    all.push({ items, prefixes: json.prefixes ?? [] })
    pageToken = json.nextPageToken
  }
  return all
}

describe('storage.objects.list', () => {
  beforeEach(async () => {
    for (const name of ['c', 'a/2', 'a/1', 'b/x/1', 'a/', 'd/1']) await store(emulator, name)
  })

  test('lists whole resources in order', async () => {
    const { json } = await say(emulator, 'GET /storage/v1/b/box/o')
    expect(json.items[0]).toEqual((await say(emulator, 'GET /storage/v1/b/box/o/a%2F')).json)
    expect(await pages()).toEqual([{ items: ['a/', 'a/1', 'a/2', 'b/x/1', 'c', 'd/1'], prefixes: [] }])
  })

  test('folds names at a delimiter', async () => {
    expect(await pages({ delimiter: '/' })).toEqual([{ items: ['c'], prefixes: ['a/', 'b/', 'd/'] }])
    expect(await pages({ delimiter: '/', prefix: 'a/' })).toEqual([
      { items: ['a/', 'a/1', 'a/2'], prefixes: [] },
    ])
    expect(await pages({ delimiter: '/', includeTrailingDelimiter: true })).toEqual([
      { items: ['a/', 'c'], prefixes: ['a/', 'b/', 'd/'] },
    ])
  })

  test('pages over names and prefixes', async () => {
    expect(await pages({ maxResults: 4 })).toEqual([
      { items: ['a/', 'a/1', 'a/2', 'b/x/1'], prefixes: [] },
      { items: ['c', 'd/1'], prefixes: [] },
    ])
    expect(await pages({ maxResults: 1, delimiter: '/' })).toEqual([
      { items: [], prefixes: ['a/'] },
      { items: [], prefixes: ['b/'] },
      { items: ['c'], prefixes: [] },
      { items: [], prefixes: ['d/'] },
    ])
  })

  test('goes from startOffset to before endOffset', async () => {
    expect(await pages({ startOffset: 'a/1', endOffset: 'c' })).toEqual([
      { items: ['a/1', 'a/2', 'b/x/1'], prefixes: [] },
    ])
  })

  test('goes on where it was when objects come and go between pages', async () => {
    const list = async (query: Say['query']): Promise<{ names: string[]; token: string }> => {
      const { json } = await say(emulator, 'GET /storage/v1/b/box/o', { query: { maxResults: 2, ...query } })
      return { names: json.items.map((item: { name: string }) => item.name), token: json.nextPageToken }
    }
    const first = await list({})
    expect(first.names).toEqual(['a/', 'a/1'])
    await say(emulator, 'DELETE /storage/v1/b/box/o/a%2F1')
    await store(emulator, 'a/0')
    await store(emulator, 'a/3')
    expect((await list({ pageToken: first.token })).names).toEqual(['a/2', 'a/3'])
  })

  test('gives no more than 1000 at once', async () => {
    await Promise.all(Array.from({ length: 1001 }, (_, i) => store(emulator, `n/${i}`, '')))
    const sizes = (await pages({ prefix: 'n/', maxResults: 5000 })).map((page) => page.items.length)
    expect(sizes).toEqual([1000, 1])
  })

  test('refuses a page token that no page gave', async () => {
    for (const pageToken of ['x', 'e30', '!', 'bnVsbA']) {
      const told = await say(emulator, 'GET /storage/v1/b/box/o', { query: { pageToken } })
      expect(told.json.error).toMatchObject({ code: 400, errors: [{ location: 'pageToken' }] })
    }
  })

  test('refuses a choice that it cannot make', async () => {
    const told = await say(emulator, 'GET /storage/v1/b/box/o?matchGlob=**')
    expect(told.json.error).toMatchObject({ code: 501, message: expect.stringContaining('matchGlob') })
    expect((await say(emulator, 'GET /storage/v1/b/box/o?versions=false&softDeleted=false')).status).toBe(200)
  })
})

test('the list of an empty bucket has no items', async () => {
  expect((await say(emulator, 'GET /storage/v1/b/box/o')).json).toEqual({ kind: 'storage#objects' })
})
