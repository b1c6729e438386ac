import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { createClient, fetchTransport, TransportError, type UntypedApi } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { contextOf, failureOf } from './contexts.ts'
import { answering, closedPort, httpServer, tcpServer } from './servers.ts'

const get = (url: string) => ({ method: 'GET', url, headers: {} })
const send = fetchTransport()

describe('a client over fetch', () => {
  let emulator: Emulator
  let storage: UntypedApi
  beforeEach(async () => {
    emulator = await createEmulator()
    await emulator.listen()
    const google = createClient({
      ...emulator.connect(),
      transport: fetchTransport(),
      auth: emulator.serviceAccount(),
      retry: false,
    })
    storage = await google.discover('storage:v1')
    await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
  })
  afterEach(() => emulator.close())

  test('sends and reads JSON, and renews its token', async () => {
    emulator.revokeTokens()
    expect(await storage['buckets'].get({ bucket: 'box' })).toMatchObject({ name: 'box' })
    expect(await failureOf(storage['buckets'].get({ bucket: 'none' }))).toMatchObject({ code: 'not_found' })
  })

  test('streams an upload and its download', async () => {
    const piece = Buffer.alloc(65_536, 'discokit')
    const hash = createHash('sha256')
    const media = (async function* () {
      for (let i = 0; i < 64; i++) {
        hash.update(piece)
        yield piece
      }
    })()
    const object = await storage['objects'].insert({ bucket: 'box', body: { name: 'big' }, media })
    expect(object).toMatchObject({ name: 'big', size: String(64 * piece.length) })
    const back = createHash('sha256')
    for await (const chunk of storage['objects'].get.download({ bucket: 'box', object: 'big' }))
      back.update(chunk)
    expect(back.digest('hex')).toBe(hash.digest('hex'))
  })

  test('reports a failure of the source as itself', async () => {
    const problem = new Error('the disk is gone')
    const media = (async function* () {
      yield Buffer.from('x')
      throw problem
    })()
    const error = await failureOf(storage['objects'].insert({ bucket: 'box', body: { name: 'x' }, media }))
    expect(error).toBe(problem)
    expect(await failureOf(storage['objects'].get({ bucket: 'box', object: 'x' }))).toMatchObject({
      status: 404,
    })
  })

  test('reports a connection that breaks before an answer', async () => {
    emulator.fail('storage.buckets.get', ['return-reset-connection'])
    const error = await failureOf(storage['buckets'].get({ bucket: 'box' }))
    expect(error).toBeInstanceOf(TransportError)
    expect(error.progress).toBe('sent')
  })

  test('reports a download that breaks off', async () => {
    await storage['objects'].insert({ bucket: 'box', body: { name: 'x' }, media: 'y'.repeat(500_000) })
    emulator.fail('storage.objects.get', ['return-broken-stream-after-256K'])
    const error = await failureOf(storage['objects'].get.download({ bucket: 'box', object: 'x' }).bytes())
    expect(error).toMatchObject({ code: 'transport_failed', progress: 'answered' })
  })
})

