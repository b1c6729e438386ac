import { rawServer } from '../media/raw-server.ts'
import { textOf } from '../transport/servers.ts'

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
  const server = await rawServer(async (request, response) => {
    const { method = '', url: target = '', headers } = request
    arrived.push({ method, target, headers, body: await textOf(request) })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  return {
    origin: server.url,
    async record(send) {
      arrived = []
      await send()
      if (arrived.length !== 1) throw new Error(`${arrived.length} requests arrived`)
      return arrived[0]!
    },
    close: () => server.close(),
  }
}
