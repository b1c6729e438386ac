import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Programs, programFolder } from './programs.ts'

let programs: Programs
beforeEach(async (context) => {
  context.skip(process.platform !== 'linux', 'looks for processes in /proc')
  programs = await programFolder()
})
afterEach(() => programs?.remove())

/** Started by a gcloud that never ends, together with another program of its group. */
interface Started {
  readonly parent: ChildProcess
  readonly pids: readonly number[]
  /** What the parent ended with. */
  readonly ended: Promise<[code: number | null, signal: string | null]>
}

async function start(how: string): Promise<Started> {
  const ready = join(programs.folder, 'ready')
  const command = await programs.write(
    'gcloud',
    `const other = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'])
     fs.writeFileSync(${JSON.stringify(ready)} + '.new', process.pid + ' ' + other.pid)
     fs.renameSync(${JSON.stringify(ready)} + '.new', ${JSON.stringify(ready)})
     setInterval(() => {}, 1e6)`,
  )
  const path = fileURLToPath(new URL('children/running-gcloud.ts', import.meta.url))
  const parent = spawn(
    process.execPath,
    ['--conditions=discokit-source', '--import', 'tsx', path, command, how],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 30_000,
    },
  )
  const ended = new Promise<[number | null, string | null]>((resolve) =>
    parent.on('close', (code, signal) => resolve([code, signal])),
  )
  await new Promise<void>((resolve, reject) => {
    const watcher = watch(programs.folder, () => existsSync(ready) && done(resolve))
    const done = (settle: () => void): void => {
      watcher.close()
      settle()
    }
    if (existsSync(ready)) done(resolve)
    void ended.then(() => done(() => reject(new Error('ended before the program ran'))))
  })
  return { parent, pids: (await readFile(ready, 'utf8')).split(' ').map(Number), ended }
}

/** Waits until a process is gone; a killed one is there until its parent hears of it. */
async function isGone(pid: number): Promise<boolean> {
  const latest = performance.now() + 5_000
  while (performance.now() < latest) {
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    if (state === '' || / Z /.test(state)) return true
    await new Promise((resolve) => setImmediate(resolve))
  }
  process.kill(pid, 'SIGKILL')
  return false
}

describe('a program that runs when this process ends', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('is killed with its group by %s', async (signal) => {
    const { parent, pids, ended } = await start('')
    parent.kill(signal)
    expect(await ended).toEqual([null, signal]) // as without the program
    expect(await Promise.all(pids.map(isGone))).toEqual([true, true])
  })

  test('is killed with its group when the process exits', async () => {
    const { parent, pids, ended } = await start('exits')
    parent.stdin!.write('now')
    expect(await ended).toEqual([3, null])
    expect(await Promise.all(pids.map(isGone))).toEqual([true, true])
  })

  test('is killed, and who else listens to the signal decides what comes next', async () => {
    const { parent, pids, ended } = await start('listens')
    let heard = ''
    parent.stdout!.on('data', (chunk: Buffer) => (heard += chunk.toString()))
    parent.kill('SIGTERM')
    expect(await ended).toEqual([4, null])
    expect(heard).toBe('heard\n')
    expect(await Promise.all(pids.map(isGone))).toEqual([true, true])
  })
})
