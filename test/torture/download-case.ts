import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DownloadRange } from 'discokit'
import { file } from 'discokit/node'
import { same } from '../media/connection.ts'
import { faultyClient, type Outcome, type World } from './case.ts'
import { judgeError } from './judge.ts'
import type { Random } from './random.ts'

/** Downloads something in some way over a faulty connection, and compares. */
export async function downloadCase(world: World, random: Random, index: number): Promise<Outcome> {
  const { name, bytes } = random.pick(world.objects)
  const folder = join(world.folder, `download-${index}`)
  const stalls = random.chance(0.1) && world.p > 0
  const range = random.chance(0.25) ? chooseRange(random, bytes.length) : undefined
  const wanted = range ? partOf(bytes, range) : bytes
  const tolerance = { stalls, corruption: range === undefined }
  const { google, storage, ledger } = faultyClient(world, random, tolerance, {})
  ledger.timed = stalls
  const wrong: string[] = []
  const options = { ...(range && { range }), ...(stalls && { stallTimeoutMs: STALL_MS }) }
  const begin = (): ReturnType<typeof storage.objects.get.download> =>
    storage['objects'].get.download({ bucket: 'box', object: name }, options)
  const way = random.pick([
    'bytes',
    'loop',
    'stream',
    'file',
    'file',
    'file',
    'resumed',
    'resumed',
    'slices',
  ] as const)

  let error: unknown
  let got: Uint8Array | undefined
  if (way === 'bytes' || way === 'loop' || way === 'stream') {
    try {
      got =
        way === 'bytes' ? await begin().bytes() : await gather(way === 'loop' ? begin() : begin().stream())
    } catch (reason) {
      error = reason
    }
  } else {
    await mkdir(folder)
    const path = join(folder, 'f')
    const before = random.chance(0.5) ? Buffer.from('what was there before') : undefined
    if (before) await writeFile(path, before)
    const resume = way === 'resumed' || (way === 'slices' && random.chance(0.3))
    const slicing =
      way === 'slices'
        ? { slices: random.int(2, 5), sliceBytes: random.pick([65_536, 262_144, 700_001]) }
        : {}
    const calls = resume ? 4 : 1
    for (let call = 0; call < calls && got === undefined; call++) {
      try {
        await begin().to(file(path), { ...slicing, ...(resume && { resume }) })
        got = await readFile(path)
        error = undefined
      } catch (reason) {
        error = reason
        wrong.push(...judgeError(reason, ledger))
        const there = await readFile(path).catch(() => undefined)
        if (before ? !same(there, before) : there !== undefined)
          wrong.push('what was there before was changed')
      }
    }
    const left = (await readdir(folder)).filter((entry) => entry !== 'f')
    const kept = resume && got === undefined ? ['.f.discokit.json', '.f.discokit.part'] : []
    const rest = left.filter((entry) => !kept.includes(entry))
    if (rest.length > 0) wrong.push(`left behind: ${rest.join(', ')}`)
    await rm(folder, { recursive: true })
  }
  if (error !== undefined && (way === 'bytes' || way === 'loop' || way === 'stream'))
    wrong.push(...judgeError(error, ledger))
  if (got && !same(got, wanted))
    wrong.push(`success, and ${got.length} bytes came that are not the ${wanted.length}`)
  if (ledger.requests > 200) wrong.push(`${ledger.requests} requests`)
  await ledger.settled()
  await google.close()
  return {
    what: `download ${way}${range ? ` of ${JSON.stringify(range)}` : ''}, ${bytes.length} bytes: ${ledger.faults.join(' ')}`,
    result: error === undefined ? 'exact' : (error as Error).name,
    faults: ledger.faults.length,
    wrong,
  }
}

const STALL_MS = 100

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk.slice())
  return Buffer.concat(all)
}

/** A range that has bytes; of nothing there is none. */
function chooseRange(random: Random, length: number): DownloadRange | undefined {
  if (length === 0) return undefined
  const first = random.int(0, length - 1)
  return random.pick<DownloadRange>([
    { first },
    { first, last: random.int(first, length + 10) },
    { last: random.int(0, length - 1) },
    { lastBytes: random.int(1, length + 10) },
  ])
}

function partOf(bytes: Uint8Array, range: DownloadRange): Uint8Array {
  if ('lastBytes' in range) return bytes.subarray(Math.max(0, bytes.length - range.lastBytes))
  const { first = 0, last = bytes.length - 1 } = range
  return bytes.subarray(first, last + 1)
}
