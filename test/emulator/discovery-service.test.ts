import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { preferredVersion } from '../../src/emulator/served-documents.ts'
import { say } from './speak.ts'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator()
})
afterEach(() => emulator.close())

describe('GET /discovery/v1/apis', () => {
  test('lists what is served, without credentials', async () => {
    const { status, json } = await say(emulator, 'GET /discovery/v1/apis')
    expect(status).toBe(200)
    expect(json).toMatchObject({ kind: 'discovery#directoryList', discoveryVersion: 'v1' })
    expect(json.items).toContainEqual({
      kind: 'discovery#directoryItem',
      id: 'storage:v1',
      name: 'storage',
      version: 'v1',
      title: 'Cloud Storage',
      description: expect.any(String),
      discoveryRestUrl: 'http://emulator.localhost/discovery/v1/apis/storage/v1/rest',
      preferred: true,
    })
  })

  test('lists by name, and the preferred versions alone', async () => {
    const document = { name: 'x', rootUrl: 'https://x.googleapis.com/', servicePath: '' }
    await using more = await createEmulator({
      documents: ['v1', 'v2', 'v3beta1'].map((version) => ({ ...document, version })),
    })
    const list = async (query: Record<string, string>): Promise<string[]> =>
      (await say(more, 'GET /discovery/v1/apis', { query })).json.items.map((item: { id: string }) => item.id)
    expect(await list({ name: 'x' })).toEqual(['x:v1', 'x:v2', 'x:v3beta1'])
    expect(await list({ name: 'x', preferred: 'true' })).toEqual(['x:v2'])
    expect(await list({ name: 'nothing' })).toEqual([])
  })
})

test.each([
  [['v1', 'v2'], 'v2'],
  [['v9', 'v10'], 'v10'],
  [['v1', 'v2beta1', 'v3alpha'], 'v1'],
  [['v1alpha', 'v1beta'], 'v1beta'],
  [[], undefined],
])('of the versions %j, %s is preferred', (versions, preferred) => {
  expect(preferredVersion(versions)).toBe(preferred)
})

describe('GET /discovery/v1/apis/{api}/{version}/rest', () => {
  test('gives a document whose addresses lead to where the request came', async () => {
    for (const origin of ['http://emulator.localhost', 'https://proxy.example:8443']) {
      const response = await emulator.handle({
        method: 'GET',
        url: `${origin}/discovery/v1/apis/storage/v1/rest`,
        headers: {},
      })
      const document = JSON.parse(await response.body.text())
      expect(document).toMatchObject({
        kind: 'discovery#restDescription',
        id: 'storage:v1',
        rootUrl: `${origin}/`,
        mtlsRootUrl: `${origin}/`,
        servicePath: 'storage/v1/',
        baseUrl: `${origin}/storage/v1/`,
        batchPath: 'batch/storage/v1',
      })
      expect(document.resources.objects.methods.insert.mediaUpload.protocols).toMatchObject({
        simple: { path: '/upload/storage/v1/b/{bucket}/o' },
        resumable: { path: '/resumable/upload/storage/v1/b/{bucket}/o' },
      })
      expect(JSON.stringify(document)).not.toMatch(/https:\/\/[a-z]+\.(mtls\.)?googleapis\.com\/[^a]/)
    }
  })

  test('puts the host in front of the paths where those of another host begin alike', async () => {
    const methods = { list: { id: 'x.list', path: 'things/{+parent}', httpMethod: 'GET' } }
    const document = { version: 'v1', servicePath: '', methods }
    const documents = ['x', 'y'].map((name) => ({
      ...document,
      name,
      rootUrl: `https://${name}.googleapis.com/`,
    }))
    const rootUrl = async (served: typeof documents, api: string): Promise<string> => {
      await using more = await createEmulator({ documents: served })
      return (await say(more, `GET /discovery/v1/apis/${api}/v1/rest`)).json.rootUrl
    }
    expect(await rootUrl(documents, 'x')).toBe('http://emulator.localhost/x.googleapis.com/')
    expect(await rootUrl(documents, 'storage')).toBe('http://emulator.localhost/')
    expect(await rootUrl(documents.slice(0, 1), 'x')).toBe('http://emulator.localhost/')
    const sameHost = documents.map((each) => ({ ...each, rootUrl: 'https://x.googleapis.com/' }))
    expect(await rootUrl(sameHost, 'y')).toBe('http://emulator.localhost/')
  })

  test('keeps the path of a root', async () => {
    const document = {
      name: 'x',
      version: 'v1',
      rootUrl: 'https://x.googleapis.com/base/',
      servicePath: 'x/v1/',
    }
    const methods = { list: { id: 'x.list', path: 'things', httpMethod: 'GET' } }
    await using more = await createEmulator({ documents: [{ ...document, methods }] })
    const { json } = await say(more, 'GET /discovery/v1/apis/x/v1/rest')
    expect(json).toMatchObject({
      rootUrl: 'http://emulator.localhost/base/',
      baseUrl: 'http://emulator.localhost/base/x/v1/',
    })
    expect((await say(more, 'GET /base/x/v1/things')).json.error.message).toContain('x.list')
  })

  test('takes the address from the Host header behind a port', async () => {
    const { url, port } = await emulator.listen()
    const address = url.replace('127.0.0.1', 'localhost')
    const response = await fetch(`${address}/discovery/v1/apis/storage/v1/rest`)
    expect(await response.json()).toMatchObject({ rootUrl: `http://localhost:${port}/` })
  })

  test('answers 404 for an API that is not served', async () => {
    for (const path of ['storage/v9', 'nothing/v1']) {
      const told = await say(emulator, `GET /discovery/v1/apis/${path}/rest`)
      expect([told.status, told.json.error.errors[0].reason]).toEqual([404, 'notFound'])
    }
  })
})

