import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { type Client, createClient } from 'discokit'
import { accessToken } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'

/** Where programs run as a reader runs them: a folder of their own, and an emulator on a port in place of Google. */
export interface Stage extends AsyncDisposable {
  readonly emulator: Emulator
  /** The address of the emulator. */
  readonly url: string
  /** Has `key.json`, and finds `discokit` when a program in it imports that. */
  readonly folder: string
  /** Speaks for the person whose token programs find in `GOOGLE_ACCESS_TOKEN`. */
  readonly person: Client
  /** Runs a program of the repository or of the folder, and gives what it prints. */
  run(program: string, ...args: string[]): Promise<string>
  /** Starts a program that asks people for consent, as a client that may be led back to any port of this machine. */
  start(program: string): Promise<Running>
}

/** A program under way. */
export interface Running extends AsyncDisposable {
  /** What it printed first. */
  readonly line: string
  /** What it prints after that until it ends by itself. */
  rest(): Promise<string>
}

/** Sets one up. Programs find an API key in `GOOGLE_API_KEY`. */
export async function openStage(): Promise<Stage> {
  const emulator = await createEmulator()
  const { url } = await emulator.listen()
  const folder = await mkdtemp(join(tmpdir(), 'discokit-programs-'))
  const token = emulator.accessToken({ email: 'ada@example.com' })
  const environment = {
    ...process.env,
    DISCOKIT_EMULATOR: url,
    GOOGLE_ACCESS_TOKEN: token,
    GOOGLE_API_KEY: emulator.apiKey(),
    GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'key.json'),
  }
  await writeFile(join(folder, 'key.json'), JSON.stringify(await emulator.serviceAccountKey()))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await mkdir(join(folder, 'node_modules'))
  await symlink(resolve('.'), join(folder, 'node_modules', 'discokit'), 'junction')
  return {
    emulator,
    url,
    folder,
    person: createClient({ ...emulator.connect(), auth: accessToken(token) }),
    run: (program, ...args) => runProgram(program, args, folder, environment),
    start(program) {
      const { clientId, clientSecret } = emulator.oauthClient({ type: 'desktop' })
      const client = { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, PORT: '0' }
      return startProgram(program, folder, { ...environment, ...client })
    },
    async [Symbol.asyncDispose]() {
      await emulator.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** Runs a program with the sources of discokit, and gives what it prints. Rejects with what it says when it fails. */
export async function runProgram(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [...FLAGS, resolve(program), ...args], {
    cwd,
    env,
  })
  return stdout
}

async function startProgram(program: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Running> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const child = spawn(process.execPath, [...FLAGS, resolve(program)], { cwd, env, stdio: [...stdio] })
  const ended = once(child, 'close')
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const { value: line = '' } = (await lines.next()) as { value?: string }
  return {
    line,
    async rest() {
      let text = ''
      for await (const next of { [Symbol.asyncIterator]: () => lines }) text += `${next}\n`
      return text
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}

const FLAGS = ['--import', import.meta.resolve('tsx'), '--conditions=discokit-source']
