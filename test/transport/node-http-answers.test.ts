import { gzipSync } from 'node:zlib'
import type { Socket } from 'node:net'
import type { HttpResponse } from 'discokit'
import { anonymous, authorizedFetch } from 'discokit/auth'
import { nodeTransport } from 'discokit/node'
import { describe, expect, test, vi } from 'vitest'
import { contextOf, failureOf } from './contexts.ts'
import { answering, httpServer, type TestServer, tcpServer } from './servers.ts'

const TEXT = JSON.stringify({ items: Array.from({ length: 500 }, (_, i) => ({ name: `object ${i}` })) })
const GZIPPED = gzipSync(TEXT)

async function get(server: TestServer, method = 'GET', headers = {}): Promise<HttpResponse> {
  return nodeTransport()({ method, url: `${server.url}/`, headers }, contextOf())
}

/** A server that answers with a head and a body as they are, and then closes its side. */
function raw(head: string, body: string | Buffer, end: (socket: Socket) => void = (socket) => socket.end()) {
  const bytes = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n`), Buffer.from(body)])
  return tcpServer(answering(bytes, end))
}

const ways = [
  ['text()', (answer: HttpResponse) => answer.body.text()],
  ['bytes()', (answer: HttpResponse) => answer.body.bytes()],
  [
    'iteration',
    async ({ body }: HttpResponse) => {
      const chunks: Uint8Array[] = []
      for await (const chunk of body) chunks.push(chunk)
      return Buffer.concat(chunks)
    },
  ],
] as const

describe.each(ways)('an answer read by %s', (_, read) => {
  test('is inflated when it is gzip', async () => {
    const server = await raw(`content-encoding: gzip\r\ncontent-length: ${GZIPPED.length}`, GZIPPED)
    expect(String(await read(await get(server)))).toBe(TEXT)
  })

  test('is given as it came when the request set accept-encoding itself', async () => {
    const server = await raw(`content-encoding: gzip\r\ncontent-length: ${GZIPPED.length}`, GZIPPED)
    const answer = await get(server, 'GET', { 'accept-encoding': 'gzip' })
    const given = await read(answer)
    if (typeof given !== 'string') expect(Buffer.compare(given, GZIPPED)).toBe(0)
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 64])(
    'fails when gzip lacks its last %i bytes',
    async (missing) => {
      const cut = GZIPPED.subarray(0, GZIPPED.length - missing)
      const server = await raw(`content-encoding: gzip\r\ncontent-length: ${cut.length}`, cut)
      expect(await failureOf(read(await get(server)))).toMatchObject({
        code: 'transport_failed',
        reason: 'ANSWER_NOT_GZIP',
        progress: 'answered',
      })
    },
  )

  test('fails when the checksum of gzip is wrong', async () => {
    const bad = Buffer.from(GZIPPED)
    bad[bad.length - 8]! ^= 1
    const server = await raw(`content-encoding: gzip\r\ncontent-length: ${bad.length}`, bad)
    expect(await failureOf(read(await get(server)))).toMatchObject({ reason: 'ANSWER_NOT_GZIP' })
  })

  test('fails when gzip is garbage', async () => {
    const server = await raw('content-encoding: gzip\r\ncontent-length: 11', 'not gzipped')
    expect(await failureOf(read(await get(server)))).toMatchObject({ reason: 'ANSWER_NOT_GZIP' })
  })

  test('fails when gzip is cut short by the connection', async () => {
    const cut = GZIPPED.subarray(0, 200)
    const server = await raw(`content-encoding: gzip\r\ncontent-length: ${GZIPPED.length}`, cut)
    expect(await failureOf(read(await get(server)))).toMatchObject({ reason: 'ANSWER_CUT_SHORT' })
  })

  test('fails when it is shorter than its content-length', async () => {
    const server = await raw('content-length: 100', 'only this')
    expect(await failureOf(read(await get(server)))).toMatchObject({
      code: 'transport_failed',
      reason: 'ANSWER_CUT_SHORT',
      progress: 'answered',
    })
  })

  test('fails when chunked coding ends without its last chunk', async () => {
    const server = await raw('transfer-encoding: chunked', '4\r\nWiki\r\n')
    expect(await failureOf(read(await get(server)))).toMatchObject({ reason: 'ANSWER_CUT_SHORT' })
  })

  test('fails when the size of a chunk is no number', async () => {
    const server = await raw('transfer-encoding: chunked', '4\r\nWiki\r\nzz\r\n')
    expect(await failureOf(read(await get(server)))).toMatchObject({
      code: 'transport_failed',
      progress: 'answered',
    })
  })

  test('fails when the connection is reset', async () => {
    const server = await raw('content-length: 100', 'only this', (socket) => socket.resetAndDestroy())
    expect(await failureOf(get(server).then<unknown>(read))).toMatchObject({ code: 'transport_failed' })
  })

  test('fails when the connection broke before anybody read it', async () => {
    const server = await raw('content-length: 100', 'only this')
    const answer = await get(server)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
    expect(await failureOf(read(answer))).toMatchObject({ reason: 'ANSWER_CUT_SHORT' })
  })

  test('fails when its gzip proved wrong before anybody read it', async () => {
    const server = await raw('content-encoding: gzip\r\ncontent-length: 11', 'not gzipped')
    const answer = await get(server)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
    expect(await failureOf(read(answer))).toMatchObject({ reason: 'ANSWER_NOT_GZIP' })
  })

  test('fails when its gzip was cut short before anybody read it', async () => {
    const server = await raw(`content-encoding: gzip\r\ncontent-length: 1000`, GZIPPED.subarray(0, 200))
    const answer = await get(server)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
    expect(await failureOf(read(answer))).toMatchObject({ reason: 'ANSWER_CUT_SHORT' })
  })

  test('is whole although it was read only after the connection had closed', async () => {
    const server = await raw('content-length: 9\r\nconnection: close', 'only this')
    const answer = await get(server)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
    expect(String(await read(answer))).toBe('only this')
  })

  test.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1234\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\ncontent-encoding: gzip\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\ncontent-encoding: gzip\r\n\r\n'],
    ['GET', 'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n'],
  ])('is empty when %s has nothing to inflate: %j', async (method, bytes) => {
    const server = await tcpServer(answering(bytes))
    expect((await read(await get(server, method))).length).toBe(0)
  })
})

describe.each(ways.slice(0, 2))('an answer that is limited, read by %s', (name) => {
  const way = name === 'text()' ? 'text' : 'bytes'

  test('is given up when it is larger, and its connection closed', async () => {
    const server = await httpServer((_, response) => {
      const more = (): boolean => response.write(Buffer.alloc(65_536, 'x'))
      response.on('drain', () => void more())
      more()
    })
    const { body } = await get(server)
    expect(await failureOf(body[way](1_000_000))).toMatchObject({
      code: 'transport_failed',
      reason: 'ANSWER_TOO_LARGE',
    })
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('is limited as inflated, so a small gzip cannot become a large text', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const server = await raw(`content-encoding: gzip\r\ncontent-length: ${bomb.length}`, bomb, () => {})
    const before = process.memoryUsage().rss
    const { body } = await get(server)
    expect(await failureOf(body[way](1_000_000))).toMatchObject({ reason: 'ANSWER_TOO_LARGE' })
    expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000)
  })

  test('may be exactly as large', async () => {
    const server = await raw('content-length: 9', 'only this')
    const { body } = await get(server)
    expect(String(await body[way](9))).toBe(way === 'text' ? 'only this' : String(Buffer.from('only this')))
  })
})

describe('an answer that nobody reads', () => {
  test('frees its connection when it is cancelled', async () => {
    const server = await raw('content-length: 100000000', 'the beginning', () => {})
    const { body } = await get(server)
    body.cancel()
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('frees its connection when the web Response of it is cancelled', async () => {
    const server = await raw('content-length: 100000000', 'the beginning', () => {})
    const answer = await authorizedFetch(anonymous())(server.url)
    await answer.body!.cancel()
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('frees its connection when a loop over it is left', async () => {
    const server = await raw('content-length: 100000000', 'the beginning', () => {})
    const { body } = await get(server)
    for await (const chunk of body) {
      expect(String(chunk)).toBe('the beginning')
      break
    }
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })
})
