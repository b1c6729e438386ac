import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HttpResponse } from 'discokit'
import { nodeTransport } from 'discokit/node'
import { until } from '../media/connection.ts'
import { contextOf } from './contexts.ts'

let server: Server
const sockets = new Set<Socket>()
beforeEach(async () => {
  // Many pieces in one packet: the whole answer is there before the first piece is read. Nothing is ever closed here.
  const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'6\r\npiece \r\n'.repeat(200)}0\r\n\r\n`
  server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('data', () => socket.write(answer)))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
})
afterEach(() => {
  for (const socket of sockets) socket.destroy()
  server.close()
})

const leave: [string, (answer: HttpResponse) => Promise<void>][] = [
  [
    'a loop that is left',
    async ({ body }) => {
      for await (const _ of body) break
    },
  ],
  [
    'an iterator that is returned',
    async ({ body }) => {
      const chunks = body[Symbol.asyncIterator]()
      await chunks.next()
      await chunks.return!()
    },
  ],
  ['a body that is cancelled unread', async ({ body }) => body.cancel()],
  [
    'a body that is cancelled while it is read',
    async ({ body }) => {
      await body[Symbol.asyncIterator]().next()
      body.cancel()
    },
  ],
]

describe('an answer that is not read to its end', () => {
  test.each(leave)(
    'frees the only connection: %s',
    async (_, left) => {
      const transport = nodeTransport({ maxSockets: 1 })
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
      const ask = (): Promise<HttpResponse> => transport({ method: 'GET', url, headers: {} }, contextOf())
      for (let i = 0; i < 3; i++) await left(await ask())
      expect(await (await ask()).body.text()).toHaveLength(1200)
      await transport.close()
      await until(() => sockets.size === 0)
    },
    5000,
  )

  test('still gives everything to a reader who goes on', async () => {
    const transport = nodeTransport({ maxSockets: 1 })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const { body } = await transport({ method: 'GET', url, headers: {} }, contextOf())
    let text = ''
    for await (const chunk of body) {
      if (text === '') body.cancel()
      text += Buffer.from(chunk).toString()
    }
    expect(text).toHaveLength(1200)
    await transport.close()
  })
})