describe('fetchTransport', () => {
  test('says that nothing was sent when nothing listens', async () => {
    const error = await failureOf(
      send(get(`http://127.0.0.1:${await closedPort()}/?key=canary`), contextOf()),
    )
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({ reason: 'ECONNREFUSED', progress: 'unsent' })
    expect(error.message).not.toContain('canary')
  })

  test('follows no redirect', async () => {
    const other = await tcpServer(() => {})
    const server = await httpServer(
      (_, response) => void response.writeHead(302, { location: other.url }).end(),
    )
    expect((await send(get(server.url), contextOf())).status).toBe(302)
    const body = {
      length: 1,
      replayable: false,
      open: async function* () {
        yield Buffer.from('x')
      },
    }
    await send({ ...get(server.url), method: 'POST', body }, contextOf()).catch(() => {})
    expect(other.connections).toBe(0)
  })

  test('inflates gzip, and fails when it is garbage', async () => {
    const packed = gzipSync('{"a":1}')
    const server = await httpServer(
      (_, response) => void response.setHeader('content-encoding', 'gzip').end(packed),
    )
    expect(await (await send(get(server.url), contextOf())).body.text()).toBe('{"a":1}')
    const bad = await httpServer(
      (_, response) => void response.setHeader('content-encoding', 'gzip').end('garbage'),
    )
    const answer = await send(get(bad.url), contextOf())
    expect(await failureOf(answer.body.text())).toMatchObject({
      code: 'transport_failed',
      progress: 'answered',
    })
  })

  test.each([
    ['its content-length', 'content-length: 100\r\n\r\nonly this'],
    ['its last chunk', 'transfer-encoding: chunked\r\n\r\n4\r\nWiki\r\n'],
  ])('fails when an answer ends before %s', async (_, rest) => {
    const server = await tcpServer(answering(`HTTP/1.1 200 OK\r\n${rest}`, (socket) => socket.end()))
    const answer = await send(get(server.url), contextOf())
    expect(await failureOf(answer.body.text())).toMatchObject({
      code: 'transport_failed',
      progress: 'answered',
    })
  })

  test('gives an answer up that is too large', async () => {
    const server = await httpServer((_, response) => void response.end(Buffer.alloc(1_000_000)))
    const answer = await send(get(server.url), contextOf())
    expect(await failureOf(answer.body.bytes(1_000))).toMatchObject({ reason: 'ANSWER_TOO_LARGE' })
  })

  test.each(['before it is read', 'while it is read'])(
    'frees the connection of an answer cancelled %s',
    async (when) => {
      const server = await tcpServer(
        answering('HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\nthe beginning'),
      )
      const { body } = await send(get(server.url), contextOf())
      if (when === 'while it is read') await body[Symbol.asyncIterator]().next()
      const [connection] = server.open
      body.cancel()
      await vi.waitFor(() => expect(connection!.destroyed).toBe(true))
    },
  )

  const reason = new Error('enough')
  test('is aborted while the answer is awaited', async () => {
    const server = await httpServer(() => {})
    const ended = new AbortController()
    const failure = failureOf(send(get(server.url), contextOf(ended.signal)))
    await vi.waitFor(() => expect(server.open.size).toBe(1))
    const [connection] = server.open
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await vi.waitFor(() => expect(connection!.destroyed).toBe(true))
  })

  test('is aborted while the answer is read', async () => {
    const server = await tcpServer(answering('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthe beginning'))
    const ended = new AbortController()
    const { body } = await send(get(server.url), contextOf(ended.signal))
    const failure = failureOf(body.text())
    const [connection] = server.open
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await vi.waitFor(() => expect(connection!.destroyed).toBe(true))
  })

  test('ends in time', async () => {
    const server = await httpServer(() => {})
    await using google = createClient({
      endpoint: server.url,
      transport: send,
      auth: anonymous(),
      retry: false,
    })
    const error = await failureOf(google.listApis({}, { timeoutMs: 30 }))
    expect(error).toMatchObject({ code: 'timeout', timeoutMs: 30, phase: 'answer' })
  })

  test('refuses a header that could not be written, without repeating it', async () => {
    const server = await tcpServer(() => {})
    const request = { ...get(server.url), headers: { 'x-a': 'canary\r\nx-b: 1' } }
    const error = await failureOf(send(request, contextOf()))
    expect(`${error.stack} ${error.cause?.stack}`.replaceAll(/\n +at .*/g, '')).not.toContain('canary')
    expect(server.connections).toBe(0)
  })

  test('calls the fetch that it was given', async () => {
    const asked: string[] = []
    const given = fetchTransport({
      fetch: (async (url: string) => {
        asked.push(url)
        return new Response('mine', { status: 203, headers: { 'x-a': 'b' } })
      }) as typeof fetch,
    })
    const answer = await given(get('https://storage.googleapis.com/x'), contextOf())
    expect([answer.status, answer.headers['x-a'], await answer.body.text()]).toEqual([203, 'b', 'mine'])
    expect(asked).toEqual(['https://storage.googleapis.com/x'])
  })
})
