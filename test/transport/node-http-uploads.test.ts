import { createHash } from 'node:crypto'
import type { HttpRequest, StreamBody } from 'discokit'
import { nodeTransport } from 'discokit/node'
import { describe, expect, test, vi } from 'vitest'
import { contextOf, failureOf } from './contexts.ts'
import { httpServer, tcpServer, type TestServer } from './servers.ts'

const PIECE = Buffer.alloc(65_536, 'discokit')

/** Content of so many pieces that notes how many were taken, and whether the source could clean up. */
function content(pieces: number, length: number | undefined) {
  const state = { taken: 0, released: false }
  const body: StreamBody = {
    length,
    replayable: true,
    async *open() {
      try {
        for (; state.taken < pieces; state.taken++) yield PIECE
      } finally {
        state.released = true
      }
    },
  }
  return { body, state }
}

function upload(server: TestServer, body: HttpRequest['body']): HttpRequest {
  return { method: 'POST', url: `${server.url}/upload`, headers: {}, ...(body !== undefined && { body }) }
}

describe('uploading', () => {
  test.each([
    ['a length that is known', 200 * PIECE.length, { 'content-length': String(200 * PIECE.length) }],
    ['no length', undefined, { 'transfer-encoding': 'chunked' }],
  ])('streams a body with %s', async (_, length, framing) => {
    let seen: object | undefined
    const server = await httpServer(async (request, response) => {
      const hash = createHash('sha256')
      for await (const chunk of request) hash.update(chunk as Buffer)
      seen = { headers: request.headers, hash: hash.digest('hex') }
      response.end('stored')
    })
    const send = nodeTransport()
    const { body } = await send(upload(server, content(200, length).body), contextOf())
    expect(await body.text()).toBe('stored')
    const hash = createHash('sha256')
    for (let i = 0; i < 200; i++) hash.update(PIECE)
    expect(seen).toMatchObject({ headers: framing, hash: hash.digest('hex') })
    await send.close()
  })

  test('reads the source no faster than the server takes it', async () => {
    const server = await tcpServer((socket) => socket.pause())
    const send = nodeTransport()
    const { body, state } = content(10_000, 10_000 * PIECE.length)
    const ended = new AbortController()
    const failure = failureOf(send(upload(server, body), contextOf(ended.signal)))
    let before = -1
    // What the kernel buffers is taken, and then no more.
    await vi.waitFor(() => {
      const now = state.taken
      const steady = now > 0 && now === before
      before = now
      expect(steady).toBe(true)
    })
    expect(state.taken).toBeLessThan(500)
    ended.abort(new Error('enough'))
    expect(await failure).toMatchObject({ message: 'enough' })
    await vi.waitFor(() => expect(state.released).toBe(true))
    await send.close()
  })

  test.each([400, 401, 403, 413, 503])(
    'gives a %i that comes while the body is being sent, and stops reading the source',
    async (status) => {
      const server = await httpServer((_, response) => void response.writeHead(status).end('refused'))
      const send = nodeTransport()
      const { body, state } = content(10_000, 10_000 * PIECE.length)
      const answer = await send(upload(server, body), contextOf())
      expect([answer.status, await answer.body.text()]).toEqual([status, 'refused'])
      await vi.waitFor(() => expect(state.released).toBe(true))
      expect(state.taken).toBeLessThan(10_000)
      // Half a request lies on the connection: it can serve nothing else.
      await vi.waitFor(() => expect(server.open.size).toBe(0))
      await send.close()
    },
  )

  test('closes a connection that a refused body was left half on, although the server keeps it open', async () => {
    const server = await tcpServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 7\r\n\r\nrefused'))
    })
    const send = nodeTransport()
    const { body } = content(10_000, 10_000 * PIECE.length)
    const answer = await send(upload(server, body), contextOf())
    expect([answer.status, await answer.body.text()]).toEqual([403, 'refused'])
    await vi.waitFor(() => expect(server.open.size).toBe(0))
    await send.close()
  })

  test('gives an early refusal although the server closes the connection at once', async () => {
    const server = await tcpServer((socket) =>
      socket.once('data', () =>
        socket.end('HTTP/1.1 413 Too Large\r\nconnection: close\r\ncontent-length: 7\r\n\r\nrefused'),
      ),
    )
    for (let i = 0; i < 5; i++) {
      const answer = await nodeTransport()(
        upload(server, content(2_000, 2_000 * PIECE.length).body),
        contextOf(),
      )
      expect([answer.status, await answer.body.text()]).toEqual([413, 'refused'])
    }
  })

  test('takes no success for true that comes before the body was sent', async () => {
    const server = await httpServer((_, response) => void response.end('stored'))
    const send = nodeTransport()
    const { body, state } = content(10_000, 10_000 * PIECE.length)
    expect(await failureOf(send(upload(server, body), contextOf()))).toMatchObject({
      code: 'transport_failed',
      reason: 'ANSWERED_EARLY',
      progress: 'answered',
    })
    await vi.waitFor(() => expect(state.released).toBe(true))
    await vi.waitFor(() => expect(server.open.size).toBe(0))
    await send.close()
  })

  test('fails when the server closes in the middle', async () => {
    const server = await tcpServer((socket) => {
      let received = 0
      socket.on('data', (chunk) => {
        received += chunk.length
        if (received > 500_000) socket.resetAndDestroy()
      })
    })
    const { body, state } = content(10_000, 10_000 * PIECE.length)
    const error = await failureOf(nodeTransport()(upload(server, body), contextOf()))
    expect(error).toMatchObject({ code: 'transport_failed', progress: 'sent' })
    expect(error.reason).toMatch(/^(ECONNRESET|EPIPE)$/)
    await vi.waitFor(() => expect(state.released).toBe(true))
  })

  test('breaks the connection off when the source fails, so that the server has no whole body', async () => {
    const ends: string[] = []
    const server = await httpServer((request) => {
      request
        .resume()
        .on('end', () => ends.push('end'))
        .on('error', () => ends.push('error'))
    })
    const problem = new Error('the disk is gone')
    const body: StreamBody = {
      length: undefined,
      replayable: false,
      async *open() {
        yield PIECE
        throw problem
      },
    }
    expect(await failureOf(nodeTransport()(upload(server, body), contextOf()))).toBe(problem)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
    expect(ends).not.toContain('end')
  })

  test('fails with its own error when a source fails at once', async () => {
    const server = await httpServer(() => {})
    const problem = new Error('no such thing')
    const body: StreamBody = {
      length: 1,
      replayable: false,
      open() {
        throw problem
      },
    }
    expect(await failureOf(nodeTransport()(upload(server, body), contextOf()))).toBe(problem)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })
})
