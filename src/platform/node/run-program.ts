import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { ProgramOptions, ProgramResult } from '../platform.ts'
import { hasGroups, killGroup, killWithParent } from './process-group.ts'

/**
 * Runs a program without a shell and gives what it writes to its output. Its input is empty, what it writes to its error
 * output is kept apart. When its time is over, the call ends, it writes too much, or this process ends meanwhile, it is killed
 * with its process group: all that it started and that did not leave the group.
 */
export function runProgram(
  file: string,
  args: readonly string[],
  { env = {}, timeoutMs, maxBytes, call }: ProgramOptions,
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = start(file, args, env)
    const unwatch = killWithParent(child)
    const stdout: Uint8Array[] = []
    const stderr: Uint8Array[] = []
    let given = 0
    let told = 0
    let forget = (): void => {}

    const stop = (): void => {
      clearTimeout(timer)
      forget()
      unwatch()
    }
    const fail = (message: string): void => {
      stop()
      killGroup(child)
      reject(new Error(message))
    }
    const timer = setTimeout(() => fail(`did not end within ${timeoutMs} ms`), timeoutMs)
    forget = call.onEnd(() => fail('was stopped'))

    child.stdout.on('data', (bytes: Uint8Array) => {
      given += bytes.length
      if (given > maxBytes) fail(`wrote more than ${maxBytes} bytes`)
      else stdout.push(bytes)
    })
    child.stderr.on('data', (bytes: Uint8Array) => {
      if (told < MAX_STDERR_BYTES) stderr.push(bytes)
      told += bytes.length
    })
    child.on('error', (cause: Error & { code?: string }) =>
      fail(WHY[cause.code ?? ''] ?? `could not be started (${cause.code})`),
    )
    child.on('close', (exitCode) => {
      stop()
      const text = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('utf8')
      resolve({ exitCode, stdout: text(stdout), stderr: text(stderr).slice(0, MAX_STDERR_BYTES) })
    })
  })
}

function start(
  file: string,
  args: readonly string[],
  env: NonNullable<ProgramOptions['env']>,
): ChildProcessByStdio<null, Readable, Readable> {
  try {
    return process.getBuiltinModule('node:child_process').spawn(file, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      detached: hasGroups(),
    })
  } catch {
    // Node's own text repeats what it was told.
    throw new Error('could not be started')
  }
}

const MAX_STDERR_BYTES = 4_096

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be run',
}
