/** Many processes that act for one person, with the login in a server or in a file. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEmulator } from 'discokit/emulator'
import { createSecret, type LoginStore, oauthClient, redisLoginStore, sqlLoginStore } from 'discokit/login'
import { fileLoginStore } from 'discokit/node'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest'
import { type Postgres, startPostgres } from '../../servers/postgres.ts'
import { type RedisServer, startRedis } from '../../servers/redis.ts'

let redis: RedisServer | undefined
let postgres: Postgres | undefined
let folder: string
const children: ChildProcess[] = []
beforeAll(async () => {
  redis = await startRedis()
  postgres = await startPostgres()
  folder = await mkdtemp(join(tmpdir(), 'discokit-processes-'))
  // One file, so that twenty of them begin at once.
  const input = fileURLToPath(new URL('children/act.ts', import.meta.url))
  const conditionNames = ['discokit-source', 'node', 'import']
  const external = ['pg', '@redis/client']
  const bundle = await rolldown({ input, external, platform: 'node', resolve: { conditionNames } })
  await bundle.write({ dir: folder, format: 'esm', entryFileNames: 'act.mjs', chunkFileNames: '[name].mjs' })
  await bundle.close()
  await symlink(resolve('node_modules'), join(folder, 'node_modules'), 'junction')
}, 60_000)
afterAll(async () => {
  for (const child of children) child.kill() // of a test that failed
  await redis?.stop()
  await postgres?.stop()
  await rm(folder, { recursive: true, force: true })
})

/** Starts a process, up to where it waits to be let go. */
async function start(...args: string[]) {
  const child = spawn(process.execPath, [join(folder, 'act.mjs'), ...args], {
    env: { ...process.env, DISCOKIT_KEYCHAIN: 'off' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text))
  const said = once(child, 'close').then(() => output.replace('ready', '').trim())
  children.push(child)
  await Promise.race([once(child.stdout, 'data'), said])
  if (child.exitCode !== null) throw new Error(`the process ended with ${child.exitCode}`)
  return { child, said }
}

/** A store, and how a process opens it. */
type Place = readonly [LoginStore, ...string[]]
const PLACES: readonly (readonly [string, (context: TestContext) => Promise<Place>])[] = [
  [
    'Redis',
    async (context) => {
      if (redis === undefined) return context.skip('redis-server is not installed')
      const store = redisLoginStore(await redis.connect(), { prefix: 'many:' })
      return [store, 'redis', `redis://127.0.0.1:${redis.port}`, 'many:']
    },
  ],
  [
    'PostgreSQL',
    async (context) => {
      if (postgres === undefined) return context.skip('PostgreSQL is not installed')
      const pool = postgres.connect()
      const store = sqlLoginStore({ query: (text, values) => pool.query(text, values), table: 'many' })
      await store.createTable()
      return [store, 'postgres', postgres.url, 'many']
    },
  ],
  [
    'files',
    async () => {
      const logins = join(folder, 'logins')
      const key = createSecret()
      return [fileLoginStore({ folder: logins, key }), 'files', logins, key]
    },
  ],
]

test.for(PLACES)(
  'twenty processes that find a login ended at once renew it once, and none is logged out: %s',
  { timeout: 60_000 },
  async ([_, open], context) => {
    const [store, ...place] = await open(context)
    await using emulator = await createEmulator()
    const redirectUri = 'https://app.example.com/back'
    const registered = emulator.oauthClient({ redirectUris: [redirectUri], rotating: true })
    const { clientId, clientSecret } = registered
    const { transport, clock } = emulator.connect()
    const client = oauthClient({
      clientId,
      clientSecret,
      redirectUri,
      scopes: ['openid', 'email'],
      transport,
      clock,
    })
    const asked = await client.authorizationUrl({ accessType: 'offline' })
    const back = emulator.consent(asked.url, { email: 'ada@example.com' })
    const tokens = await client.finish(back, asked.request)

    const { url } = await emulator.listen()
    const tokenUri = `${url}/oauth2.googleapis.com/token`
    const ended = { ...tokens, expiresAt: 0, client: { clientId, clientSecret, tokenUri } }
    expect(await store.put('ada', ended, undefined)).toBe(true)
    const processes = await Promise.all(Array.from({ length: 20 }, () => start(...place, 'ada', url)))
    emulator.journal.clear()
    for (const { child } of processes) child.stdin.write('go\n')
    expect(await Promise.all(processes.map(({ said }) => said))).toEqual(processes.map(() => '200'))
    const renewals = emulator.journal.exchanges.filter(({ methodId }) => methodId === 'oauth2.token')
    expect(renewals.map(({ status }) => status)).toEqual([200])
    const { login } = (await store.get('ada'))!
    expect(login.refreshToken).not.toBe(tokens.refreshToken)
    expect(login).not.toHaveProperty('refreshing')
  },
)
