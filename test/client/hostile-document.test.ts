import { createClient, ParseError, type RestDescription } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test, vi } from 'vitest'
import { answer, answering } from './answers.ts'
import { memoryCache } from './memory-cache.ts'
import { notes } from './notes-document.ts'

const NAMES = [
  'constructor __proto__ prototype toString hasOwnProperty valueOf toJSON inspect call apply bind name length caller',
  'arguments delete new well-known 0 a.b catch finally prepare download $id $raw $methods $method $load',
].flatMap((names) => names.split(' '))

/** A document whose resource `r` has a method of each name, a resource of each name, or both. */
function documentOf(what: 'methods' | 'resources' | 'both'): RestDescription {
  const method = (name: string): string =>
    `${JSON.stringify(name)}:{"id":${JSON.stringify(`x.${name}`)},"path":"x","httpMethod":"GET"}`
  const resource = (name: string): string => `${JSON.stringify(name)}:{"methods":{${method('get')}}}`
  const methods = what === 'resources' ? '' : `"methods":{${NAMES.map(method).join()}}`
  const resources = what === 'methods' ? '' : `"resources":{${NAMES.map(resource).join()}}`
  // By JSON.parse, which makes a member of its own out of __proto__.
  return { ...notes, resources: JSON.parse(`{"r":{${[methods, resources].filter(Boolean).join()}}}`) }
}

const transport = answering(() => answer(200, { ok: true }))
const google = createClient({ transport, auth: anonymous() })
const ours = (name: string): boolean => name.startsWith('$')

