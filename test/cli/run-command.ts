import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { onTestFinished } from 'vitest'

/** What a command left behind. */
export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly outcome: Promise<Outcome>
  /** Waits until the output has a text, and gives all of it so far. */
  printed(text: string): Promise<string>
}

/** Starts `discokit` from the sources, in a folder and an environment of the test's. */
export function startCommand(
  argv: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Running {
  const program = resolve('src/cli/main.ts')
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--conditions=discokit-source', program, ...argv],
    {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  // A test that fails does not come to where it would end it.
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const outcome = new Promise<Outcome>((settle) => {
    child.on('close', (code) => settle({ code, stdout, stderr }))
  })
  const printed = (text: string): Promise<string> =>
    new Promise((found, failed) => {
      const look = (): void => void (stdout.includes(text) && found(stdout))
      child.stdout.on('data', look)
      child.on('close', () => failed(new Error(`it ended without printing '${text}': ${stdout}${stderr}`)))
      look()
    })
  return { child, outcome, printed }
}

/** Runs `discokit` to its end. */
export function runCommand(...given: Parameters<typeof startCommand>): Promise<Outcome> {
  return startCommand(...given).outcome
}
