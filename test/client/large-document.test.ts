import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createClient, fetchTransport, type TransportError } from 'discokit'
import { nodeTransport } from 'discokit/node'
import { describe, expect, test } from 'vitest'

const LIMIT = 64 * 1024 * 1024
const JSON_TYPE = { 'content-type': 'application/json' }

/** Discovers from a server on this machine; gives the error and how many bytes the server had sent by then. */
async function discoverFrom(
  answer: RequestListener,
  transport: typeof nodeTransport | typeof fetchTransport,
): Promise<{ error: TransportError; sent: number }> {
  let sent = 0
  const server = createServer((request, response) => {
    response.on('close', () => (sent += response.socket?.bytesWritten ?? 0))
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const wire = transport()
  try {
    const google = createClient({ endpoint, transport: wire, retry: false })
    const [result] = await Promise.allSettled([google.discover('notes:v1')])
    return { error: (result as PromiseRejectedResult).reason as TransportError, sent }
  } finally {
    await wire.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const tooLarge = { code: 'transport_failed', reason: 'ANSWER_TOO_LARGE', progress: 'answered' }

describe.each([
  ['node', nodeTransport],
  ['fetch', fetchTransport],
])('a document of more than 64 MiB, over %s', (_, transport) => {
  test('is given up as soon as its length is known', async () => {
    const { error, sent } = await discoverFrom((_, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': LIMIT + 1 })
      response.write(' '.repeat(1000))
    }, transport)
    expect(error).toMatchObject(tooLarge)
    expect(sent).toBeLessThan(10_000)
  })

  test('is given up when it has grown so large', async () => {
    const { error } = await discoverFrom((_, response) => {
      const chunk = Buffer.alloc(1024 * 1024, ' ')
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      }
      response.writeHead(200, JSON_TYPE).on('drain', more)
      more()
    }, transport)
    expect(error).toMatchObject(tooLarge)
  })

  test('is given up while it is inflated', async () => {
    const bomb = gzipSync(Buffer.alloc(4 * LIMIT, ' '), { level: 9 })
    expect(bomb.length).toBeLessThan(400_000)
    const { error } = await discoverFrom((_, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(bomb)
    }, transport)
    expect(error).toMatchObject(tooLarge)
  })
})
