import { createClient, type RestDescription, ValidationError } from 'discokit'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { notes } from './notes-document.ts'
import { openEmulated } from './emulated.ts'

const method = (id: string): any => ({ id, path: id, httpMethod: 'GET' })
/** Names that functions have members of, or that the language keeps for itself. */
const SHADOWING = [
  'delete',
  'call',
  'apply',
  'bind',
  'constructor',
  'toString',
  'name',
  'length',
  'prototype',
]
/** Names that JavaScript has for something else, or that no identifier can be. */
const odd: RestDescription = {
  name: 'odd',
  version: 'v1',
  rootUrl: 'https://odd.googleapis.com/',
  servicePath: '',
  methods: { top: method('odd.top'), then: method('odd.then') },
  resources: {
    'well-known': { methods: { 'getOpenid-configuration': method('odd.wellKnown.get') } },
    '-': { methods: { list: method('odd.dash.list') } },
    things: {
      deprecated: true,
      methods: Object.fromEntries([...SHADOWING, 'then'].map((name) => [name, method(`odd.things.${name}`)])),
      resources: JSON.parse(
        '{"__proto__": {"methods": {"get": {"id": "odd.proto.get", "path": "p", "httpMethod": "GET"}}}}',
      ),
    },
    both: {
      methods: { both: method('odd.both.both') },
      resources: { both: { methods: { call: method('odd.both.call') } } },
    },
  },
}
const api = createClient().api(odd)

describe('names', () => {
  test('that are no identifiers, or JavaScript’s own, are members like all others', () => {
    expect(api['well-known']['getOpenid-configuration'].$id).toBe('odd.wellKnown.get')
    expect(api['-'].list.$id).toBe('odd.dash.list')
    expect(api['top'].$id).toBe('odd.top')
    for (const name of SHADOWING) expect(api['things'][name].$id, name).toBe(`odd.things.${name}`)
    expect(Reflect.get(api['things'], '__proto__').get.$id).toBe('odd.proto.get')
    expect(({} as any).get).toBeUndefined()
  })

  test('that the document does not have are not there, JavaScript’s own neither', () => {
    for (const name of ['call', 'apply', 'bind', 'constructor', 'toString', 'name', 'length', '__proto__'])
      expect(api['-'][name], name).toBeUndefined()
  })

  test('`then` is reached by $method only, so that an API can be awaited', async () => {
    expect(await Promise.resolve(api)).toBe(api)
    expect(await api['things']).toBe(api['things'])
    expect(api['$method']('then').$id).toBe('odd.then')
    expect(api['$method']('things.then').$id).toBe('odd.things.then')
  })

  test('of a method and a resource at one place are both reached', () => {
    expect(api['both'].both.$id).toBe('odd.both.both')
    expect(api['both'].both.call.$id).toBe('odd.both.call')
    expect(api['both'].both.$methods).toEqual(['call'])
  })
})

describe('calling what is no method', () => {
  test.each([
    [
      'an API',
      () => (api as any)(),
      'only methods can be called: odd:v1: is not a method; it has: top, then',
    ],
    ['a resource', () => api['-'](), 'only methods can be called: odd:v1.-: is not a method; it has: list'],
    [
      'a resource with many methods',
      () => api['things'](),
      'it has: delete, call, apply, bind, constructor, toString, name, length, …',
    ],
  ])('says that only methods are called: %s', (_, call, message) => {
    expect(call).toThrow(ValidationError)
    expect(call).toThrow(message)
  })
})

describe('introspection', () => {
  test('of an API', () => {
    expect(api['$id']).toBe('odd:v1')
    expect(api['$name']).toBe('odd')
    expect(api['$version']).toBe('v1')
    expect(api['$resources']).toEqual(['well-known', '-', 'things', 'both'])
    expect(api['$methods']).toEqual(['top', 'then'])
    expect(api['$raw']).toBe(odd)
    expect('top' in api).toBe(true)
    expect('nothing' in api).toBe(false)
  })

  test('of a resource', () => {
    expect(api['things'].$name).toBe('things')
    expect(api['things'].$deprecated).toBe(true)
    expect(api['-'].$deprecated).toBe(false)
    expect(api['things'].$raw).toBe(odd.resources!['things'])
    expect(api['things'].$resources).toEqual(['__proto__'])
  })

  test('of a method', () => {
    const { insert, get, move } = createClient().api({
      ...notes,
      schemas: { Note: { type: 'object', properties: { title: { type: 'string' } } } },
    })['notes']
    expect(insert.$name).toBe('insert')
    expect(insert.$deprecated).toBe(false)
    expect(insert.$request).toMatchObject({ properties: { title: { type: 'string' } } })
    expect(get.$request).toBeUndefined()
    expect(get.$response).toMatchObject({ type: 'object' })
    expect(move.$response).toBeUndefined()
    expect(createClient().api(notes)['notes'].insert.$request).toEqual({ $ref: 'Note' })
  })

  test('prints one line with name and address', () => {
    expect(inspect(api)).toBe('odd:v1 API @ https://odd.googleapis.com/')
    expect(inspect(api['things'])).toBe('odd:v1.things resource @ https://odd.googleapis.com/')
    expect(inspect(createClient().api(notes)['notes'].get)).toBe(
      'notes.notes.get method: GET https://notes.googleapis.com/notes/v1/notes/{noteId}',
    )
    expect(`${api['things']}`).toBe(inspect(api['things']))
  })

  test('of a discovered API has schemas at hand, and prose on demand', async () => {
    await using emulated = await openEmulated()
    const { insert } = emulated.storage['buckets']
    expect(insert.$request.properties.name).toMatchObject({ type: 'string' })
    expect(insert.$parameters.project).toMatchObject({ required: true, location: 'query' })
    expect(emulated.storage['$raw']).not.toHaveProperty('schemas')
    expect((await emulated.storage['$load']()).schemas.Bucket).toBeDefined()
  })
})
