import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { createClient } from '@redis/client'
import type { RedisLike } from 'discokit/media'

/** A real Redis on 127.0.0.1 that keeps nothing. */
export interface RedisServer {
  readonly port: number
  connect(): Promise<RedisLike>
  stop(): Promise<void>
}

/** Starts `redis-server`; undefined, with a printed line, where it is not installed. */
export async function startRedis(): Promise<RedisServer | undefined> {
  if (spawnSync('redis-server', ['--version']).error) {
    process.stdout.write('redis-server is not installed: the tests with it are left out\n')
    return undefined
  }
  const port = await freePort()
  const options = ['--port', String(port), '--save', '', '--appendonly', 'no', '--bind', '127.0.0.1']
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  const ready = new Promise<void>((resolve, reject) => {
    server.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (/ready to accept connections/i.test(output)) resolve()
    })
    server.once('exit', () => reject(new Error(`redis-server ended: ${output}`)))
  })
  await ready
  const clients: { close(): Promise<void> }[] = []
  return {
    port,
    async connect() {
      const client = createClient({ url: `redis://127.0.0.1:${port}` })
      await client.connect()
      clients.push(client)
      return client
    },
    async stop() {
      await Promise.all(clients.map((client) => client.close()))
      const ended = once(server, 'exit')
      server.kill()
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
