import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { fileLoginStore } from 'discokit/node'
import { expect, test } from 'vitest'
import { useFolder } from '../../media/folder.ts'
import { useLoginProgram } from './program.ts'

const path = useFolder()
const start = useLoginProgram()

/** Starts as many, lets them go at the same time, and waits for all. */
async function together(count: number, ...args: (string | number)[]): Promise<void> {
  const programs = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      start(path('logins'), ...args.map((arg) => (arg === 'NUMBER' ? `account ${i}` : arg))),
    ),
  )
  for (const program of programs) program.go()
  const said = await Promise.all(programs.map((program) => program.said))
  expect(said).toEqual(programs.map(() => ''))
  expect(programs.map(({ child }) => child.exitCode)).toEqual(programs.map(() => 0))
}

test('twenty processes that write at once lose nothing of each other', async () => {
  await together(20, 'count', 'ada', 5)
  expect((await fileLoginStore({ folder: path('logins') }).get('ada'))?.login).toMatchObject({ count: 100 })
  const left = (await readdir(path('logins'))).filter((name) => !/\.login$|^key\.json$/.test(name))
  expect(left).toEqual([])
})

test('and one of them takes over from a process that was killed', async () => {
  const store = fileLoginStore({ folder: path('logins') })
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  for (let round = 1; round <= 5; round++) {
    const { version } = (await store.get('ada')) ?? {}
    if (version === undefined) await store.put('ada', { refreshToken: '1//first' }, undefined)
    const [name = ''] = (await readdir(path('logins'))).filter((name) => name.endsWith('.login'))
    const lock = path(`logins/${name.replace('.login', '.lock')}`)
    await writeFile(lock, `${pid} ${hostname()} ${crypto.randomUUID()}`)
    await together(8, 'count', 'ada', 2)
    expect((await store.get('ada'))?.login).toMatchObject({ count: 16 * round })
    expect((await readdir(path('logins'))).sort()).toEqual([name, 'key.json'].sort())
  }
})

test('processes that have the first login at once agree on one key, in a file', async () => {
  await together(6, 'put', 'NUMBER')
  const store = fileLoginStore({ folder: path('logins') })
  expect(await store.keyPlace()).toBe('file')
  expect(await store.accounts()).toHaveLength(6)
})

test('and in the keychain', async () => {
  await mkdir(path('secrets'))
  await together(6, 'putByKeychain', 'NUMBER', path('secrets'))
  const ids = await readdir(path('secrets'))
  expect(ids).toHaveLength(1)
  const key = await readFile(path(`secrets/${ids[0]}`), 'utf8')
  const store = fileLoginStore({ folder: path('logins'), key })
  expect(await store.accounts()).toHaveLength(6)
  expect(await readdir(path())).toEqual(['logins', 'secrets'])
})
