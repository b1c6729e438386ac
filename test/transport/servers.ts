import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server on 127.0.0.1 that lives as long as the test that started it. */
export interface TestServer {
  readonly url: string
  readonly port: number
  /** Connections accepted so far. */
  readonly connections: number
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>
}

/** A server that does with each connection what the test says. The second argument counts them from 0. */
export function tcpServer(serve: (socket: Socket, index: number) => void): Promise<TestServer> {
  return start(net.createServer(), serve)
}

/** An HTTP server that answers as the test says. */
export function httpServer(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<TestServer> {
  return start(
    http.createServer((request, response) => void answer(request, response)),
    () => {},
  )
}

/** A server that was made elsewhere, such as one of node:https, on a port of 127.0.0.1. */
export async function start(
  server: Server,
  serve: (socket: Socket, index: number) => void = () => {},
  host = '127.0.0.1',
): Promise<TestServer> {
  const open = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => {}) // tests break connections on purpose
    serve(socket, connections++)
  })
  server.listen(0, host)
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    get connections() {
      return connections
    },
    open,
  }
}

/** A port where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Everything that a message says. */
export async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Answers each connection with the same bytes as soon as a whole request head came, and then does `after`. */
export function answering(bytes: string | Buffer, after: (socket: Socket) => void = () => {}) {
  return (socket: Socket): void => {
    let head = ''
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1')
      if (!head.includes('\r\n\r\n')) return
      head = ''
      socket.write(bytes, () => after(socket))
    })
  }
}
