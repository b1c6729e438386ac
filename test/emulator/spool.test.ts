import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Spool, SpooledBytes } from '../../src/platform/platform.ts'
import { createFileSpool } from '../../src/platform/node/spool.ts'
import { createMemorySpool } from '../../src/platform/spool.ts'
import { collect } from '../../src/protocol/http-body.ts'
import { bytesOf } from './speak.ts'

const MIB = 1024 * 1024
const usual = tmpdir()
let place: string
beforeAll(async () => {
  place = await mkdtemp(join(usual, 'spool-test-'))
  process.env.TMPDIR = place
})
afterAll(async () => {
  process.env.TMPDIR = usual
  expect(await own()).toEqual([])
  await rm(place, { recursive: true })
})

async function own(): Promise<string[]> {
  return (await readdir(place)).filter((name) => name.startsWith('discokit-'))
}

async function fill(spool: Spool, content: Uint8Array, step: number): Promise<SpooledBytes> {
  for (let at = 0; at < content.length; at += step) await spool.write(content.slice(at, at + step))
  return spool.finish()
}

describe.each([
  ['createFileSpool', createFileSpool],
  ['createMemorySpool', createMemorySpool],
])('%s', (_, create) => {
  test.each([
    [0, 1],
    [1, 1],
    [MIB, 70_000],
    [MIB + 1, MIB + 1],
    [3 * MIB + 5, 65_537],
    [5 * MIB, 5 * MIB],
  ])('gives back %i bytes written in pieces of %i', async (length, step) => {
    const content = bytesOf(length)
    const bytes = await fill(create(), content, step)
    expect(bytes.length).toBe(length)
    expect(Buffer.compare(await collect(bytes.read()), content)).toBe(0)
    for (const [first, last] of [
      [0, 0],
      [Math.floor(length / 3), Math.floor(length / 2)],
      [length - 1, length - 1],
      [0, length - 1],
    ] as const) {
      if (first < 0 || last >= length) continue
      const part = await collect(bytes.read(first, last))
      expect(Buffer.compare(part, content.subarray(first, last + 1))).toBe(0)
    }
    await bytes.delete()
    await bytes.delete()
  })

  test('gives copies, so that no reader can change what is stored', async () => {
    const bytes = await fill(create(), bytesOf(100), 30)
    for await (const chunk of bytes.read()) chunk.fill(0)
    expect(Buffer.compare(await collect(bytes.read()), bytesOf(100))).toBe(0)
    await bytes.delete()
  })

  test('can be discarded at any time', async () => {
    for (const length of [0, 10, 3 * MIB]) {
      const spool = create()
      await spool.write(bytesOf(length))
      await spool.discard()
      await spool.discard()
    }
  })
})

const WINDOWS = process.platform === 'win32'

describe('createFileSpool', () => {
  const fillOne = (): Promise<SpooledBytes> => fill(createFileSpool(), bytesOf(3 * MIB), 65_536)

  test('leaves no name on the disk that outlives what it is for', async () => {
    const spool = createFileSpool()
    await spool.write(bytesOf(3 * MIB))
    expect(await own()).toHaveLength(WINDOWS ? 1 : 0)
    await spool.discard()
    const [first, second] = await Promise.all([fillOne(), fillOne()])
    expect(await own()).toHaveLength(WINDOWS ? 2 : 0)
    await first.delete()
    expect(Buffer.compare(await collect(second.read()), bytesOf(3 * MIB))).toBe(0)
    await second.delete()
    expect(await own()).toEqual([])
  })

  test('lets several read at once, and read on while the bytes are deleted', async () => {
    const bytes = await fillOne()
    const reader = bytes.read()[Symbol.asyncIterator]()
    const { value: start } = await reader.next()
    expect(Buffer.compare(await collect(bytes.read()), bytesOf(3 * MIB))).toBe(0)
    await bytes.delete()
    let read = start!.length
    for (let next = await reader.next(); !next.done; next = await reader.next()) read += next.value.length
    expect(read).toBe(3 * MIB)
    await bytes.delete()
    await expect(collect(bytes.read())).rejects.toThrow('deleted')
  })

  test('does not need a folder that was there before', async () => {
    const first = await fillOne()
    for (const name of await own()) await rm(join(place, name), { recursive: true })
    const second = await fillOne()
    expect((await collect(second.read())).length).toBe(3 * MIB)
    await Promise.all([first.delete(), second.delete()])
  })

  test.each(WINDOWS ? ['process.exit()'] : ['process.exit()', "process.kill(process.pid, 'SIGKILL')"])(
    'leaves nothing when the process ends by %s',
    async (end) => {
      const program = `
        import { createFileSpool } from './src/platform/node/spool.ts'
        const spool = createFileSpool()
        await spool.write(new Uint8Array(3 * 1024 * 1024))
        const bytes = await spool.finish()
        process.stdout.write(String(bytes.length), () => ${end})
      `
      const stdout = await new Promise((resolve) =>
        execFile(
          process.execPath,
          ['--import', 'tsx', '--input-type=module', '--eval', program],
          { cwd: join(import.meta.dirname, '../..') },
          (_, output) => resolve(output),
        ),
      )
      expect(Number(stdout)).toBe(3 * MIB)
      expect(await own()).toEqual([])
    },
  )
})
