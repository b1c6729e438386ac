import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.ts'
import { checkFieldMask } from '../../src/emulator/check-field-mask.ts'
import { applyFieldMask, parseFieldMask } from '../../src/emulator/field-mask.ts'
import type { JsonSchema, RestDescription, RestMethod } from '../../src/discovery/document.ts'
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
    ['*/c', { b: { c: 2 }, items: [{}, {}] }],
    ['*(c,id)', { b: { c: 2 }, items: [{ id: 1 }, { id: 2 }] }],
    ['items/*/f', { items: [{ e: { f: 4 } }, {}] }],
    ['items(*)', { items: value.items }],
    ['*,b/c', value],
    ['items(e(f,g)),items/id', { items: value.items }],
    ['items(e/f),items(e/g)', { items: [{ e: { f: 4, g: 5 } }, {}] }],
    ['a/b,b/c/d', { b: {} }],
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

describe('a field mask and the schema of an answer', () => {
  const schemas: Record<string, JsonSchema> = {
    List: {
      type: 'object',
      properties: {
        kind: { type: 'string' },
        items: { type: 'array', items: { $ref: 'Item' } },
        labels: { type: 'object', additionalProperties: { $ref: 'Item' } },
        rows: { type: 'array', items: { type: 'array', items: { $ref: 'Item' } } },
      },
    },
    Item: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        parent: { $ref: 'Item' },
        free: { type: 'object' },
        any: { type: 'any' },
        lost: { $ref: 'Lost' },
      },
    },
    Empty: { type: 'object', properties: {} },
    Tree: {
      type: 'object',
      properties: { id: { type: 'string' }, one: { $ref: 'Tree' }, two: { $ref: 'Tree' } },
    },
  }
  const document = { name: 'x', version: 'v1', rootUrl: 'https://x/', servicePath: '', schemas }
  const check = (text: string, schema: string | undefined, more: Partial<RestDescription> = {}): void => {
    const response = schema === undefined ? {} : { response: { $ref: schema } }
    const method: RestMethod = { id: 'x.list', path: 'x', httpMethod: 'GET', ...response }
    checkFieldMask(parseFieldMask(text), { ...document, ...more }, method)
  }

  test.each([
    'kind',
    'items',
    'items/id',
    'items(id,parent/parent/id)',
    'items/*',
    '*',
    '*/id',
    'items/*/id',
    'labels/whatever/id',
    'labels/*/id',
    'rows/id',
    'items(free/a/b,any/c(d),lost/e)',
  ])('go together as %s', (text) => {
    expect(() => check(text, 'List')).not.toThrow()
  })

  test.each([
    ['item', 'item'],
    ['kind,items/idd', 'items/idd'],
    ['items(id,parent/parent/name)', 'items/parent/parent/name'],
    ['kind/a', 'kind/a'],
    ['items/parent/id/*', 'items/parent/id/*'],
    ['labels/whatever/name', 'labels/whatever/name'],
    ['constructor', 'constructor'],
    ['rows/name', 'rows/name'],
  ])('do not as %s', (text, path) => {
    expect(() => check(text, 'List')).toThrow(
      expect.objectContaining({
        status: 400,
        reason: 'invalidParameter',
        message: `Invalid field selection ${path}`,
        details: { location: 'fields', locationType: 'parameter' },
      }),
    )
  })

  test('need none where the document has none', () => {
    expect(() => check('a/b', undefined)).not.toThrow()
    expect(() => check('a/b', 'Lost')).not.toThrow()
    expect(() => check('*', 'Empty')).not.toThrow()
    expect(() => check('a', 'Empty')).toThrow('Invalid field selection a')
  })

  test('are compared in no time, however often a schema holds itself', () => {
    expect(() => check('*/'.repeat(40) + 'nowhere', 'Tree')).toThrow('Invalid field selection */')
    expect(() => check('*/'.repeat(40) + 'id', 'Tree')).not.toThrow()
  })

  test('begin with `data` where the document says so', () => {
    const wrapped = { features: ['dataWrapper'] }
    expect(() => check('data/items/id', 'List', wrapped)).not.toThrow()
    expect(() => check('items/id', 'List', wrapped)).toThrow('Invalid field selection items')
  })
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
    const apis = await say(emulator, 'GET /discovery/v1/apis?name=storage&fields=items/name')
    expect(apis.json).toEqual({ items: [{ name: 'storage' }] })
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

  test('reaches into every part of an answer', async () => {
    await store(emulator, 'a')
    const metadata = { metadata: { color: 'red', size: 'big' } }
    await say(emulator, `PATCH ${at('a')}`, { body: metadata })
    const get = async (fields: string): Promise<unknown> =>
      (await say(emulator, `GET ${at('a')}`, { query: { fields } })).json
    expect(await get('metadata/color')).toEqual({ metadata: { color: 'red' } })
    expect(await get('*/size')).toEqual({ metadata: { size: 'big' } })
    expect(await get('*')).toMatchObject({ kind: 'storage#object', ...metadata })
    expect(await get('')).toMatchObject({ kind: 'storage#object', ...metadata })
    const list = await say(emulator, 'GET /storage/v1/b/box/o?fields=kind,items(name,metadata/*)')
    expect(list.json).toEqual({ kind: 'storage#objects', items: [{ name: 'a', ...metadata }] })
    const documents = await say(
      emulator,
      'GET /discovery/v1/apis/storage/v1/rest?fields=auth(oauth2),methods',
    )
    expect(Object.keys(documents.json)).toEqual(['auth'])
  })

  test('that names what no answer has is refused before anything is done', async () => {
    const told = await store(emulator, 'f', 'x', { fields: 'name,nam' })
    expect(told.status).toBe(400)
    expect(told.json.error).toMatchObject({
      message: 'Invalid field selection nam',
      errors: [{ reason: 'invalidParameter', location: 'fields', locationType: 'parameter' }],
    })
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
    expect((await say(emulator, 'GET /discovery/v1/apis?fields=item')).status).toBe(400)
  })

  test('that cannot be read is refused before anything is done', async () => {
    const told = await store(emulator, 'f', 'x', { fields: 'a(' })
    expect([told.status, told.json.error.errors[0].location]).toEqual([400, 'fields'])
    expect((await say(emulator, `GET ${at('f')}`)).status).toBe(404)
  })
})
