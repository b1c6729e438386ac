import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createClient, type Transport } from 'discokit'
import { anonymous } from 'discokit/auth'
import { fileManifest, folder } from 'discokit/node'
import { createTransfer, type TransferFolder } from 'discokit/storage'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inParallel } from '../../src/storage/in-parallel.ts'
import { connect, type Connection, failureOf } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const path = useFolder()

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is left in memory when everything that nobody needs is gone. */
function heldBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

describe('a thousand small files', () => {
  let box: Connection
  beforeAll(async () => void (box = await connect('over a port')))
  afterAll(() => box.close())

  test('go up, are left out, and come down, through faults', async () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `${i % 10}/${i}`)
    for (let i = 0; i < 10; i++) await mkdir(path(`from/${i}`), { recursive: true })
    for (const name of names) await writeFile(path(`from/${name}`), `file ${name}`)
    const manifest = fileManifest(path('manifest.jsonl'))
    const options = { concurrency: 16, manifest, skipUnchanged: true }
    const transfer = createTransfer(box.google, options)
    const faults = Array.from({ length: 24 }, (_, i) =>
      i % 3 === 0
        ? 'return-503'
        : i % 3 === 1
          ? 'return-reset-connection'
          : 'return-reset-connection-after-commit',
    )
    box.emulator.fail('storage.objects.insert', faults)
    const place = { bucket: 'box', prefix: 'p/' }
    const up = await transfer.upload(folder(path('from')), place)
    expect(up).toMatchObject({ done: 1_000, failed: 0 })
    box.emulator.journal.clear()
    expect(await transfer.upload(folder(path('from')), place)).toMatchObject({ done: 0, skipped: 1_000 })
    expect(box.calls('storage.objects.insert')).toHaveLength(0)
    box.emulator.fail('storage.objects.get', [...faults, 'return-broken-stream'])
    const down = await transfer.download(place, folder(path('to')))
    expect(down).toMatchObject({ done: 1_000, failed: 0, bytes: up.bytes })
    for (const name of names) expect(await readFile(path(`to/${name}`), 'utf8')).toBe(`file ${name}`)
    expect(await readdir(path('to/0'))).toHaveLength(100)
    expect(box.emulator.unusedFaults()).toEqual({})
    const lines = (await readFile(path('manifest.jsonl'), 'utf8')).split('\n')
    expect(lines).toHaveLength(2_001)
  })
})

describe('very many files', () => {
  test('are asked for as there is room for them, and nothing of them is kept', async () => {
    let asked = 0
    let taken = 0
    let ahead = 0
    let open = 0
    let mostOpen = 0
    const files: TransferFolder = {
      async *files() {
        for (let i = 0; i < 20_000; i++) {
          ahead = Math.max(ahead, ++asked - taken)
          const name = `folder/with/a/long/name/${String(i).padStart(6, '0')}`
          yield {
            name,
            media: {
              describe: () => ({ length: 5, replayable: true }),
              async *open() {
                mostOpen = Math.max(mostOpen, ++open)
                yield new TextEncoder().encode('hello')
                open--
              },
            },
          }
        }
      },
      place: () => Promise.reject(new Error('unused')),
    }
    const transport: Transport = async ({ body }) => {
      if (typeof body === 'object' && 'open' in body) for await (const _ of body.open());
      const text = JSON.stringify({ name: 'x', generation: '1', size: '5' })
      const bytes = new TextEncoder().encode(text)
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'content-length': String(bytes.length) },
        body: {
          bytes: async () => bytes,
          text: async () => text,
          cancel: () => {},
          async *[Symbol.asyncIterator]() {
            yield bytes
          },
        },
      }
    }
    const google = createClient({ transport, auth: anonymous() })
    const run = createTransfer(google, { concurrency: 8 }).upload(files, { bucket: 'box' })
    let early = 0
    for await (const _ of run) {
      taken++
      if (taken === 5_000) early = heldBytes()
    }
    const growth = heldBytes() - early
    expect(await run).toMatchObject({ done: 20_000, failed: 0 })
    expect(ahead).toBeLessThanOrEqual(9) // eight that are under way or not taken, and the one asked for
    expect(mostOpen).toBeLessThanOrEqual(8)
    expect(growth).toBeLessThan(4_000_000)
  })
})

describe('work on many things', () => {
  const LATER = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

  test('is done at the same time, and no more than that', async () => {
    let running = 0
    let most = 0
    const work = async (thing: number): Promise<number> => {
      most = Math.max(most, ++running)
      await LATER()
      running--
      return thing * 2
    }
    const results: number[] = []
    for await (const result of inParallel([1, 2, 3, 4, 5, 6, 7], 3, work, () => {})) results.push(result)
    expect(results.toSorted((a, b) => a - b)).toEqual([2, 4, 6, 8, 10, 12, 14])
    expect(most).toBe(3)
  })

  test('waits for what is under way when some of it fails, and begins no more', async () => {
    let stopped = 0
    let running = 0
    let begun = 0
    const work = async (thing: number): Promise<void> => {
      begun++
      running++
      for (let turn = 0; turn < thing; turn++) await LATER()
      running--
      if (thing === 1) throw new Error('one')
    }
    const run = async (): Promise<void> => {
      for await (const _ of inParallel([5, 1, 9, 9, 9, 9], 3, work, () => stopped++));
    }
    expect(await failureOf(run())).toMatchObject({ message: 'one' })
    expect([stopped, running, begun]).toEqual([1, 0, 3])
  })

  test('ends with what its things fail with', async () => {
    async function* things(): AsyncGenerator<number> {
      yield 1
      throw new Error('no more')
    }
    const run = async (): Promise<void> => {
      for await (const _ of inParallel(
        things(),
        3,
        async (thing) => thing,
        () => {},
      ));
    }
    expect(await failureOf(run())).toMatchObject({ message: 'no more' })
  })

  test('lets go of its things when nobody takes the results any more', async () => {
    let released = false
    async function* things(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) yield i
      } finally {
        released = true
      }
    }
    for await (const _ of inParallel(
      things(),
      2,
      async (thing) => thing,
      () => {},
    ))
      break
    expect(released).toBe(true)
  })
})
