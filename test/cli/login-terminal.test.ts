/** What a person does at a terminal: a real one, of the program `script`, where there is that. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { fileLoginStore } from 'discokit/node'
import { inShell } from '../../src/cli/in-shell.ts'
import { addressIn, clientFile, environmentOf, visit } from './login-command.ts'

const SCRIPT = '/usr/bin/script'
const isThere = process.platform === 'linux' && existsSync(SCRIPT)
if (!isThere) process.stderr.write(`skipped: there is no ${SCRIPT}\n`)

/** A command with a terminal of its own. */
interface AtTerminal {
  readonly child: ChildProcess
  readonly code: Promise<number | null>
  /** All that the terminal shows so far. */
  shown(): string
  type(text: string): void
  until(text: string): Promise<string>
}

function atTerminal(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>): AtTerminal {
  const program = [process.execPath, '--import', import.meta.resolve('tsx'), '--conditions=discokit-source']
  const command = [...program, resolve('src/cli/main.ts'), ...argv].map(inShell).join(' ')
  const child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], {
    cwd,
    env: { ...process.env, NO_COLOR: '1', TERM: 'xterm', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const code = new Promise<number | null>((settle) => child.on('close', settle))
  return {
    child,
    code,
    shown: () => output.replaceAll('\r\n', '\n'),
    type: (text) => void child.stdin.write(text),
    until: (text) =>
      new Promise((found, failed) => {
        const look = (): void => void (output.includes(text) && found(output))
        child.stdout.on('data', look)
        child.on('close', () => failed(new Error(`it ended without showing '${text}': ${output}`)))
        look()
      }),
  }
}

describe('at a terminal', () => {
  beforeEach(({ skip }) => skip(!isThere, `there is no ${SCRIPT}`))
  let folder: string
  let emulator: Emulator
  beforeAll(async () => {
    emulator = await createEmulator()
    await emulator.listen()
    emulator.user({ email: 'ada@example.com' })
  })
  afterAll(() => emulator.close())
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'discokit-terminal-'))
    await writeFile(join(folder, 'my client.json'), clientFile(emulator))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const start = (argv: readonly string[], at = emulator.url): AtTerminal =>
    atTerminal(argv, folder, environmentOf(folder, at))
  const startLogin = async (): Promise<AtTerminal> => {
    const terminal = start(['login', '--client', 'my client.json'])
    await terminal.until('It is not shown.')
    return terminal
  }

  test('the address that the browser could not open is pasted, and not shown', async () => {
    const terminal = await startLogin()
    const { address, redirectUri, state } = addressIn(terminal.shown())
    const wrong: readonly (readonly [string, string])[] = [
      ['code', 'it is no address'],
      ['https://example.com/?code=canary-1', 'it does not begin with http://127.0.0.1:'],
      [`${redirectUri}?code=canary-2`, 'it has no state; copy all of the address'],
      [`${redirectUri}?code=canary-3&state=x`, 'it is the answer to another login'],
      [`${redirectUri}?error=canary&state=x`, 'it is the answer to another login'],
    ]
    for (const [i, [line, why]] of wrong.entries()) {
      terminal.type(`${line}\r`)
      await terminal.until(`That cannot be used: ${why}`)
      await expect.poll(() => terminal.shown().split('That cannot be used').length).toBe(i + 2)
    }
    const back = emulator.consent(address, { email: 'ada@example.com' })
    terminal.type(`\r \u001b[200~"${back}"\u001b[201~\r`)
    expect(await terminal.code).toBe(0)
    expect(terminal.shown()).toContain('signed in            ada@example.com')
    expect(terminal.shown()).not.toContain('canary')
    const { searchParams } = new URL(back)
    expect(terminal.shown()).not.toContain(searchParams.get('code'))
    expect(terminal.shown().split(state).length).toBe(2) // in the address to open alone
  })

  test('the browser may be the first', async () => {
    const terminal = await startLogin()
    terminal.type('http://127.0.0.1') // somebody who is about to paste
    await visit(emulator.consent(addressIn(terminal.shown()).address))
    expect(await terminal.code).toBe(0)
    expect(terminal.shown()).toContain('✔ works')
  })

  test('Ctrl-C ends it, and nothing is kept', async () => {
    const terminal = await startLogin()
    terminal.type('\u0003')
    expect(await terminal.code).toBe(130)
    const store = fileLoginStore({ folder: join(folder, 'config/logins') })
    expect(await store.accounts()).toEqual([])
  })

  test('Ctrl-D ends it too: what is typed behind it would be shown', async () => {
    const terminal = await startLogin()
    terminal.type('\u0004')
    expect(await terminal.code).toBe(1)
    expect(terminal.shown()).toContain('discokit: the login was left; begin it anew with: discokit login\n')
  })

  test('no line but the address is wider than 80 columns', async () => {
    const terminal = await startLogin()
    await visit(emulator.consent(addressIn(terminal.shown()).address))
    await terminal.code
    const short = terminal
      .shown()
      .split('\n')
      .filter((line) => !line.includes('://') && !line.includes(folder))
    for (const line of short) expect(line.length).toBeLessThanOrEqual(80)
  })

  test('the set-up leads through the pages, and takes the file that comes of them', async () => {
    const terminal = start(
      ['login', '--no-browser', '--scopes', 'https://www.googleapis.com/auth/drive.file'],
      '',
    )
    for (let page = 1; page < 4; page++) {
      await terminal.until(`${page}/4 `)
      await expect.poll(() => terminal.shown().split('Press Enter when').length).toBe(page + 1)
      expect(terminal.shown()).not.toContain(`${page + 1}/4 `)
      terminal.type('\r')
    }
    await terminal.until('Path of the downloaded file:')
    terminal.type('none.json\r')
    await terminal.until('none.json: does not exist')
    // One of an emulator is none of Google's.
    terminal.type(String.raw`my\ client.json` + '\r')
    await terminal.until('my client.json: is a client of an emulator')
    const google = JSON.stringify({ installed: { client_id: 'my-client', client_secret: 'canary' } })
    await writeFile(join(folder, 'my client.json'), google)
    terminal.type("'my client.json'\r")
    const { address } = addressIn(await terminal.until('It is not shown.'))
    expect(address).toMatch(/^https:\/\/accounts\.google\.com\/o\/oauth2\/v2\/auth\?.*client_id=my-client&/)
    terminal.type('\u0003')
    expect(await terminal.code).toBe(130)
    // It is not asked for again.
    const again = start(['login', '--no-browser'], '')
    expect(addressIn(await again.until('It is not shown.')).address).toContain('client_id=my-client&')
    again.type('\u0003')
    await again.code
  })

  test('the set-up can be left', async () => {
    const terminal = start(['login', '--no-browser'], '')
    await terminal.until('Press Enter when')
    terminal.type('\u0004')
    expect(await terminal.code).toBe(1)
    expect(terminal.shown()).toContain('the set-up was left; begin it anew with: discokit login')
    expect(await readdir(folder)).toEqual(['my client.json'])
  })

  test('a login is not exported to the screen by mistake', async () => {
    const store = fileLoginStore({ folder: join(folder, 'config/logins') })
    await store.put('ada', { refreshToken: 'canary', client: { clientId: 'c' } }, undefined)
    const terminal = start(['accounts', 'export', 'ada'])
    expect(await terminal.code).toBe(2)
    expect(terminal.shown()).toContain('give --to FILE, or --show')
    expect(terminal.shown()).not.toContain('canary')
    const asked = start(['accounts', 'export', 'ada', '--show'])
    expect(await asked.code).toBe(0)
    expect(asked.shown()).toContain('canary')
  })
})
