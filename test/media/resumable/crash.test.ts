import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bytesOf, same } from '../connection.ts'
import { useFolder } from '../folder.ts'
import { type RedisServer, startRedis } from '../../servers/redis.ts'

const GRANULE = 262_144
const BYTES = bytesOf(16 * GRANULE + 5)
const path = useFolder()
const CHILD = fileURLToPath(new URL('../children/upload.ts', import.meta.url))

let emulator: Emulator
let redis: RedisServer | undefined
beforeAll(async () => {
  emulator = await createEmulator({ anonymous: true })
  await emulator.listen()
  redis = await startRedis()
})
afterAll(async () => {
  await redis?.stop()
  await emulator.close()
})
beforeEach(() => emulator.reset())

/** Runs the program; `kill` sees each line that it writes, and says when it is to die by `kill -9`. */
async function upload(place: string, rate: string, kill: (line: string) => boolean): Promise<string> {
  const args = [
    '--conditions=discokit-source',
    '--import',
    'tsx',
    CHILD,
    emulator.url,
    path('content'),
    place,
    rate,
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  let killed = false
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    if (killed || !output.split('\n').some((line) => line !== '' && kill(line))) return
    killed = true
    child.kill('SIGKILL')
  })
  await once(child, 'close')
  return output
}

describe('a program that is killed in the middle of an upload', () => {
  test.for([
    ['a folder', 0.3],
    ['Redis', 0.7],
  ] as const)('is finished by another one, with a store in %s', async ([where, share], context) => {
    if (where === 'Redis' && redis === undefined) context.skip('redis-server is not installed')
    const place = where === 'Redis' ? `redis:${redis!.port}` : `file:${path('states')}`
    await writeFile(path('content'), BYTES)
    const google = createClient({ ...emulator.connect(), auth: anonymous() })
    const storage = await google.discover('storage:v1')
    await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
    emulator.journal.clear()

    const until = BYTES.length * share
    const first = await upload(place, '8000000', (line) => Number(line.split(' ')[0]) >= until)
    expect(first).not.toContain('stored')
    const inFlight = Math.max(...first.split('\n').map((line) => Number(line.split(' ')[0]) || 0))
    const second = await upload(place, '', () => false)
    expect(second).toContain(`stored ${BYTES.length} `)

    const object = { bucket: 'box', object: 'crashed' }
    expect(same(await storage['objects'].get.download(object).bytes(), BYTES)).toBe(true)
    const { items } = await storage['objects'].list({ bucket: 'box', versions: true })
    expect(items).toHaveLength(1)
    // One session, and what went out again is at most a granule and what was on its way.
    const calls = emulator.journal.exchanges.filter(({ methodId }) => methodId === 'storage.objects.insert')
    expect(calls.filter(({ method }) => method === 'POST')).toHaveLength(1)
    const firsts = calls
      .map(({ headers }) => /^bytes (\d+)-/.exec(headers['content-range'] ?? '')?.[1])
      .filter((from) => from !== undefined)
      .map(Number)
    const resumedAt = firsts.find((from) => from > 0)!
    const ON_THE_WAY = 2_097_152 + 1_048_576 // what the system holds of a connection, and a piece
    expect(inFlight - resumedAt).toBeLessThanOrEqual(GRANULE + ON_THE_WAY)
    expect(resumedAt).toBeGreaterThan(0)
    await google.close()
  })
})