describe('GET /$discovery/rest', () => {
  test('gives the document of the host in the path, or of the request', async () => {
    for (const url of [
      'http://emulator.localhost/storage.googleapis.com/$discovery/rest?version=v1',
      'http://storage.googleapis.com/$discovery/rest?version=v1',
      'http://emulator.localhost/storage.googleapis.com/%24discovery/rest',
    ]) {
      const response = await emulator.handle({ method: 'GET', url, headers: {} })
      expect([url, response.status]).toEqual([url, 200])
      expect(JSON.parse(await response.body.text()).id).toBe('storage:v1')
    }
  })

  test('answers 404 for other versions, and when several APIs could be meant', async () => {
    expect((await say(emulator, 'GET /$discovery/rest?version=v99')).status).toBe(404)
    const document = { name: 'x', version: 'v1', rootUrl: 'https://x.googleapis.com/', servicePath: '' }
    await using more = await createEmulator({ documents: [document] })
    expect((await say(more, 'GET /$discovery/rest?version=v1')).status).toBe(404)
    expect((await say(more, 'GET /x.googleapis.com/$discovery/rest?version=v1')).json.id).toBe('x:v1')
    await using only = await createEmulator({ documents: [{ ...document, version: 'v99' }] })
    expect((await say(only, 'GET /$discovery/rest?version=v99')).json.id).toBe('x:v99')
  })
})

describe('a tag', () => {
  test.each([
    '/discovery/v1/apis',
    '/discovery/v1/apis?name=storage',
    '/discovery/v1/apis/storage/v1/rest',
    '/storage.googleapis.com/$discovery/rest?version=v1',
  ])('spares who knows it the answer of %s', async (path) => {
    const { headers, status } = await say(emulator, `GET ${path}`)
    expect([status, headers['etag']]).toEqual([200, expect.stringMatching(/^"\S+"$/)])
    for (const known of [headers['etag']!, `"x", W/${headers['etag']}`, '*']) {
      const told = await say(emulator, `GET ${path}`, { headers: { 'if-none-match': known } })
      expect([told.status, told.headers['etag'], told.text]).toEqual([304, headers['etag'], ''])
    }
    const other = await say(emulator, `GET ${path}`, { headers: { 'if-none-match': '"x"' } })
    expect(other.status).toBe(200)
  })

  test('is that of the content', async () => {
    const tagOf = async (path: string): Promise<unknown> =>
      (await say(emulator, `GET ${path}`)).headers['etag']
    const storage = await tagOf('/discovery/v1/apis/storage/v1/rest')
    expect(await tagOf('/storage.googleapis.com/$discovery/rest?version=v1')).toBe(storage)
    expect(await tagOf('/discovery/v1/apis/discovery/v1/rest')).not.toBe(storage)
  })
})

describe('the starter documents', () => {
  test.each(['storage.v1', 'discovery.v1'])('%s holds no prose of Google', async (name) => {
    const text = await readFile(new URL(`../../src/emulator/documents/${name}.json`, import.meta.url), 'utf8')
    const { title, description, ...rest } = JSON.parse(text)
    expect(title.length + description.length).toBeLessThan(150)
    const prose: unknown[] = []
    JSON.stringify(rest, (key, value) => {
      const told = ['description', 'title', 'enumDescriptions', 'documentationLink'].includes(key)
      if (told && typeof value !== 'object') prose.push(value)
      return value
    })
    expect(prose).toEqual([])
  })
})
