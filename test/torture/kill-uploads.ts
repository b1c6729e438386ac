import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { createClient, type UntypedApi } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { bytesOf, same } from '../media/connection.ts'
import { countingProxy } from './counting-proxy.ts'
import { type Random, seeded } from './random.ts'

/** What came of it. */
export interface KillReport {
  /** What was seen, to be printed. */
  readonly rows: readonly string[]
  /** What must not be. */
  readonly wrong: readonly string[]
}

/** Kills an upload (`kill -9`) at so many random moments; the same command is to finish each. */
export async function killUploads({ count, seed }: { count: number; seed: number }): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'discokit-kill-'))
  const emulator = await createEmulator({ anonymous: true })
  await emulator.listen()
  const google = createClient({ ...emulator.connect(), auth: anonymous() })
  try {
    const storage = await google.discover('storage:v1')
    await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
    await writeFile(join(folder, 'content'), BYTES)
    await bundle(join(folder, 'upload'))
    const kills: Kill[] = []
    const waiting = Array.from({ length: count }, (_, index) => index)
    const lane = async (): Promise<void> => {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        kills.push(await killOnce({ folder, emulator, storage }, seeded(seed, index), index))
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return reportOf(kills)
  } finally {
    await google.close()
    await emulator.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const GRANULE = 262_144
const BYTES = bytesOf(8 * GRANULE + 5)
const LANES = 2
/** Heads of requests, which are no content. */
const HEADERS_BYTES = 16_384
const CHILD = fileURLToPath(new URL('./children/upload.ts', import.meta.url))

interface Place {
  readonly folder: string
  readonly emulator: Emulator
  readonly storage: UntypedApi
}

interface Kill {
  readonly moment: 'before the session' | 'in the middle' | 'after the last byte' | 'after the end'
  /** Bytes that had arrived, and were sent again. */
  readonly resent: number
  /** Bytes that were handed to the connection and never arrived. */
  readonly inFlight: number
  readonly wrong: readonly string[]
}

/** The program in one piece, so that it begins at once. */
async function bundle(dir: string): Promise<void> {
  const conditionNames = ['discokit-source', 'node', 'import']
  const bundle = await rolldown({ input: CHILD, platform: 'node', resolve: { conditionNames } })
  await bundle.write({ dir, format: 'esm', entryFileNames: 'upload.js' })
  await bundle.close()
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }')
}

async function killOnce({ folder, emulator, storage }: Place, random: Random, index: number): Promise<Kill> {
  const name = `killed-${index}`
  const states = join(folder, name)
  // Pieces of an eighth of it go out, which are no granules.
  const rate = random.int(3_000_000, 9_000_000)
  const wrong: string[] = []
  const proxy = await countingProxy(emulator.url)
  const run = async (killAfterMs?: number): Promise<{ output: string; received: number }> => {
    const before = proxy.received()
    const program = join(folder, 'upload', 'upload.js')
    const options = [proxy.url, name, join(folder, 'content'), states, String(rate)]
    const child = spawn(process.execPath, [program, ...options], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    let timer: ReturnType<typeof setTimeout> | undefined
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (killAfterMs !== undefined) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    })
    await once(child, 'close')
    clearTimeout(timer)
    await proxy.idle() // what the system still had of a dead one has arrived
    return { output, received: proxy.received() - before }
  }

  // From the beginning to a little after the end; with what the program needs to start.
  const first = await run(random.next() * ((BYTES.length / rate) * 1_000 + 100))
  const kept = (await readdir(states).catch(() => [])).length > 0
  const stands = emulator.journal.exchanges.length
  const there = await look(storage, name)
  if (there && !same(there, BYTES)) wrong.push('there is a wrong object after the kill')
  const second = await run()
  if (!second.output.includes(`stored ${BYTES.length}\n`))
    wrong.push(`the same command said: ${second.output}`)
  if (!same(await look(storage, name), BYTES)) wrong.push('the object is not what was sent')
  if ((await readdir(states).catch(() => [])).length > 0) wrong.push('a state was left behind')

  await proxy.close()

  const calls = emulator.journal.exchanges.slice(stands).filter(({ path }) => path.includes(name))
  const ended = there !== undefined && !kept
  const handed = Math.max(0, ...first.output.split('\n').map((line) => Number(line) || 0))
  const arrived = Math.max(0, first.received - HEADERS_BYTES)
  const sentAgain = Math.max(0, second.received - HEADERS_BYTES)
  const resent = ended ? 0 : Math.max(0, arrived + sentAgain - BYTES.length)
  if (resent > GRANULE)
    wrong.push(`${resent} bytes that had arrived were sent again (${calls.length} requests)`)
  const moment = ended
    ? 'after the end'
    : !kept
      ? 'before the session'
      : handed < BYTES.length
        ? 'in the middle'
        : 'after the last byte'
  const inFlight = Math.max(0, handed - first.received)
  return { moment, resent, inFlight, wrong: wrong.map((what) => `kill ${index} (${moment}): ${what}`) }
}

async function look(storage: UntypedApi, name: string): Promise<Uint8Array | undefined> {
  const { items = [] } = await storage['objects'].list({ bucket: 'box', prefix: name })
  const found = items.filter((item: { name: string }) => item.name === name).length > 0
  return found ? storage['objects'].get.download({ bucket: 'box', object: name }).bytes() : undefined
}

function reportOf(kills: readonly Kill[]): KillReport {
  const moments = ['before the session', 'in the middle', 'after the last byte', 'after the end'] as const
  const most = (values: readonly number[]): string => String(Math.max(0, ...values)).padStart(9)
  return {
    rows: [
      ...moments.map((moment) => {
        const of = kills.filter((kill) => kill.moment === moment).length
        return `killed ${moment.padEnd(24)}${String(of).padStart(7)}`
      }),
      `most bytes that had arrived and were sent again ${most(kills.map(({ resent }) => resent))}`,
      `most bytes on their way when it was killed      ${most(kills.map(({ inFlight }) => inFlight))}`,
    ],
    wrong: kills.flatMap(({ wrong }) => wrong),
  }
}
