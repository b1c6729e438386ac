import { createClient, NotFoundError, ParseError, type UntypedApi } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { memoryCache } from './memory-cache.ts'
import { notes } from './notes-document.ts'

const url = 'https://docs.example/notes.json?key=a'

describe('discover with an address', () => {
  test('loads the document from there, without credentials, once', async () => {
    const transport = answering(() => answer(200, notes))
    const auth = { kind: 'test', headers: () => expect.unreachable('the credential was asked for') }
    const google = createClient({ transport, auth })
    await Promise.all([google.discover({ url }), google.as(auth).discover({ url, id: 'notes:v1' })])
    const api = await google.discover({ url })
    expect(api.notes.get.$id).toBe('notes.notes.get')
    expect(transport.requests).toMatchObject([{ method: 'GET', url }])
    expect(transport.requests[0]!.headers).not.toHaveProperty('authorization')
    expectTypeOf(api).toEqualTypeOf<UntypedApi>()
  })

  test('gives the whole document from the same address, to children too', async () => {
    const whole = { ...notes, schemas: { Note: { type: 'object' } } }
    const transport = answering(() => answer(200, whole))
    const api = await createClient({ transport }).discover({ url })
    expect(await api.$load()).toEqual(whole)
    expect(await api.$as(anonymous()).$load()).toEqual(whole)
    expect(transport.requests.map((request) => request.url)).toEqual([url, url, url])
  })

  test('keeps it like others, and tells the cache nothing of the address but the key', async () => {
    const cache = memoryCache()
    const transport = answering(() => answer(200, notes))
    await createClient({ transport, cache }).discover({ url })
    await createClient({ transport, cache }).discover({ url })
    expect(transport.requests).toHaveLength(1)
    expect(Object.keys(cache.documents.get(url)!)).toEqual(['text', 'storedAt'])
  })

  test('reaches a server of this machine', async () => {
    await using emulator = await createEmulator()
    const { url: origin } = await emulator.listen()
    await using google = createClient()
    const place = { url: `${origin}/discovery/v1/apis/storage/v1/rest` }
    expect((await google.discover(place)).$id).toBe('storage:v1')
    await expect(google.discover({ url: `${origin}/nothing` })).rejects.toBeInstanceOf(NotFoundError)
  })

  test.each([
    ['notes:v2', /the address has that of notes:v1/],
    ['drive', /the address has that of notes:v1/],
    ['no id', /is neither a name nor of the form name:version/],
  ])('refuses another document than that of %s', async (id, message) => {
    const transport = answering(() => answer(200, notes))
    await expect(createClient({ transport }).discover({ url, id })).rejects.toThrow(message)
    expect((await createClient({ transport }).discover({ url, id: 'notes' })).$id).toBe('notes:v1')
  })

  test.each([
    answer(200, '<html>', { 'content-type': 'text/html' }),
    answer(200, { kind: 'storage#bucket' }),
    answer(204),
  ])('refuses what is no document', async (page) => {
    const transport = answering(() => page)
    await expect(createClient({ transport }).discover({ url })).rejects.toBeInstanceOf(ParseError)
  })

  test.each([
    undefined,
    7,
    '',
    'notes.json',
    '/notes.json',
    'file:///notes.json',
    'data:application/json,{}',
    'http://docs.example/notes.json',
    'http://10.0.0.1/notes.json',
    'https://user:secret@docs.example/notes.json',
    'https://docs.example/a b',
    'https://docs.example/a\r\nb',
    'https://docs.example/ü',
    'https://docs.example/#a',
    'https://docs.example\\@evil.example/',
    'https://',
    'HTTPS://docs.example',
  ])('refuses the address %j before anything is sent, and does not repeat it', async (bad) => {
    const transport = answering(() => answer(200, notes))
    const failure = createClient({ transport }).discover({ url: bad as string })
    await expect(failure).rejects.toMatchObject({ code: 'invalid_input', problems: [{ path: 'url' }] })
    await expect(failure).rejects.not.toThrow(/secret/)
    expect(transport.requests).toEqual([])
  })

  test('refuses what it does not know', async () => {
    const transport = answering(() => answer(200, notes))
    const failure = createClient({ transport }).discover({ url, ids: 'notes:v1' } as never)
    await expect(failure).rejects.toMatchObject({ problems: [{ path: 'ids', suggestion: 'id' }] })
  })
})
