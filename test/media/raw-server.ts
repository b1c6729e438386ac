import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on 127.0.0.1 that does as it is told, also what no emulator does. */
export interface RawServer {
  readonly url: string
  readonly server: Server
  /** How many connections are open. */
  connections(): Promise<number>
  close(): Promise<void>
}

export async function rawServer(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<RawServer> {
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
