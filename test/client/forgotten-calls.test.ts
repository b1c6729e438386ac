import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { nodeTransport } from 'discokit/node'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runChild } from './child.ts'
import { notes } from './notes-document.ts'

describe('a forgotten call', () => {
  let server: Server
  let endpoint: string

  beforeAll(async () => {
    // More than a socket holds, so that an answer which nobody reads would keep its connection.
    const large = JSON.stringify({ text: 'x'.repeat(1_000_000) })
    server = createServer(({ url }, response) => {
      const status = url!.endsWith('/missing') ? 404 : 200
      const type = url!.endsWith('/page') ? 'text/html' : 'application/json'
      response.writeHead(status, { 'content-type': type }).end(large)
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  test.each([1, 4])(
    'does not hold one of %i connections: four of them do not block a fifth',
    async (maxSockets) => {
      const transport = nodeTransport({ maxSockets })
      const api = createClient({ endpoint, transport, auth: anonymous() }).api(notes)
      const forgotten = ['1', '2', '3', '4'].map((noteId) => api.notes.get({ noteId }))
      expect((await api.notes.get({ noteId: '5' }, { timeoutMs: 10_000 })).text).toHaveLength(1_000_000)
      await Promise.all(forgotten)
      await transport.close()
    },
  )

  test.each(['missing', 'page'])(
    'does not hold a connection when its answer is an error (%s)',
    async (noteId) => {
      const transport = nodeTransport({ maxSockets: 1 })
      const api = createClient({ endpoint, transport, auth: anonymous() }).api(notes)
      for (let i = 0; i < 4; i++) api.notes.get({ noteId }).catch(() => {})
      expect((await api.notes.get({ noteId: '5' }, { timeoutMs: 10_000 })).text).toHaveLength(1_000_000)
      await transport.close()
    },
  )
})

describe('a call that fails and that nobody touches', () => {
  test.each([
    ['is reported as an unhandled rejection', 'untouched'],
    ['is reported when only its parameters were wrong', 'wrong-parameters'],
    ['is reported when it was made by withResponse and not awaited', 'with-response'],
  ])('%s', async (_, manner) => {
    const { code, stderr } = await runChild('forgotten.ts', [manner])
    expect(stderr).toMatch(manner === 'wrong-parameters' ? 'ValidationError' : 'NotFoundError')
    expect(code).toBe(1)
  })

  test.each([
    ['is marked as handled by pages() at that moment', 'pages'],
    ['is marked as handled by the async iterator at that moment', 'iterator'],
    ['is handled by catch', 'catch'],
    ['is handled by asResponse, whose own promise is caught', 'as-response'],
  ])('%s', async (_, manner) => {
    const { code, stdout, stderr } = await runChild('forgotten.ts', [manner])
    expect(stderr).toBe('')
    expect(stdout).toBe('survived\n')
    expect(code).toBe(0)
  })
})
