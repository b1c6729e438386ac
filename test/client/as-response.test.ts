import { createClient, NotFoundError, type UntypedApi } from 'discokit'
import { nodeTransport } from 'discokit/node'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { anonymous } from 'discokit/auth'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { answer, answering, endlessAnswer } from './answers.ts'
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
afterEach(() => void vi.useRealTimers())

describe('asResponse', () => {
  test("gives a web Response with an unread body, in the call's own turn", async () => {
    const response = await storage.buckets.get({ bucket: 'photos' }).asResponse()
    expect(response).toBeInstanceOf(Response)
    expect(response.bodyUsed).toBe(false)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await response.json()).toMatchObject({ name: 'photos' })
  })

  test('rejects with a TypeError in a later turn, and leaves the call as it was', async () => {
    const call = storage.buckets.get({ bucket: 'photos' })
    await Promise.resolve()
    await expect(call.asResponse()).rejects.toThrow(TypeError)
    expect(await call).toMatchObject({ name: 'photos' })
  })

  test('rejects with a TypeError when it is called again', async () => {
    const call = storage.buckets.get({ bucket: 'photos' })
    const response = call.asResponse()
    await expect(call.asResponse()).rejects.toThrow(/once/)
    await (await response).text()
  })

  test('takes the place of awaiting: everything else rejects afterwards', async () => {
    const call = storage.buckets.list({ project: 'p' })
    const response = await call.asResponse()
    await expect(call).rejects.toThrow(TypeError)
    await expect(call.withResponse()).rejects.toThrow(/asResponse/)
    await expect(call.finally(() => {})).rejects.toThrow(TypeError)
    await expect(call.pages().next()).rejects.toThrow(TypeError)
    await expect(call[Symbol.asyncIterator]().next()).rejects.toThrow(TypeError)
    expect((await response.json()).items).toHaveLength(1)
  })

  test('throws a typed error for an answer that is none', async () => {
    await expect(storage.buckets.get({ bucket: 'no-such-bucket' }).asResponse()).rejects.toBeInstanceOf(
      NotFoundError,
    )
  })

  test('gives a body of null for an answer without content', async () => {
    const transport = answering(() => answer(204))
    const api = createClient({ transport, auth: anonymous() }).api(notes)
    const response = await api.notes.delete({ noteId: '1' }).asResponse()
    expect([response.status, response.body]).toEqual([204, null])
  })

  test('fails the reading of the body when the deadline passes', async () => {
    vi.useFakeTimers()
    const transport = answering((_, __, context) => endlessAnswer(context))
    const api = createClient({ transport, auth: anonymous() }).api(notes)
    const response = await api.notes.get({ noteId: '1' }, { timeoutMs: 5_000 }).asResponse()
    const reading = expect(response.text()).rejects.toMatchObject({ code: 'timeout' })
    await vi.advanceTimersByTimeAsync(5_000)
    await reading
  })

  test('leaves no deadline behind once the body is read, cancelled or absent', async () => {
    vi.useFakeTimers()
    const transport = answering((request) => answer(request.method === 'DELETE' ? 204 : 200, 'text'))
    const api = createClient({ transport, auth: anonymous() }).api(notes)
    const options = { timeoutMs: 5_000 }
    await (await api.notes.get({ noteId: '1' }, options).asResponse()).text()
    expect(vi.getTimerCount()).toBe(0)
    await api.notes.delete({ noteId: '1' }, options).asResponse()
    expect(vi.getTimerCount()).toBe(0)
    const unread = await api.notes.get({ noteId: '1' }, options).asResponse()
    await unread.body.cancel()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('tells the transport when the body is cancelled before it was read', async () => {
    const cancelled = vi.fn()
    const transport = answering((_, __, context) => endlessAnswer(context, 200, cancelled))
    const api = createClient({ transport, auth: anonymous() }).api(notes)
    const response = await api.notes.get({ noteId: '1' }).asResponse()
    await response.body.cancel()
    expect(cancelled).toHaveBeenCalledOnce()
  })
})

describe('asResponse over a single connection', () => {
  let server: Server
  let endpoint: string

  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ text: 'x'.repeat(1_000_000) }))
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  test.each([
    ['before it was read', async (response: Response) => response.body!.cancel()],
    [
      'in the middle',
      async (response: Response) => {
        const reader = response.body!.getReader()
        await reader.read()
        await reader.cancel()
      },
    ],
  ])('a body that is cancelled %s frees the connection', async (_, cancel) => {
    const transport = nodeTransport({ maxSockets: 1 })
    const api = createClient({ endpoint, transport, auth: anonymous() }).api(notes)
    await cancel(await api.notes.get({ noteId: '1' }).asResponse())
    const { text } = await api.notes.get({ noteId: '2' }, { timeoutMs: 5_000 })
    expect(text).toHaveLength(1_000_000)
    await transport.close()
  })
})
