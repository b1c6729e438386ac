import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'discokit'
import { createEmulator } from 'discokit/emulator'
import { accessToken } from 'discokit/auth'
import type { Outcome, World } from './case.ts'
import { contentOf } from './content.ts'
import { downloadCase } from './download-case.ts'
import { seeded } from './random.ts'
import { uploadCase } from './upload-case.ts'

/** What to do. */
export interface TortureOptions {
  readonly count: number
  readonly seed: number
  /** How likely a fault is at each request. */
  readonly p: number
  /** Only this case, to look at it. */
  readonly only?: number | undefined
}

/** What came of it. */
export interface TortureReport {
  /** How many cases ended how: `upload exact`, `download DataLossError`. */
  readonly results: ReadonlyMap<string, number>
  readonly faults: number
  /** What must not be, and in which case. Empty when all is well. */
  readonly wrong: readonly string[]
}

/** Uploads and downloads under faults, many at the same time, in one process with the server. */
export async function torture({ count, seed, p, only }: TortureOptions): Promise<TortureReport> {
  const wrong: string[] = []
  const results = new Map<string, number>()
  let faults = 0
  const onStray = (reason: unknown): void =>
    void wrong.push(`nobody caught: ${String((reason as Error)?.stack ?? reason)}`)
  process.on('unhandledRejection', onStray).on('uncaughtException', onStray)
  const before = await resources()
  const folder = await mkdtemp(join(tmpdir(), 'discokit-torture-'))
  try {
    const { world, close } = await prepare(folder, seed, p)
    const waiting = only === undefined ? Array.from({ length: count }, (_, index) => index) : [only]
    const lane = async (): Promise<void> => {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        const outcome = await inTime(runCase(world, seed, index))
        const key = `${outcome.what.split(' ', 1)[0]} ${outcome.result}`
        results.set(key, (results.get(key) ?? 0) + 1)
        faults += outcome.faults
        wrong.push(...outcome.wrong.map((what) => `case ${index} (${outcome.what}): ${what}`))
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    await close()
    const left = await readdir(folder)
    if (left.length > 0) wrong.push(`files that nobody took away: ${left.slice(0, 5).join(', ')}`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const kept = await keptSince(before)
  if (kept.length > 0) wrong.push(`kept after the end: ${kept.join(', ')}`)
  process.off('unhandledRejection', onStray).off('uncaughtException', onStray)
  return { results, faults, wrong }
}

const LANES = 12
const MOST_MS = 60_000

function runCase(world: World, seed: number, index: number): Promise<Outcome> {
  const random = seeded(seed, index)
  return random.chance(0.6) ? uploadCase(world, random, index) : downloadCase(world, random, index)
}

/** A case that does not end is one that went wrong, as is one that cannot be run. */
async function inTime(work: Promise<Outcome>): Promise<Outcome> {
  const failed = (what: string): Outcome => ({ what: 'case', result: 'not judged', faults: 0, wrong: [what] })
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve(failed(`did not end within ${MOST_MS} ms`)), MOST_MS)
  })
  try {
    return await Promise.race([work, late])
  } catch (error) {
    return failed(String((error as Error).stack))
  } finally {
    clearTimeout(timer)
  }
}

async function prepare(
  folder: string,
  seed: number,
  p: number,
): Promise<{ world: World; close: () => Promise<void> }> {
  const emulator = await createEmulator()
  const token = emulator.accessToken()
  const google = createClient({ ...emulator.connect(), auth: accessToken(token) })
  const answer = await emulator.handle({
    method: 'GET',
    url: `${emulator.url}/discovery/v1/apis/storage/v1/rest`,
    headers: {},
  })
  const document = JSON.parse(await answer.body.text()) as World['document']
  const storage = google.api(document)
  await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
  const objects = Array.from({ length: 40 }, (_, i) => ({
    name: `object-${i}`,
    bytes: contentOf(seeded(seed, 1_000_000_000 + i)),
  }))
  for (const { name, bytes } of objects) {
    await storage['objects'].insert({ bucket: 'box', name, media: bytes })
  }
  return {
    world: { emulator, storage, document, token, folder, p, objects },
    close: async () => {
      await google.close()
      await emulator.close()
    },
  }
}

/** What the process holds: how many timers, handles, and on Linux open files. */
async function resources(): Promise<Map<string, number>> {
  const files = await readdir('/proc/self/fd').catch(() => [])
  const held = new Map([['open files', files.length]])
  for (const name of process.getActiveResourcesInfo()) {
    if (!name.startsWith('FSReq')) held.set(name, (held.get(name) ?? 0) + 1)
  }
  return held
}

/** What there is more of than before, and stays: closing takes a moment. */
async function keptSince(before: ReadonlyMap<string, number>): Promise<string[]> {
  for (let turn = 0; ; turn++) {
    const now = await resources()
    const more = [...now].filter(([name, count]) => count > (before.get(name) ?? 0))
    if (more.length === 0 || turn === 2_000)
      return more.map(([name, count]) => `${count} ${name}, ${before.get(name) ?? 0} before`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
