import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.ts'
import { applyFieldMask, parseFieldMask } from '../../src/emulator/field-mask.ts'
import { at, openStorage, say, store } from './speak.ts'

describe('a field mask', () => {
  const value = { a: 1, b: { c: 2, d: 3 }, items: [{ id: 1, e: { f: 4, g: 5 } }, { id: 2 }] }

  test.each<[string, unknown]>([
    ['a', { a: 1 }],
    ['a,b/c', { a: 1, b: { c: 2 } }],
    ['b/c,b/d', { b: { c: 2, d: 3 } }],
    ['b,b/c', { b: { c: 2, d: 3 } }],
    ['b/c,b', { b: { c: 2, d: 3 } }],
    ['items(id,e/f)', { items: [{ id: 1, e: { f: 4 } }, { id: 2 }] }],
    ['items/e(g),a', { a: 1, items: [{ e: { g: 5 } }, {}] }],
    ['*', value],
    ['*/c', { a: 1, b: { c: 2 }, items: [{}, {}] }],
    ['other', {}],
  ])('%s keeps what it names', (text, kept) => {
    expect(applyFieldMask(value, parseFieldMask(text))).toEqual(kept)
  })

  test.each([',', 'a,', 'a/', '/a', 'a(', 'a()', 'a(b', 'a)', 'a(b)c', 'a/'.repeat(10_000) + 'a'])(
    'cannot be %j',
    (text) => {
      expect(() => parseFieldMask(text)).toThrow(expect.objectContaining({ status: 400 }))
    },
  )
})

describe('the parameter fields', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await openStorage()
  })
  afterEach(() => emulator.close())

  test('chooses what an answer has, of every API', async () => {
    for (const name of ['a', 'b']) await store(emulator, name)
    const list = await say(emulator, 'GET /storage/v1/b/box/o?maxResults=1&fields=items(name,size)')
    expect(list.json).toEqual({ items: [{ name: 'a', size: '1' }] })
    expect(list.headers['content-length']).toBe(String(list.bytes.length))
    expect((await store(emulator, 'c', 'c', { fields: 'name' })).json).toEqual({ name: 'c' })
    const apis = await say(emulator, 'GET /discovery/v1/apis?fields=items/name')
    expect(apis.json).toEqual({ items: [{ name: 'storage' }, { name: 'discovery' }] })
  })

  test('changes nothing of bytes, of failures and of answers without a body', async () => {
    const content = '{"a":1,"b":2}'
    await say(emulator, 'POST /upload/storage/v1/b/box/o?uploadType=media&name=f', {
      headers: { 'content-type': 'application/json' },
      body: content,
    })
    expect((await say(emulator, `GET ${at('f')}?alt=media&fields=name`)).text).toBe(content)
    expect((await say(emulator, `GET ${at('none')}?fields=name`)).json.error.code).toBe(404)
    expect((await say(emulator, `DELETE ${at('f')}?fields=a`)).status).toBe(204)
  })

  test('that cannot be read is refused before anything is done', async () => {
    const told = await store(emulator, 'f', 'x', { fields: 'a(' })
    expect([told.status, told.json.error.errors[0].location]).toEqual([400, 'fields'])
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
  })
})
