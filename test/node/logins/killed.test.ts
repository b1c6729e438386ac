import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import type { SavedLogin } from 'discokit/login'
import { type FileLoginStore, fileLoginStore } from 'discokit/node'
import { describe, expect, test } from 'vitest'
import { useFolder } from '../../media/folder.ts'
import { useLoginProgram } from './program.ts'

const path = useFolder()
const start = useLoginProgram()

const storeOf = (folder: string): FileLoginStore => fileLoginStore({ folder })
const login = (count: number): SavedLogin => ({ refreshToken: `1//token-${count}`, count }) as SavedLogin
const LANES = 2

async function countOf(folder: string): Promise<number | undefined> {
  const found = await storeOf(folder).get('ada')
  return found && (found.login as { count: number }).count
}

/** A lock in which nothing stands yet holds for ten seconds: they have passed. */
function agedLocks(folder: string): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const place = `${folder}/${name}`
    const ago = new Date(Date.now() - 11_000)
    if (/\.lock(\.|$)/.test(name) && statSync(place).size === 0) utimesSync(place, ago, ago)
  }
}

/** The next process can write, and nothing is left over but locks that lock nothing. */
async function expectWritable(folder: string): Promise<void> {
  agedLocks(folder)
  const store = storeOf(folder)
  const found = await store.get('ada')
  expect(await store.put('ada', login(9), found?.version)).toBe(true)
  expect(await countOf(folder)).toBe(9)
  expect(await store.accounts()).toEqual(['ada'])
  const left = (await readdir(folder)).filter((name) => name.endsWith('.unfinished'))
  expect(left).toEqual([])
}

/** A process that has ended. */
const ended = spawnSync(process.execPath, ['-e', '']).pid

const SCENARIOS: readonly (readonly [
  string,
  string,
  (folder: string) => Promise<unknown>,
  readonly (number | undefined)[],
])[] = [
  ['the first put', 'put', async () => {}, [undefined, 2]],
  ['a put', 'put', async (folder) => storeOf(folder).put('ada', login(1), undefined), [1, 2]],
  ['a deletion', 'delete', async (folder) => storeOf(folder).put('ada', login(1), undefined), [1, undefined]],
  [
    'a put after a process that was killed',
    'put',
    async (folder) => {
      await storeOf(folder).put('ada', login(1), undefined)
      const name = readdirSync(folder).find((name) => name.endsWith('.login'))!
      writeFileSync(`${folder}/${name.replace('.login', '.lock')}`, `${ended} ${hostname()} x`)
      writeFileSync(`${folder}/${name}.${crypto.randomUUID()}.unfinished`, 'half')
    },
    [1, 2],
  ],
]

describe('kill -9 before each thing that is asked of the file system', () => {
  test.each(SCENARIOS)('in %s leaves the old login or the new one', async (_, doing, prepare, expected) => {
    const seen: (number | undefined)[] = []
    let last = Infinity
    let next = 1
    const lane = async (): Promise<void> => {
      for (let n = next++; n < last; n = next++) {
        const folder = path(`logins-${n}`)
        await prepare(folder)
        const program = await start(folder, 'killed', 'ada', doing, n)
        program.go()
        const said = await program.said
        if (said !== '') last = Math.min(last, n) // it came to its end before
        const count = await countOf(folder)
        expect(expected, `killed at ${n}`).toContain(count)
        if (said === '') seen[n] = count
        else expect(count).toBe(expected[1])
        await expectWritable(folder)
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    // It was killed before what makes the change, and after: and what is there never goes back.
    const order = seen.slice(1).map((count) => expected.indexOf(count))
    expect(order.length).toBeGreaterThan(10)
    expect(new Set(order)).toEqual(new Set([0, 1]))
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })
})

test('a hundred kills at any moment leave the last login that was put, or the one after it', async () => {
  let kills = 0
  let inTheMiddle = 0
  const inLane = async (folder: string): Promise<void> => {
    let last = 0
    for (let i = 0; i < 100 / LANES; i++) {
      const program = await start(folder, 'write', 'ada')
      program.go()
      setTimeout(() => program.child.kill('SIGKILL'), Math.random() * 80)
      const said = await program.said
      expect(program.child.signalCode).toBe('SIGKILL')
      kills++
      // What was said to be put was put.
      const put = Number(said.trim().split('\n').at(-1)) || last
      const count = (await countOf(folder)) ?? 0
      expect([put, put + 1]).toContain(count)
      last = count
      if (existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.lock'))) inTheMiddle++
      agedLocks(folder)
    }
    expect(last).toBeGreaterThan(10)
    await expectWritable(folder)
  }
  await Promise.all(Array.from({ length: LANES }, (_, i) => inLane(path(`logins-${i}`))))
  expect(kills).toBe(100)
  expect(inTheMiddle).toBeGreaterThan(10)
})
