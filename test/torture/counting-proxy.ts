import { once } from 'node:events'
import net from 'node:net'

/** A way to a server on which is counted what comes from its clients. */
export interface CountingProxy {
  readonly url: string
  /** Bytes that arrived, headers and all. */
  received(): number
  /** When all that arrived was passed on, and no connection is left. */
  idle(): Promise<void>
  close(): Promise<void>
}

export async function countingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target)
  let received = 0
  const open = new Set<Promise<unknown>>()
  const server = net.createServer((client) => {
    const upstream = net.connect({ host: hostname, port: Number(port) })
    client.on('data', (chunk: Buffer) => (received += chunk.length))
    const ended = new Promise((resolve) => upstream.on('close', resolve))
    open.add(ended)
    upstream.on('close', () => open.delete(ended))
    client.pipe(upstream).pipe(client)
    client.on('error', () => {}) // it was killed
    client.on('close', () => upstream.resume().end()) // nobody reads the answer
    upstream.on('error', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`,
    received: () => received,
    idle: async () => void (await Promise.all(open)),
    close: async () => {
      server.close()
      await once(server, 'close')
    },
  }
}
