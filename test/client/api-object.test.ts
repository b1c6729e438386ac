import { createClient, type UntypedApi, ValidationError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { types } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { type Emulated, openEmulated } from './emulated.ts'
import { notes } from './notes-document.ts'

const offline = createClient({
  transport: answering(() => answer(200, {})),
  auth: anonymous(),
})

describe('an API object', () => {
  test('is made of plain functions, not of proxies', () => {
    const api = offline.api(notes)
    for (const thing of [api, api.notes, api.notes.get, api.notes.get.prepare])
      expect(types.isProxy(thing)).toBe(false)
    expect(Object.getPrototypeOf(api)).toBeNull()
    expect(api.nonsense).toBeUndefined()
    expect('nonsense' in api.notes).toBe(false)
  })

  test('makes its members when they are first read, once', () => {
    const api = offline.api(notes)
    const before = Object.getOwnPropertyDescriptor(api, 'notes')
    expect(before).toMatchObject({ get: expect.any(Function), enumerable: true })
    const { notes: resource } = api
    expect(Object.getOwnPropertyDescriptor(api, 'notes')).toMatchObject({ value: resource, enumerable: true })
    expect(api.notes).toBe(resource)
    expect(api.notes.get).toBe(resource.get)
  })

  test('reads no method before it is used', () => {
    const get = Object.defineProperty({ id: 'x.get', httpMethod: 'GET' }, 'path', {
      get: () => expect.unreachable('the path was read'),
      enumerable: true,
    })
    const api = offline.api({ ...notes, resources: { x: { methods: { get: get as never } } } })
    expect(api.x.get.$id).toBe('x.get')
  })

  test('lists resources and methods by name, and shows nothing else', () => {
    const api = offline.api(notes)
    expect(api.$resources).toEqual(['notes'])
    expect(api.$methods).toEqual([])
    expect(api.notes.$methods).toEqual(['get', 'list', 'insert', 'update', 'delete', 'move'])
    expect(Object.keys(api)).toEqual(['notes'])
    expect(Object.keys(api.notes)).toEqual(api.notes.$methods)
    expect(api.$id).toBe('notes:v1')
  })

  test('can be awaited, spread and printed', async () => {
    const api = offline.api(notes)
    expect(await Promise.resolve(api)).toBe(api)
    expect(await Promise.resolve(api.notes)).toBe(api.notes)
    expect({ ...api.notes }.get).toBe(api.notes.get)
  })

  test('needs no network', async () => {
    const transport = answering(() => answer(200, { id: '1' }))
    const api = createClient({ transport, auth: anonymous() }).api(notes)
    expect(api.notes.get.prepare({ noteId: '1' }).method).toBe('GET')
    expect(transport.requests).toEqual([])
    expect(await api.notes.get({ noteId: '1' })).toEqual({ id: '1' })
    expect(transport.requests.map((request) => request.url)).toEqual([
      'https://notes.googleapis.com/notes/v1/notes/1',
    ])
  })

  test('does not change its document', async () => {
    const document = structuredClone(notes)
    deepFreeze(document)
    const api = offline.api(document)
    await api.notes.get({ noteId: '1', labels: ['a'] })
    await api.notes.insert({ body: {} })
    expect(Object.keys(api.notes.get.$parameters)).toContain('noteId')
    expect(api.$method('notes.list').$required).toEqual(['owner'])
    await api.$as(anonymous()).notes.delete({ noteId: '1' })
    expect(document).toEqual(notes)
  })
})

describe('$method', () => {
  const api = offline.api(notes)

  test('finds a method by its dotted path', () => {
    expect(api.$method('notes.get').$id).toBe('notes.notes.get')
    expect(api.notes.$method('get').$id).toBe('notes.notes.get')
  })

  test.each([
    ['notes.gett', 'notes.get'],
    ['Notes.Get', 'notes.get'],
    ['note.get', 'notes.get'],
    ['get', undefined],
    ['notes', undefined],
    ['', undefined],
    ['notes.get.x', 'notes.get'],
    ['notes.constructor', undefined],
    ['__proto__.toString', undefined],
  ])('refuses %j and suggests %j', (path, suggestion) => {
    const refusal = expect.objectContaining({
      problems: [{ path, message: 'is not a method', ...(suggestion && { suggestion }) }],
    })
    expect(() => api.$method(path)).toThrow(ValidationError)
    expect(() => api.$method(path)).toThrow(refusal)
  })
})

describe('a discovered API', () => {
  let emulated: Emulated
  let storage: UntypedApi

  beforeAll(async () => {
    emulated = await openEmulated()
    storage = emulated.storage
  })
  afterAll(() => emulated[Symbol.asyncDispose]())

  test('loads its whole document with schemas on demand', async () => {
    expect(storage.$raw).not.toHaveProperty('schemas')
    const document = await storage.$load()
    expect(document).toMatchObject({ name: 'storage', version: 'v1' })
    expect(document.schemas.Bucket.properties).toHaveProperty('name')
    const [exchange] = emulated.emulator.journal.exchanges
    expect(exchange).toMatchObject({ methodId: 'discovery.apis.getRest', status: 200 })
  })

  test('gives the document itself when it is whole already', async () => {
    const document = await storage.$load()
    emulated.emulator.journal.clear()
    const api = emulated.google.api(document)
    expect(await api.$load()).toBe(document)
    expect(emulated.emulator.journal.exchanges).toEqual([])
  })

  test('can be had for other credentials at once', async () => {
    const stranger = storage.$as(anonymous())
    expect(stranger.$resources).toEqual(storage.$resources)
    await expect(stranger.buckets.list({ project: 'p' })).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(await storage.buckets.list({ project: 'p' })).toMatchObject({ kind: 'storage#buckets' })
  })
})

function deepFreeze(value: object): void {
  Object.freeze(value)
  for (const member of Object.values(value))
    if (typeof member === 'object' && member !== null) deepFreeze(member)
}
