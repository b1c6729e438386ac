import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, createCluster } from '@redis/client'
import type { RedisLike } from 'discokit/media'
import type { RedisEval } from 'discokit/login'
import { freePort } from './free-port.ts'

/** A real Redis on 127.0.0.1 that keeps nothing, but through a restart. */
export interface RedisServer {
  readonly port: number
  connect(): Promise<RedisLike & RedisEval & { sendCommand(words: string[]): Promise<unknown> }>
  /** Where it is a cluster. */
  connectCluster(): Promise<RedisEval>
  /** Stops it and starts it again with what it had. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts `redis-server`; undefined, with a printed line, where it is not installed.
 * @param options `cluster`: whether it is a cluster, of one node
 */
export async function startRedis({ cluster = false } = {}): Promise<RedisServer | undefined> {
  if (spawnSync('redis-server', ['--version']).error) {
    process.stdout.write('redis-server is not installed: the tests with it are left out\n')
    return undefined
  }
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'discokit-redis-'))
  const options = ['--port', String(port), '--save', '', '--appendonly', 'no', '--bind', '127.0.0.1']
  if (cluster) options.push('--cluster-enabled', 'yes', '--cluster-port', String(await freePort()))
  const start = () => startServer([...options, '--dir', folder])
  const clients: { close(): Promise<void>; destroy(): void }[] = []
  const connect = async () => {
    const client = createClient({ url: `redis://127.0.0.1:${port}` })
    client.on('error', () => {}) // it connects again by itself
    await client.connect()
    clients.push(client)
    return client
  }
  let server = await start()
  if (cluster) await (await connect()).sendCommand(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383'])
  return {
    port,
    connect,
    async connectCluster() {
      // It says that it is a cluster a moment after it has all slots.
      const client = await connect()
      let state = ''
      while (!state.includes('cluster_state:ok'))
        state = await client.sendCommand<string>(['CLUSTER', 'INFO'])
      const all = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] })
      all.on('error', () => {})
      await all.connect()
      clients.push(all)
      return all
    },
    async restart() {
      await (await connect()).sendCommand(['SAVE'])
      await end(server)
      server = await start()
    },
    async stop() {
      for (const client of clients) client.destroy()
      await end(server)
      await rm(folder, { recursive: true })
    },
  }
}

async function startServer(options: readonly string[]) {
  const server = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  await new Promise<void>((resolve, reject) => {
    server.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (/ready to accept connections/i.test(output)) resolve()
    })
    server.once('exit', () => reject(new Error(`redis-server ended: ${output}`)))
  })
  return server
}

async function end(server: Awaited<ReturnType<typeof startServer>>): Promise<void> {
  const ended = once(server, 'exit')
  server.kill()
  await ended
}
