import { createClient, NotFoundError, type UntypedApi } from 'discokit'
import { anonymous } from 'discokit/auth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { type Emulated, makeBuckets, openEmulated } from './emulated.ts'
import { notes } from './notes-document.ts'

let emulated: Emulated
let storage: UntypedApi

beforeAll(async () => {
  emulated = await openEmulated()
  storage = emulated.storage
  await makeBuckets(storage, ['photos'])
})
afterAll(() => emulated[Symbol.asyncDispose]())
beforeEach(() => emulated.emulator.journal.clear())

describe('a call', () => {
  test('starts when it is made, not when it is awaited', async () => {
    const transport = answering(() => answer(200, {}))
    const api = createClient({ transport, auth: anonymous() }).api(notes)
    api.notes.get({ noteId: '1' })
    await Promise.resolve()
    expect(transport.requests).toHaveLength(1)
  })

  test('is made once, however often it is awaited', async () => {
    const call = storage.buckets.get({ bucket: 'photos' })
    const [first, second] = [await call, await call]
    expect(first).toBe(second)
    await call.withResponse()
    expect(emulated.emulator.journal.exchanges).toHaveLength(1)
  })

  test('gives the content when awaited', async () => {
    expect(await storage.buckets.get({ bucket: 'photos' })).toMatchObject({
      kind: 'storage#bucket',
      name: 'photos',
    })
  })

  test('throws a typed error when awaited', async () => {
    await expect(storage.buckets.get({ bucket: 'no-such-bucket' })).rejects.toBeInstanceOf(NotFoundError)
  })

  test('catches and tidies up as a promise does', async () => {
    const events: string[] = []
    const missing = storage.buckets.get({ bucket: 'no-such-bucket' })
    expect(await missing.catch((error: Error) => error.name)).toBe('NotFoundError')
    const present = storage.buckets.get({ bucket: 'photos' }).finally(() => events.push('done'))
    expect((await present).name).toBe('photos')
    await expect(
      storage.buckets.get({ bucket: 'no-such-bucket' }).finally(() => events.push('failed')),
    ).rejects.toBeInstanceOf(NotFoundError)
    expect(events).toEqual(['done', 'failed'])
    expect(await present.then(null, null)).toMatchObject({ name: 'photos' })
    expect(Object.prototype.toString.call(missing)).toBe('[object ApiCall]')
  })

  test('works with Promise.all and Promise.race', async () => {
    const call = storage.buckets.get({ bucket: 'photos' })
    expect(await Promise.all([call, storage.buckets.list({ project: 'p' })])).toEqual([
      await call,
      expect.objectContaining({ kind: 'storage#buckets' }),
    ])
    expect(await Promise.race([call, new Promise(() => {})])).toBe(await call)
  })

  test('rejects, and does not throw, when its parameters are wrong', async () => {
    const call = storage.buckets.get({})
    await expect(call).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(call.withResponse()).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(call.asResponse()).rejects.toBeInstanceOf(TypeError)
    await expect(storage.buckets.get({}).asResponse()).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(storage.buckets.list({}).pages().next()).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('rejects, and does not throw, when the document names no usable address', async () => {
    const google = createClient({ transport: answering(() => answer(200)), auth: anonymous() })
    const api = google.api({ ...notes, rootUrl: 'file:///etc/' })
    await expect(
      api.notes.get({ noteId: '1' }).catch((error: unknown) => Promise.reject(error)),
    ).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ path: 'rootUrl' }],
    })
  })
})

describe('withResponse', () => {
  test('gives the content and a plain response', async () => {
    const { data, response } = await storage.buckets.get({ bucket: 'photos' }).withResponse()
    expect(data.name).toBe('photos')
    expect(Object.keys(response)).toEqual(['status', 'headers', 'url'])
    expect(response.status).toBe(200)
    expect(response.url).toBe(`${emulated.emulator.url}/storage/v1/b/photos`)
    expect(response.headers['content-type']).toMatch(/^application\/json/)
    for (const part of [response, response.headers]) {
      expect(Object.getPrototypeOf(part)).toBe(Object.prototype)
      expect(JSON.parse(JSON.stringify(part))).toEqual(part)
    }
  })

  test('gives undefined for an answer without content', async () => {
    await makeBuckets(storage, ['short-lived'])
    const { data, response } = await storage.buckets.delete({ bucket: 'short-lived' }).withResponse()
    expect(data).toBeUndefined()
    expect(response.status).toBe(204)
  })

  test('rejects as the call does', async () => {
    await expect(storage.buckets.get({ bucket: 'no-such-bucket' }).withResponse()).rejects.toBeInstanceOf(
      NotFoundError,
    )
  })
})
