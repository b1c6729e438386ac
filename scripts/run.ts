import { spawn } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a command left behind. */
export interface Ran {
  readonly code: number
  readonly stdout: string
  /** Both streams, as they came. */
  readonly output: string
}

/** Where and with what to run a command. */
export interface RunOptions {
  readonly cwd?: string
  /** Added to the environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Runs a command to its end, without a shell and without input. Does not mind how it ends: see {@link runToSuccess}. */
export function run(command: readonly string[], { cwd, env }: RunOptions = {}): Promise<Ran> {
  const [program, ...args] = command
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
      ...(cwd !== undefined && { cwd }),
    })
    let stdout = ''
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, output }))
  })
}

/**
 * Runs a command that must end well, and gives what it printed.
 * @throws {Error} with everything it printed, when it fails.
 */
export async function runToSuccess(command: readonly string[], options?: RunOptions): Promise<string> {
  const { code, stdout, output } = await run(command, options)
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}\n${output}`)
  return stdout
}

/** Does something in a new folder, and removes it whatever happens. Its path has no links in it. */
export async function inTemporaryFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'discokit-check-')))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Ends a check: says what it looked at, or what it found wrong. */
export function report(looked: string, problems: readonly string[]): void {
  for (const problem of problems) console.error(problem)
  console.log(problems.length === 0 ? looked : `${problems.length} problem(s); ${looked}`)
  if (problems.length > 0) process.exitCode = 1
}