describe('a hostile document', () => {
  test.each(NAMES)('may call a method %s', async (name) => {
    const { r } = google.api(documentOf('methods'))
    expect(r.$methods).toEqual(expect.arrayContaining(NAMES))
    expect(r.$method(name.includes('.') ? 'constructor' : name).$raw.path).toBe('x')
    if (ours(name)) return
    expect(Object.hasOwn(r, name)).toBe(true)
    expect(r[name].$id).toBe(`x.${name}`)
    expect(await r[name]()).toEqual({ ok: true })
  })

  test.each(NAMES)('may call a resource %s', (name) => {
    const { r } = google.api(documentOf('resources'))
    if (!name.includes('.')) expect(r.$method(`${name}.get`).$id).toBe('x.get')
    if (ours(name)) return
    expect(r[name].get.$id).toBe('x.get')
    expect(r[name].$methods).toEqual(['get'])
  })

  test.each(NAMES)('may call both a method and a resource %s: each is reached', async (name) => {
    const { r } = google.api(documentOf('both'))
    if (ours(name)) return
    expect(r[name].$id).toBe(`x.${name}`)
    expect(await r[name]()).toEqual({ ok: true })
    expect(r[name].get.$id).toBe('x.get')
    expect(r[name].$methods).toEqual(['get'])
  })

  test.each(NAMES)('may have %s below a resource that shares its name with a method', (name) => {
    const both: RestDescription = {
      ...notes,
      methods: { r: { id: 'x.r', path: 'x', httpMethod: 'GET', supportsMediaDownload: true } },
      resources: documentOf('methods').resources!,
    }
    const { r, $method } = google.api(both)
    expect(r.$id).toBe('x.r')
    expect(r.prepare().method).toBe('GET')
    if (!name.includes('.')) expect($method(`r.${name}`).$id).toBe(`x.${name}`)
    if (!ours(name) && name !== 'prepare' && name !== 'download') expect(r[name].$id).toBe(`x.${name}`)
  })

  test('may call things then: they are left out and reached by $method, so that await works', async () => {
    const then = { id: 'x.then', path: 'x', httpMethod: 'GET' }
    const group = { methods: { then }, resources: { then: { methods: { then, get: then } } } }
    const api = google.api({ ...notes, ...group, resources: { ...group.resources, r: group } })
    expect(await Promise.resolve(api)).toBe(api)
    expect(await Promise.resolve(api.r)).toBe(api.r)
    expect([api.then, api.r.then]).toEqual([undefined, undefined])
    for (const path of ['then', 'then.then', 'then.get', 'r.then', 'r.then.then']) {
      expect(await api.$method(path)()).toEqual({ ok: true })
    }
  })

  test.each(NAMES)('may call things %s when it is discovered, too', async (name) => {
    const parameters = JSON.parse(`{${JSON.stringify(name)}:{"location":"query","type":"string"}}`)
    const get = { id: 'x.get', path: 'x', httpMethod: 'GET', parameters }
    const schemas = JSON.parse(`{${JSON.stringify(name)}:{"type":"object"}}`)
    const document = { ...documentOf('both'), parameters, schemas, methods: { get } }
    const discovered = answering(() => answer(200, document))
    const api = await createClient({ transport: discovered }).discover('notes:v1')
    expect(api.r.$methods).toEqual(expect.arrayContaining(NAMES))
    const whole = await api.$load()
    expect([Object.keys(whole.parameters), Object.keys(whole.schemas)]).toEqual([[name], [name]])
    expect(api.get.prepare(JSON.parse(`{${JSON.stringify(name)}:"p"}`)).url).toMatch(/=p$/)
    expect(({} as Record<string, unknown>)['location']).toBeUndefined()
  })

  test.each([
    ['resources', `${'{"a":{"resources":'.repeat(100_000)}{}${'}}'.repeat(100_000)}`],
    ['resources', '{"a":null}'],
    ['resources', '{"a":{"methods":{"b":null}}}'],
    ['resources', '{"a":{"methods":{"b":{"parameters":{"c":7}}}}}'],
    ['resources', '7'],
    ['resources', 'null'],
    ['schemas', 'null'],
    ['schemas', '{"A":7}'],
    ['methods', '{"a":"b"}'],
    ['methods', '{"a":{"parameters":"b"}}'],
    ['parameters', '{"a":null}'],
  ])('is refused when its %s are not what they should be', async (name, json) => {
    const text = `${JSON.stringify({ ...notes, [name]: undefined }).slice(0, -1)},"${name}":${json}}`
    const type = { 'content-type': 'application/json' }
    const discovered = answering(() => answer(200, text, type))
    await expect(createClient({ transport: discovered }).discover('notes:v1')).rejects.toBeInstanceOf(
      ParseError,
    )
    expect(() => google.api(JSON.parse(text))).toThrow(ParseError)
  })

  test.each([['schemas'], ['auth']])('may nest its %s 100,000 deep: nothing overflows', async (name) => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    const deep = `${'{"properties":{"a":'.repeat(100_000)}{}${'}}'.repeat(100_000)}`
    const text = `${JSON.stringify(notes).slice(0, -1)},"${name}":{"Note":${deep}}}`
    const discovered = answering(() => answer(200, text, { 'content-type': 'application/json' }))
    const client = createClient({ transport: discovered, auth: anonymous(), cache: memoryCache() })
    const { notes: methods } = await client.discover('notes:v1')
    expect(methods.get.$id).toBe('notes.notes.get')
    // Whoever uses what is nested too deep is told, before and after the document was made small.
    for (const _ of ['before', 'after']) {
      if (name === 'schemas') {
        expect(() => methods.insert.prepare({ body: {} })).toThrow(ParseError)
        await expect(methods.insert({ body: {} })).rejects.toBeInstanceOf(ParseError)
      } else expect(methods.insert.prepare({ body: {} }).body).toBe('{}')
      vi.advanceTimersByTime(2_000)
    }
    vi.useRealTimers()
  })

  test('may say null where a schema has members: they count as none', async () => {
    const schemas = JSON.parse('{"A":{"properties":null,"items":null}}')
    const discovered = answering(() => answer(200, { ...notes, schemas }))
    expect((await createClient({ transport: discovered }).discover('notes:v1')).$id).toBe('notes:v1')
  })

  test('may nest resources 64 deep', async () => {
    const nested = (depth: number): object => (depth === 0 ? {} : { resources: { a: nested(depth - 1) } })
    expect(google.api({ ...notes, ...nested(64) }).a.a.$resources).toEqual(['a'])
    expect(() => google.api({ ...notes, ...nested(65) })).toThrow(/64 deep/)
  })

  test('pollutes no prototype', () => {
    google.api(documentOf('both')).r['__proto__'].get.prepare()
    expect(({} as Record<string, unknown>)['get']).toBeUndefined()
    expect(Object.getPrototypeOf(google.api(documentOf('both')).r)).toBeNull()
  })

  test('may have parameters of any name', () => {
    const parameters = JSON.parse(
      '{"__proto__":{"location":"query","type":"string"},"constructor":{"location":"path","type":"string"}}',
    )
    const get = { id: 'x.get', path: 'x/{constructor}', httpMethod: 'GET', parameters }
    const api = google.api({ ...notes, methods: { get } })
    const given = JSON.parse('{"__proto__":"p","constructor":"c"}')
    expect(api.get.prepare(given).url).toBe('https://notes.googleapis.com/notes/v1/x/c?__proto__=p')
    expect(() => api.get.prepare({})).toThrow(/constructor: is required/)
  })

  test('cannot lead the credential to another place', async () => {
    const sent = answering(() => answer(200, {}))
    const auth = { kind: 'test', headers: () => ({ authorization: 'Bearer canary' }) }
    const client = createClient({ transport: sent, auth })
    const roots = [
      'https://evil.example/',
      'http://notes.googleapis.com/',
      'https://googleapis.com.evil.example/',
    ]
    for (const rootUrl of roots) {
      const call = client.api({ ...notes, rootUrl }).notes.delete({ noteId: '1' })
      await expect(call).rejects.toMatchObject({ code: 'auth_failed', reason: 'origin_not_allowed' })
    }
    const { url } = client
      .api({ ...notes, servicePath: '@evil.example/' })
      .notes.delete.prepare({ noteId: '1' })
    expect(new URL(url).origin).toBe('https://notes.googleapis.com')
    for (const servicePath of [
      '/evil.example/',
      '\\evil.example/',
      '../../',
      'a/%2e%2E/',
      'a//b/',
      'a#b/',
      'a?b/',
      'a b/',
    ]) {
      const { delete: remove } = client.api({ ...notes, servicePath }).notes
      expect(() => remove.prepare({ noteId: '1' }), servicePath).toThrow('is not that of an address')
    }
    expect(sent.requests).toEqual([])
  })

  test.each([
    'https://a:b@notes.googleapis.com/',
    'javascript:alert(1)',
    'notes.googleapis.com',
    '',
    'https://x/?a=',
  ])('is refused at the call when its address is %j', async (rootUrl) => {
    const api = google.api({ ...notes, rootUrl })
    await expect(api.notes.delete({ noteId: '1' })).rejects.toMatchObject({ problems: [{ path: 'rootUrl' }] })
    expect(() => api.notes.delete.prepare({ noteId: '1' })).toThrow(/rootUrl/)
  })

  test.each([
    null,
    undefined,
    'storage:v1',
    7,
    [],
    {},
    { ...notes, name: 7 },
    { ...notes, rootUrl: undefined },
  ])('is refused at once when it is no document: %j', (document) => {
    expect(() => google.api(document as never)).toThrow(ParseError)
  })
})
