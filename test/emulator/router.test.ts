import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { createRouter, type Router } from '../../src/emulator/router.ts'
import type { RestDescription, RestMethod } from '../../src/discovery/document.ts'
import { say } from './speak.ts'

function methods(...list: [id: string, http: string, path: string, pattern?: string][]): RestDescription {
  const made = list.map(([id, httpMethod, path, pattern]): [string, RestMethod] => [
    id,
    {
      id,
      httpMethod,
      path,
      parameters: { name: { location: 'path', type: 'string', ...(pattern !== undefined && { pattern }) } },
    },
  ])
  return {
    name: 'x',
    version: 'v1',
    rootUrl: 'https://x.googleapis.com/',
    servicePath: '',
    methods: Object.fromEntries(made),
  }
}

describe('createRouter', () => {
  const router = createRouter([
    methods(
      ['bare', 'POST', 'v1/{+name}'],
      ['cancel', 'POST', 'v1/{+name}:cancel'],
      ['operations', 'GET', 'v1/{+name}', 'projects/[^/]+/operations/[^/]+'],
      ['projects', 'GET', 'v1/{+name}', '^projects/[^/]+$'],
      ['items', 'GET', 'v1/items/{name}', '[a-z]+'],
      ['literal', 'GET', 'v1/items/{name}/parts'],
      ['anything', 'PUT', '{+name}'],
      ['me', 'GET', 'v1/users/@me'],
    ),
  ])
  const find = (httpMethod: string, path: string, host = 'localhost'): string | undefined =>
    router.match(httpMethod, host, path)?.method.id

  test.each([
    ['POST', '/v1/a/b', 'bare'],
    ['POST', '/v1/a/b:cancel', 'cancel'],
    ['GET', '/v1/projects/p', 'projects'],
    ['GET', '/v1/projects/p/operations/o', 'operations'],
    ['GET', '/v1/projects/p/others/o', undefined],
    ['GET', '/v1/items/i', 'items'],
    ['GET', '/v1/items/i/parts', 'literal'],
    ['GET', '/v1/items/BIG', 'items'],
    ['GET', '/v1/items/', undefined],
    ['PUT', '/whatever/there/is', 'anything'],
    ['DELETE', '/v1/items/i', undefined],
    ['GET', '/v1/items/%E0%A4%A', undefined],
    ['GET', '/v1/users/@me', 'me'],
    ['GET', '/v1/users/%40me', 'me'],
    ['POST', '/v1/a/b%3Acancel', 'bare'],
  ])('finds the method of %s %s', (httpMethod, path, id) => {
    expect(find(httpMethod, path)).toBe(id)
  })

  test('takes the host of the API in front of the path', () => {
    expect(find('GET', '/x.googleapis.com/v1/items/i')).toBe('items')
    expect(find('GET', '/y.googleapis.com/v1/items/i')).toBeUndefined()
  })

  test('decodes the values of the path', () => {
    expect(router.match('GET', 'h', '/v1/items/a%2Fb%20c')?.pathValues).toEqual({ name: 'a/b c' })
  })

  test('tells APIs with the same paths apart by their hosts', () => {
    const other = {
      ...methods(['other', 'GET', 'v1/items/{name}']),
      name: 'y',
      rootUrl: 'https://y.googleapis.com/',
    }
    const both: Router = createRouter([methods(['one', 'GET', 'v1/items/{name}']), other])
    const ids = (host: string, path: string): string | undefined => both.match('GET', host, path)?.method.id
    expect(ids('y.googleapis.com', '/v1/items/i')).toBe('other')
    expect(ids('localhost', '/y.googleapis.com/v1/items/i')).toBe('other')
    expect(ids('x.googleapis.com', '/v1/items/i')).toBe('one')
  })
})

describe('an address', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await createEmulator({ anonymous: true })
  })
  afterEach(() => emulator.close())

  test('that belongs to no method is answered 404 in the form of Google', async () => {
    for (const line of ['GET /nothing', 'GET /', 'DELETE /storage/v1/b', 'GET /storage/v1/b//o']) {
      const told = await say(emulator, line)
      expect([line, told.status]).toEqual([line, 404])
      expect(told.json.error).toMatchObject({
        code: 404,
        errors: [{ reason: 'notFound', domain: 'global' }],
      })
    }
  })

  test('of a method that nothing models is answered 501, by name', async () => {
    const told = await say(emulator, 'POST /storage/v1/b/box/folders', { body: { name: 'a/' } })
    expect(told.status).toBe(501)
    expect(told.json.error.message).toContain('storage.folders.insert')
  })

  test('may begin with the host of the API', async () => {
    await say(emulator, 'POST /storage.googleapis.com/storage/v1/b?project=p', { body: { name: 'box' } })
    for (const path of ['/upload/', '/resumable/upload/', '/storage.googleapis.com/upload/']) {
      const told = await say(emulator, `POST ${path}storage/v1/b/box/o?uploadType=media&name=f`, {
        body: 'x',
      })
      expect(told.status).toBe(200)
    }
    const media = await say(emulator, 'GET /storage.googleapis.com/download/storage/v1/b/box/o/f?alt=media')
    expect(media.text).toBe('x')
  })

  test('of Cloud Storage may leave the service path out, and gives way to another API', async () => {
    await say(emulator, 'POST /b?project=p', { body: { name: 'box' } })
    await say(emulator, 'POST /upload/storage/v1/b/box/o?uploadType=media&name=f', { body: 'x' })
    expect((await say(emulator, 'GET /storage/v1/b/box')).json.name).toBe('box')
    expect((await say(emulator, 'GET /b/box/o')).json.items).toHaveLength(1)
    expect((await say(emulator, 'GET /download/b/box/o/f?alt=media')).text).toBe('x')
    const documents = [methods(['x.items.get', 'GET', 'b/{name}'])]
    await using more = await createEmulator({ anonymous: true, documents })
    expect((await say(more, 'GET /b/box')).json.error.message).toContain('x.items.get')
  })

  test('of another version than the modelled one is not answered by the model, though its methods have the same ids', async () => {
    const document = {
      ...methods(['storage.buckets.list', 'GET', 'storage/v2/b']),
      name: 'storage',
      version: 'v2',
    }
    await using more = await createEmulator({ anonymous: true, documents: [document] })
    expect((await say(more, 'GET /storage/v2/b')).status).toBe(501)
    expect((await say(more, 'GET /storage/v1/b?project=p')).status).toBe(200)
  })

  test('of a newer API is answered in the form of google.rpc.Status', async () => {
    const document = methods(['x.items.get', 'GET', 'v1/items/{name}'])
    const parameters = { '$.xgafv': { type: 'string', location: 'query' } }
    await using more = await createEmulator({ anonymous: true, documents: [{ ...document, parameters }] })
    const told = await say(more, 'GET /v1/items/i')
    expect(told.json.error).toMatchObject({
      code: 501,
      status: 'UNIMPLEMENTED',
      message: expect.stringContaining('x.items.get'),
    })
    const inherited = { ...document, parameters, servicePath: 'x/' }
    await using older = await createEmulator({ anonymous: true, documents: [inherited] })
    expect((await say(older, 'GET /x/v1/items/i')).json.error).toMatchObject({
      code: 501,
      errors: [{ reason: 'notImplemented' }],
    })
  })
})
