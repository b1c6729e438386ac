import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HttpResponse } from 'discokit'
import { nodeTransport } from 'discokit/node'
import { until } from '../media/connection.ts'
import { type RawServer, rawServer } from '../media/raw-server.ts'
import { contextOf } from './contexts.ts'

let server: RawServer
beforeEach(async () => {
  // Many pieces in one packet: the whole answer is there before the first piece is read.
  server = await rawServer((_, response) => {
    response.cork()
    for (let i = 0; i < 200; i++) response.write('piece ')
    response.end()
    response.uncork()
  })
})
afterEach(() => server.close())

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
  test.each(leave)('frees the only connection: %s', async (_, left) => {
    const transport = nodeTransport({ maxSockets: 1 })
    const ask = (): Promise<HttpResponse> =>
      transport({ method: 'GET', url: `${server.url}/`, headers: {} }, contextOf())
    for (let i = 0; i < 3; i++) await left(await ask())
    expect(await (await ask()).body.text()).toHaveLength(1200)
    await transport.close()
    await until(async () => (await server.connections()) === 0)
  })
})
