import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Pool } from 'pg'
import { freePort } from './free-port.ts'

/** A real PostgreSQL on 127.0.0.1 with a cluster of its own. */
export interface Postgres {
  readonly url: string
  connect(max?: number): Pool
  /** Stops it and starts it again with what it had. */
  restart(): Promise<void>
  stop(): Promise<void>
}

/** Makes a cluster and starts it; undefined, with a printed line, where PostgreSQL is not installed. */
export async function startPostgres(): Promise<Postgres | undefined> {
  const programs = await findPrograms()
  const user = programs && ownUser()
  if (!programs || !user) {
    process.stdout.write('PostgreSQL is not installed: the tests with it are left out\n')
    return undefined
  }
  const folder = await mkdtemp(join(tmpdir(), 'discokit-postgres-'))
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid!)
  const data = join(folder, 'data')
  const settings = { ...user, cwd: folder, env: { LC_ALL: 'C', PATH: process.env['PATH'] } }
  await promisify(execFile)(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    settings,
  )
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const options = { listen_addresses: '127.0.0.1', port, unix_socket_directories: folder, fsync: 'off' }
  const args = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const start = async (): Promise<ChildProcess> => {
    const server = spawn(join(programs, 'postgres'), ['-D', data, ...args], {
      ...settings,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let output = ''
    await new Promise<void>((resolve, reject) => {
      server.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString()
        if (output.includes('ready to accept connections')) resolve()
      })
      server.once('exit', () => reject(new Error(`postgres ended: ${output}`)))
    })
    return server
  }
  let server = await start()
  const pools: Pool[] = []
  return {
    url,
    connect(max = 5) {
      const pool = new Pool({ connectionString: url, max })
      pool.on('error', () => {}) // of idle connections, when the server ends: others are opened
      pools.push(pool)
      return pool
    },
    async restart() {
      await end(server)
      server = await start()
    },
    async stop() {
      await Promise.all(pools.map((pool) => pool.end()))
      await end(server)
      await rm(folder, { recursive: true })
    },
  }
}

async function end(server: ChildProcess): Promise<void> {
  const ended = once(server, 'exit')
  server.kill('SIGINT') // ends connections too
  await ended
}

/** Debian has each version in a folder of its own, and none on the path. */
async function findPrograms(): Promise<string | undefined> {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? await readdir(root) : []
  const folders = versions.map((version) => join(root, version, 'bin'))
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
}

/** It does not run as root: who runs it then; undefined where there is nobody. */
function ownUser(): { uid?: number; gid?: number } | undefined {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, 'postgres']).stdout || NaN))
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid: uid!, gid: gid! } : undefined
}
