import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll } from 'vitest'

/** A program at work on logins. */
export interface LoginProgram {
  readonly child: ChildProcess
  /** Lets it go on. */
  go(): void
  /** What it said, when it has ended. */
  readonly said: Promise<string>
}

/** Makes `children/logins.ts` one file, so that it begins at once; gives what starts it, up to where it waits to be let go. */
export function useLoginProgram(): (folder: string, ...more: (string | number)[]) => Promise<LoginProgram> {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'discokit-logins-'))
    const conditionNames = ['discokit-source', 'node', 'import']
    const input = fileURLToPath(new URL('./children/logins.ts', import.meta.url))
    const bundle = await rolldown({ input, platform: 'node', resolve: { conditionNames } })
    await bundle.write({ dir, format: 'esm', entryFileNames: 'logins.js' })
    await bundle.close()
    await writeFile(join(dir, 'package.json'), '{ "type": "module" }')
  })
  afterAll(() => rm(dir, { recursive: true, force: true }))

  return async (folder, ...more) => {
    const args = [join(dir, 'logins.js'), folder, ...more.map(String)]
    const env = { ...process.env, DISCOKIT_KEYCHAIN: 'off' }
    const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.on('error', () => {}) // it may have been killed
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text))
    const said = once(child, 'close').then(() => output.replace('ready\n', ''))
    await once(child.stdout, 'data')
    return { child, said, go: () => void child.stdin.write('go\n') }
  }
}
