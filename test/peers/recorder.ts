import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string
  /** Path and query, byte for byte. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A server on loopback that answers `{}` to everything and keeps what came. */
export interface Recorder {
  readonly origin: string
  /** What arrived while `send` ran: one request. */
  record(send: () => PromiseLike<unknown>): Promise<WireRequest>
  close(): Promise<void>
}

export async function startRecorder(): Promise<Recorder> {
  let arrived: WireRequest[] = []
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url: target = '', headers } = request
    arrived.push({ method, target, headers, body: Buffer.concat(chunks).toString('utf8') })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async record(send) {
      arrived = []
      await send()
      if (arrived.length !== 1) throw new Error(`${arrived.length} requests arrived`)
      return arrived[0]!
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
