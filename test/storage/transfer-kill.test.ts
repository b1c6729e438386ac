import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createClient, type UntypedApi } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { bytesOf, same } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const BIG = bytesOf(30_000_000)
const SMALL = Array.from({ length: 12 }, (_, i) => `small/${i}`)
const GET = 'storage.objects.get'
const INSERT = 'storage.objects.insert'
const path = useFolder()
let emulator: Emulator
let url: string
let storage: UntypedApi
beforeAll(async () => {
  emulator = await createEmulator({ anonymous: true })
  ;({ url } = await emulator.listen())
  storage = await createClient({ endpoint: url, auth: anonymous() }).discover('storage:v1')
})
afterAll(() => emulator.close())
beforeEach(async () => {
  emulator.reset()
  await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
  await mkdir(path('files/small'), { recursive: true })
  await mkdir(path('kept'))
})

interface Started {
  readonly child: ChildProcess
  output: string
}

function start(direction: string): Started {
  const program = fileURLToPath(new URL('children/transfer.ts', import.meta.url))
  const args = [
    '--conditions=discokit-source',
    '--import',
    'tsx',
    program,
    url,
    direction,
    path('files'),
    path('kept'),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const started: Started = { child, output: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (started.output += text))
  return started
}

/** Kills a transfer in the middle of the large file, when all small ones are done, and then has it go on. */
async function killAndGoOn(direction: string): Promise<string> {
  const first = start(direction)
  const isThere = ({ output }: Started): boolean =>
    SMALL.every((name) => output.includes(`${name} done\n`)) && /^at 1\d{7}$/m.test(output)
  // The fault is met too: otherwise the second would meet it.
  const stands = (): void => {
    expect(emulator.unusedFaults()).toEqual({})
    expect(isThere(first)).toBe(true)
  }
  await vi.waitFor(stands, { timeout: 20_000, interval: 10 })
  first.child.kill('SIGKILL')
  await once(first.child, 'exit')
  expect(first.output).not.toContain('end')
  emulator.journal.clear()
  const second = start(direction)
  await once(second.child, 'close')
  return second.output
}

const results = (output: string): string[] =>
  output.split('\n').filter((line) => line && !line.startsWith('at '))

describe('a transfer that is killed goes on where it was', () => {
  test('up', async () => {
    for (const name of SMALL) await writeFile(path(`files/${name}`), name)
    await writeFile(path('files/big'), BIG)
    emulator.fail(INSERT, ['stall-for-600s-after-16384K'])
    const output = await killAndGoOn('upload')
    expect(results(output).at(-1)).toBe('end 1 12 0')
    expect(results(output)).toContain('big done')
    const ranges = emulator.journal.exchanges.flatMap(({ headers }) => headers['content-range'] ?? [])
    const [, from] = /^bytes (\d+)-29999999\/30000000$/.exec(ranges.at(-1)!)!
    expect(Number(from)).toBeGreaterThanOrEqual(8_388_608)
    const stored = await storage['objects'].get.download({ bucket: 'box', object: 'p/big' }).bytes()
    expect(same(stored, BIG)).toBe(true)
    const { items } = await storage['objects'].list({ bucket: 'box' })
    expect(items).toHaveLength(13)
    expect(items.every((each: { metageneration: string }) => each.metageneration === '1')).toBe(true)
    const lines = (await readFile(path('kept/manifest.jsonl'), 'utf8')).trimEnd().split('\n')
    expect(new Set(lines.map((line) => JSON.parse(line).object)).size).toBe(13)
    expect(lines).toHaveLength(13)
    expect(lines.join()).not.toContain('upload_id')
  })

  test('down', async () => {
    for (const name of SMALL)
      await storage['objects'].insert({ bucket: 'box', name: `p/${name}`, media: name })
    await storage['objects'].insert({ bucket: 'box', name: 'p/big', media: BIG })
    emulator.fail(GET, ['stall-for-600s-after-20480K'])
    const output = await killAndGoOn('download')
    expect(results(output).at(-1)).toBe('end 1 12 0')
    expect(same(await readFile(path('files/big')), BIG)).toBe(true)
    expect(await readdir(path('files'))).toEqual(['big', 'small'])
    const [get] = emulator.journal.exchanges.filter(({ methodId }) => methodId === GET)
    expect(Number(/^bytes=(\d+)-/.exec(get!.headers['range']!)![1])).toBeGreaterThanOrEqual(8_388_608)
  })
})
