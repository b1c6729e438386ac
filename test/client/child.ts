import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** What became of a process. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** When it ended, in milliseconds since 1970. */
  readonly endedAt: number
}

/** Runs a program of `children/` in a process of its own, on the sources. */
export function runChild(name: string, args: readonly string[] = []): Promise<Ended> {
  const path = fileURLToPath(new URL(`children/${name}`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=discokit-source', '--import', 'tsx', path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000,
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()))
  let endedAt = 0
  child.on('exit', () => (endedAt = performance.timeOrigin + performance.now()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ ...output, code, endedAt }))
  })
}
