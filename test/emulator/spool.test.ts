import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
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

describe('createFileSpool', () => {
  test('goes to the disk beyond one MiB only, into a folder for this user alone, and leaves nothing', async () => {
    const small = await fill(createFileSpool(), bytesOf(MIB), MIB)
    expect(await own()).toEqual([])
    const fillOne = (): Promise<SpooledBytes> => fill(createFileSpool(), bytesOf(MIB + 1), 4096)
    const [first, second] = await Promise.all([fillOne(), fillOne()])
    const [folder = '', ...more] = await own()
    expect(more).toEqual([])
    expect((await stat(join(place, folder))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(place, folder))).toHaveLength(2)
    await first.delete()
    expect(await readdir(join(place, folder))).toHaveLength(1)
    await second.delete()
    expect(await own()).toEqual([])
    await small.delete()
  })

  test('leaves nothing when the process ends without cleaning up', async () => {
    const program = `
      import { createFileSpool } from './src/platform/node/spool.ts'
      import { readdirSync } from 'node:fs'
      const spool = createFileSpool()
      await spool.write(new Uint8Array(3 * 1024 * 1024))
      await spool.finish()
      console.log(readdirSync(process.env.TMPDIR).filter((name) => name.startsWith('discokit-')).length)
    `
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', program],
      { cwd: join(import.meta.dirname, '../..') },
    )
    expect(Number(stdout)).toBe(1)
    expect(await own()).toEqual([])
  })
})
