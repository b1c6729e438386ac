/**
 * Compares discokit with the same work done otherwise, each try in a process of its own, contestants in turn, all
 * against one server in another process. Prints medians and ratios to the first contestant of each task.
 *
 *   npm run bench                 everything
 *   npm run bench -- cold get     some tasks; `credentials` are three, `media` four
 *   npm run bench -- large        the upload of 8 GiB, which is only done when it is asked for
 */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { generateKeyPairSync, randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript-5'
import { generateApi } from '../src/codegen/generate-api.ts'
import { combineCrc32c, crc32c, formatCrc32c } from '../src/protocol/crc32c.ts'
import { benchTypes } from './types.ts'

interface Task {
  readonly title: string
  readonly task: string
  readonly contestants: readonly string[]
  readonly rounds: number
  readonly options?: object
  /** Whether to measure what stays in memory. */
  readonly kept?: boolean
  /** Whether what counts is how much more it is than the first contestant's. */
  readonly more?: boolean
  /** What the task moves, to tell how much of it in a second. */
  readonly bytes?: number
  /** Whether it takes so long that it is only done when it is asked for. */
  readonly onRequest?: boolean
  /** A file without which the task cannot be done. */
  readonly needs?: string
  /** What the ratios are of. */
  readonly measure: 'cpuMs' | 'processCpuMs' | 'wallMs'
}

interface Cost {
  readonly wallMs: number
  readonly cpuMs: number
  readonly processCpuMs: number
  readonly peakMb: number
  readonly growthMb: number
  readonly retainedMb: number
}

const GIBIBYTE = 1_073_741_824
const folder = mkdtempSync(join(tmpdir(), 'discokit-bench-'))
const file = join(folder, 'file.bin')
const largeFile = join(folder, 'large.bin')
const wanted = process.argv.slice(2)
const tasks: Record<string, Task> = {
  cold: {
    title: 'cold start: process, token, first answer (CPU of the process)',
    task: 'cold',
    contestants: ['by-hand', 'discokit', 'googleapis-drive'],
    rounds: 15,
    measure: 'processCpuMs',
  },
  sequential: {
    title: 'authorised GET of 1 KB, one after the other, 10,000 after 20,000 (CPU)',
    task: 'get',
    contestants: ['by-hand', 'discokit', 'googleapis-drive'],
    rounds: 7,
    measure: 'cpuMs',
    options: { count: 10_000, concurrency: 1 },
  },
  get: {
    title: 'authorised GET of 1 KB, 64 at once, 40,000 after 20,000 (CPU)',
    task: 'get',
    contestants: ['by-hand', 'discokit', 'googleapis-drive'],
    rounds: 7,
    measure: 'cpuMs',
    options: { count: 40_000, concurrency: 64 },
  },
  undici: {
    title: 'the same with an undici pool supplied (CPU)',
    task: 'get',
    contestants: ['undici-pool', 'discokit-undici'],
    rounds: 7,
    measure: 'cpuMs',
    options: { count: 40_000, concurrency: 64 },
  },
  build: {
    title: 'building a request of 3 path and 5 query parameters, 500,000 times (CPU); by hand without checks',
    task: 'build',
    contestants: ['by-hand', 'discokit'],
    rounds: 9,
    measure: 'cpuMs',
    options: { count: 500_000 },
  },
  discover: {
    title: 'compute:v1, a document of 5.0 MB: fetched, parsed, one method used (CPU; kept after 1.5 s)',
    task: 'discover',
    contestants: ['by-hand', 'discokit'],
    rounds: 9,
    measure: 'cpuMs',
    kept: true,
    options: { bodies: [], settleMs: 1_500 },
    needs: '../shared/discovery/compute-v1.json',
  },
  bodies: {
    title: 'the same, and ten bodies validated (CPU)',
    task: 'discover',
    contestants: ['by-hand', 'discokit'],
    rounds: 5,
    measure: 'cpuMs',
    kept: true,
    options: {
      settleMs: 1_500,
      bodies: [
        ['instances', { zone: 'z' }],
        ['disks', { zone: 'z' }],
        ['networks'],
        ['firewalls'],
        ['targetPools', { region: 'r' }],
        ['images'],
        ['snapshots'],
        ['addresses', { region: 'r' }],
        ['instanceTemplates'],
        ['healthChecks'],
      ],
    },
    needs: '../shared/discovery/compute-v1.json',
  },
  table: {
    title:
      'compute:v1 from a generated file: imported and made an API of (CPU); by hand its document is read and parsed',
    task: 'table',
    contestants: ['by-hand', 'discokit'],
    rounds: 9,
    measure: 'cpuMs',
    options: { document: '../shared/discovery/compute-v1.json', module: join(folder, 'compute.v1.mjs') },
    needs: '../shared/discovery/compute-v1.json',
  },
  pages: {
    title: 'a list of 1,000 pages with 100 items each, by pages (CPU)',
    task: 'pages',
    contestants: ['by-hand', 'discokit', 'googleapis-drive'],
    rounds: 5,
    measure: 'cpuMs',
  },
  items: {
    title: 'the same list by items (CPU); the others loop over the items of each page',
    task: 'items',
    contestants: ['by-hand', 'discokit', 'googleapis-drive'],
    rounds: 5,
    measure: 'cpuMs',
  },
  batch: {
    title: 'batch of 100 authorised GETs of 1 KB, one after the other, 1,000 after 4,000 (CPU)',
    task: 'batch',
    contestants: ['by-hand', 'discokit'],
    rounds: 7,
    measure: 'cpuMs',
    options: { size: 100, count: 1_000, warmUp: 4_000, concurrency: 1 },
  },
  'credentials-exchange': {
    title:
      'service account: assertion signed and exchanged for a token, 500 after 500, one after the other (CPU)',
    task: 'exchange',
    contestants: ['by-hand', 'discokit-auth', 'google-auth-library'],
    rounds: 9,
    measure: 'cpuMs',
    options: { count: 500, warmUp: 500, concurrency: 1 },
  },
  'credentials-header': {
    title:
      'service account: the header of a token that is at hand, 1,000,000 times (CPU; a ms in all is a ns for each)',
    task: 'header',
    contestants: ['by-hand', 'discokit-auth', 'google-auth-library'],
    rounds: 7,
    measure: 'cpuMs',
    options: { count: 1_000_000 },
  },
  'credentials-import': {
    title: 'import of the credentials (CPU of the process)',
    task: 'start',
    contestants: ['nothing', 'discokit-auth', 'google-auth-library'],
    rounds: 15,
    measure: 'processCpuMs',
    more: true,
  },
  upload: {
    title: 'multipart upload of 1 GiB from a file (wall)',
    task: 'upload',
    contestants: ['by-hand', 'discokit'],
    rounds: 7,
    measure: 'wallMs',
    options: { file },
  },
  'media-upload': {
    title:
      'upload of 1 GiB from a file (wall); by hand and discokit-unverified without checksum, drive has none',
    task: 'uploadMedia',
    contestants: ['by-hand', 'discokit', 'discokit-unverified', 'googleapis-drive', 'google-cloud-storage'],
    rounds: 5,
    measure: 'wallMs',
    bytes: GIBIBYTE,
    options: { file },
  },
  'media-cpu': {
    title: 'the same (CPU)',
    task: 'uploadMedia',
    contestants: ['by-hand', 'discokit', 'discokit-unverified'],
    rounds: 7,
    measure: 'cpuMs',
    bytes: GIBIBYTE,
    options: { file },
  },
  'media-download': {
    title: 'download of 1 GiB to a file (wall); by hand without checking the bytes',
    task: 'download',
    contestants: ['by-hand', 'discokit', 'google-cloud-storage'],
    rounds: 5,
    measure: 'wallMs',
    bytes: GIBIBYTE,
    options: { destination: file },
  },
  'media-checksum': {
    title: 'CRC-32C of 4 GiB in pieces of 1 MiB (CPU)',
    task: 'checksum',
    contestants: ['discokit', 'native-crc32c'],
    rounds: 5,
    measure: 'cpuMs',
    bytes: 4 * GIBIBYTE,
    options: { bytes: 4 * GIBIBYTE },
  },
  large: {
    title: 'upload of 8 GiB from a sparse file (wall): what counts is the memory',
    task: 'uploadMedia',
    contestants: ['by-hand', 'discokit'],
    rounds: 1,
    measure: 'wallMs',
    bytes: 8 * GIBIBYTE,
    onRequest: true,
    options: { file: largeFile },
  },
  download: {
    title: 'download of 1 GiB to a file (wall); by hand without checking the bytes',
    task: 'download',
    contestants: ['by-hand', 'discokit'],
    rounds: 7,
    measure: 'wallMs',
    options: { destination: file },
  },
}

execFileSync('npm', ['run', '--silent', 'build', '--', '--no-types'], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
const server = spawn(process.execPath, ['benchmarks/server.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] })
try {
  const [port] = await once(server.stdout, 'data')
  const base = `http://127.0.0.1:${String(port).trim()}`
  const key = makeKey(`${base}/token`)
  console.log(`node ${process.version}, medians with [min..max]\n`)
  for (const [name, task] of Object.entries(tasks)) {
    if (wanted.length > 0 && !wanted.some((one) => name === one || name.startsWith(`${one}-`))) continue
    if (task.onRequest && wanted.length === 0) continue
    if (task.needs !== undefined && !existsSync(task.needs)) {
      console.log(`${task.title}: left out, ${task.needs} is not here\n`)
      continue
    }
    if (name === 'upload' || name === 'media-upload' || name === 'media-cpu') {
      const crc = makeFile(GIBIBYTE)
      await tellHashes(base, { upload: formatCrc32c(crc) })
    }
    if (name === 'media-download') {
      const piece = crc32c(Buffer.alloc(1_048_576, 'x'))
      const crc = Array.from({ length: 1_024 }).reduce<number>(
        (sum) => combineCrc32c(sum, piece, 1_048_576),
        0,
      )
      await tellHashes(base, { download: formatCrc32c(crc) })
    }
    if (name === 'large') {
      writeFileSync(largeFile, '')
      truncateSync(largeFile, 8 * GIBIBYTE)
    }
    if (name === 'table') writeTable(task.needs!, join(folder, 'compute.v1.mjs'))
    report(task, await measure(task, { base, key, ...task.options }))
  }
  if (wanted.length === 0 || wanted.includes('types')) await benchTypes(folder)
} finally {
  server.kill()
  rmSync(folder, { recursive: true, force: true })
}

async function measure(task: Task, options: object): Promise<Map<string, Cost[]>> {
  const costs = new Map<string, Cost[]>(task.contestants.map((name) => [name, []]))
  for (let round = 0; round < task.rounds; round++) {
    for (const name of task.contestants) {
      const worker = ['benchmarks/worker.mjs', name, task.task, JSON.stringify(options)]
      // Collecting garbage throws compiled code away, so only those do that measure what is kept.
      const arguments_ = task.kept ? ['--expose-gc', ...worker] : worker
      const { stdout } = await promisify(execFile)(process.execPath, arguments_)
      costs.get(name)!.push(JSON.parse(stdout) as Cost)
    }
  }
  return costs
}

function report(task: Task, costs: Map<string, Cost[]>): void {
  console.log(task.title)
  const reference = median(costs.get(task.contestants[0]!)!.map((cost) => cost[task.measure]))
  for (const [name, tries] of costs) {
    const cost = median(tries.map((one) => one[task.measure]))
    const columns = [
      name.padEnd(20),
      `${(cost / reference).toFixed(2)}x`.padStart(7),
      ...(task.more ? [`  +${(cost - reference).toFixed(1)} ms`.padStart(12)] : []),
      `  CPU ${spread(tries.map((cost) => (task.measure === 'processCpuMs' ? cost.processCpuMs : cost.cpuMs)))} ms`,
      ...(task.bytes === undefined ? [] : [`  ${megabytesPerSecond(task, cost)} MB/s`.padStart(12)]),
      `  wall ${spread(tries.map((cost) => cost.wallMs))} ms`,
      ...(task.kept ? [`  kept ${median(tries.map((cost) => cost.retainedMb)).toFixed(2)} MB`] : []),
      `  peak ${median(tries.map((cost) => cost.peakMb)).toFixed(0)} MB (+${median(tries.map((cost) => cost.growthMb)).toFixed(0)})`,
    ]
    console.log(`  ${columns.join('')}`)
  }
  console.log()
}

function megabytesPerSecond({ bytes }: Task, ms: number): string {
  return (bytes! / 1_000 / ms).toFixed(0)
}

function spread(values: readonly number[]): string {
  return `${median(values).toFixed(1)} [${Math.min(...values).toFixed(0)}..${Math.max(...values).toFixed(0)}]`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

function makeKey(tokenUri: string): object {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    type: 'service_account',
    client_email: 'bench@example.iam.gserviceaccount.com',
    private_key_id: '1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: tokenUri,
  }
}

/** A generated file as a program has it that was compiled. */
function writeTable(document: string, path: string): void {
  const { text } = generateApi(JSON.parse(readFileSync(document, 'utf8')))
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
  writeFileSync(path, ts.transpileModule(text, { compilerOptions }).outputText)
}

/** What the server says of the bytes: `upload`, `download`, each in Google's form. */
async function tellHashes(base: string, hashes: object): Promise<void> {
  await fetch(`${base}/hashes`, { method: 'POST', body: JSON.stringify(hashes) })
}

/** A file of bytes by chance; gives their CRC-32C. */
function makeFile(bytes: number): number {
  const chunk = randomFillSync(Buffer.allocUnsafe(1_048_576))
  const descriptor = openSync(file, 'w')
  let crc = 0
  for (let written = 0; written < bytes; written += chunk.length) {
    writeSync(descriptor, chunk)
    crc = crc32c(chunk, crc)
  }
  closeSync(descriptor)
  return crc
}
