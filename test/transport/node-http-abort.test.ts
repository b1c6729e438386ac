import type { HttpRequest, HttpResponse, StreamBody } from 'discokit'
import { anonymous, authorizedFetch } from 'discokit/auth'
import { nodeTransport } from 'discokit/node'
import { describe, expect, test, vi } from 'vitest'
import { contextOf, failureOf } from './contexts.ts'
import { answering, httpServer, tcpServer } from './servers.ts'

const get = (url: string): HttpRequest => ({ method: 'GET', url, headers: {} })
const reason = new Error('the user went away')

describe('an abort', () => {
  test('before the call ends it without a connection', async () => {
    const server = await tcpServer(() => {})
    const error = await failureOf(nodeTransport()(get(server.url), contextOf(AbortSignal.abort(reason))))
    expect(error).toBe(reason)
    expect(server.connections).toBe(0)
  })

  test('while the connection is made ends it', async () => {
    const server = await tcpServer(() => {})
    const ended = new AbortController()
    const failure = failureOf(nodeTransport()(get(server.url), contextOf(ended.signal)))
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('while the call waits for a free connection ends it and leaves the others alone', async () => {
    const release: (() => void)[] = []
    const server = await httpServer((_, response) => void release.push(() => response.end('first')))
    const send = nodeTransport({ maxSockets: 1 })
    const first = send(get(server.url), contextOf())
    await vi.waitFor(() => expect(release).toHaveLength(1))
    const ended = new AbortController()
    const second = failureOf(send(get(server.url), contextOf(ended.signal)))
    const third = send(get(server.url), contextOf())
    ended.abort(reason)
    expect(await second).toBe(reason)
    release[0]!()
    expect(await (await first).body.text()).toBe('first')
    await vi.waitFor(() => expect(release).toHaveLength(2))
    release[1]!()
    expect(await (await third).body.text()).toBe('first')
    await send.close()
  })

  test('while the answer is awaited ends it and its connection', async () => {
    const server = await httpServer(() => {})
    const ended = new AbortController()
    const failure = failureOf(nodeTransport()(get(server.url), contextOf(ended.signal)))
    await vi.waitFor(() => expect(server.open.size).toBe(1))
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('while the source of the body stalls ends it and its connection', async () => {
    const server = await httpServer((request) => void request.resume())
    const ended = new AbortController()
    const body: StreamBody = {
      length: undefined,
      replayable: false,
      async *open() {
        yield Buffer.from('the beginning')
        await new Promise(() => {}) // the disk never answers
      },
    }
    const request = { ...get(server.url), method: 'POST', body }
    const failure = failureOf(nodeTransport()(request, contextOf(ended.signal)))
    await vi.waitFor(() => expect(server.open.size).toBe(1))
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test.each([
    ['text()', (answer: HttpResponse) => answer.body.text()],
    ['bytes()', (answer: HttpResponse) => answer.body.bytes()],
    [
      'iteration',
      async ({ body }: HttpResponse) => {
        for await (const chunk of body) expect(chunk.length).toBeGreaterThan(0)
      },
    ],
  ])('while the answer is read by %s ends it and its connection', async (_, read) => {
    const server = await tcpServer(answering('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthe beginning'))
    const ended = new AbortController()
    const failure = failureOf(read(await nodeTransport()(get(server.url), contextOf(ended.signal))))
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test.each([
    ['incomplete', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthe beginning'],
    ['complete', 'HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\nthe beginning'],
  ])('is told by every way of reading an answer that came before it and is %s', async (_, bytes) => {
    const server = await tcpServer(answering(bytes))
    const send = nodeTransport()
    for (const read of [
      (answer: HttpResponse) => answer.body.text(),
      (answer: HttpResponse) => answer.body[Symbol.asyncIterator]().next(),
    ]) {
      const ended = new AbortController()
      const answer = await send(get(server.url), contextOf(ended.signal))
      ended.abort(reason)
      await vi.waitFor(() => expect(server.open.size).toBe(0))
      expect(await failureOf(read(answer))).toBe(reason)
    }
  })

  test('is told by a web Response whose body nobody had read, never as an empty body', async () => {
    const server = await tcpServer(answering('HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\nthe beginning'))
    const ended = new AbortController()
    const answer = await authorizedFetch(anonymous())(server.url, { signal: ended.signal })
    ended.abort(reason)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
    expect(await failureOf(answer.text())).toBe(reason)
  })
})
