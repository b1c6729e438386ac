import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from 'discokit'
import { accessToken, apiKey, serviceAccount } from 'discokit/auth'
import { startLogin } from './login-command.ts'
import { oauthClient } from 'discokit/login'
import { runCommand, startCommand } from './run-command.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-cli-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('discokit emulator', () => {
  test('answers on a port with a key file that works, until it is interrupted', async () => {
    const running = startCommand(['emulator', '--port', '0', '--key', 'key.json', '--bucket', 'mine'], {
      cwd: folder,
    })
    const stdout = await running.printed('key file')
    const endpoint = /DISCOKIT_EMULATOR=(\S+)/.exec(stdout)![1]!
    const keyFile = join(folder, 'key.json')
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
    await using google = createClient({ endpoint, auth: serviceAccount({ keyFile }) })
    const storage = await google.discover('storage:v1')
    expect(await storage['buckets'].get({ bucket: 'mine' })).toMatchObject({ name: 'mine' })
    running.child.kill('SIGINT')
    expect(await running.outcome).toMatchObject({ code: 0, stderr: '' })
    expect(await readdir(folder)).toEqual([]) // the key died with the emulator
  })

  test('gives out a token, a key and a client that work', async () => {
    const running = startCommand(['emulator', '--port', '0'], { cwd: folder })
    const stdout = await running.printed('key file')
    const value = (name: string): string => new RegExp(`${name}=(\\S+)`).exec(stdout)![1]!
    await using google = createClient({
      endpoint: value('DISCOKIT_EMULATOR'),
      auth: accessToken(value('GOOGLE_ACCESS_TOKEN')),
    })
    const drive = await google.discover('drive:v3')
    expect(await drive['files'].list()).toMatchObject({ files: [] })
    const language = await google.as(apiKey(value('GOOGLE_API_KEY'))).discover('translate:v2')
    const { data } = await language['languages'].list()
    expect(data.languages).toContainEqual({ language: 'la' })
    const client = oauthClient({
      clientId: value('CLIENT_ID'),
      clientSecret: value('CLIENT_SECRET'),
      redirectUri: 'http://127.0.0.1:9/',
      scopes: ['email'],
      provider: await (await fetch(`${value('DISCOKIT_EMULATOR')}/.well-known/openid-configuration`)).json(),
    })
    const { url, request } = await client.authorizationUrl()
    const page = await fetch(url)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('person@example.com')])
    const back = `http://127.0.0.1:9/?code=none&state=${request.state}&iss=https://accounts.google.com`
    await expect(client.finish(back, request)).rejects.toMatchObject({ reason: 'invalid_grant' }) // the code, not the client
    running.child.kill('SIGTERM')
    await running.outcome
  })

  test('writes an OAuth client, and has people for discokit login', async () => {
    const argv = ['--port', '0', '--client', 'my client.json', '--user', 'ada@example.com, bob@example.com']
    const running = startCommand(['emulator', ...argv], { cwd: folder })
    const stdout = await running.printed('key file')
    const url = /DISCOKIT_EMULATOR=(\S+)/.exec(stdout)![1]!
    expect(stdout).toMatch(/^ {2}people +ada@example\.com, bob@example\.com$/m)
    expect(stdout).toContain(`DISCOKIT_EMULATOR=${url} npx discokit login --client 'my client.json'\n`)
    expect((await stat(join(folder, 'my client.json'))).mode & 0o777).toBe(0o600)
    const login = await startLogin(['--client', 'my client.json'], folder, url)
    const page = await (await fetch(login.address)).text()
    expect(page).toContain('discokit asks for access')
    expect([...page.matchAll(/name="email" value="([^"]*)"/g)].map(([, email]) => email)).toEqual([
      'ada@example.com',
      'bob@example.com',
      '',
    ])
    login.child.kill()
    running.child.kill('SIGTERM')
    expect(await running.outcome).toMatchObject({ code: 0, stderr: '' })
    expect(await readdir(folder)).not.toContain('my client.json')
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends well with %s, at any time', async (signal) => {
    const running = startCommand(['emulator', '--port', '0', '--key', 'key.json'], { cwd: folder })
    await running.printed('The emulator answers')
    running.child.kill(signal)
    expect(await running.outcome).toMatchObject({ code: 0, stderr: '' })
    expect(await readdir(folder)).toEqual([])
  })

  test('serves the documents of a folder', async () => {
    const methods = { list: { id: 'notes.list', path: 'v1/notes', httpMethod: 'GET' } }
    const rootUrl = 'https://notes.googleapis.com/'
    const document = { name: 'notes', version: 'v1', rootUrl, servicePath: '', methods }
    await writeFile(join(folder, 'notes.json'), JSON.stringify(document))
    const running = startCommand(['emulator', '--port', '0', '--documents', '.'], { cwd: folder })
    const stdout = await running.printed('key file')
    expect(stdout).toMatch(/^ {2}documents +1 of \.$/m)
    await using google = createClient({ endpoint: /DISCOKIT_EMULATOR=(\S+)/.exec(stdout)![1]!, retry: false })
    expect((await google.discover('notes')).$id).toBe('notes:v1')
    running.child.kill('SIGTERM')
    await running.outcome
  })

  test('serves nothing where a document cannot be used', async () => {
    await writeFile(join(folder, 'notes.json'), '{}')
    for (const [given, why] of [
      ['.', 'notes.json: is not a discovery document'],
      ['none', 'none: does not exist'],
    ] as const) {
      const { code, stdout, stderr } = await runCommand(['emulator', '--port', '0', '--documents', given], {
        cwd: folder,
      })
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toContain(why)
    }
  })

  test('tells where it is only when all is made', async () => {
    const { code, stdout } = await runCommand(['emulator', '--port', '0', '--bucket', 'No Bucket'], {
      cwd: folder,
    })
    expect([code, stdout]).toEqual([1, ''])
  })

  test('tells what other clients need', async () => {
    for (const [options, hint] of [
      [[], ' (needs --anonymous)'],
      [['--anonymous'], ''],
    ] as const) {
      const running = startCommand(['emulator', '--port', '0', ...options], { cwd: folder })
      const stdout = await running.printed('key file')
      running.child.kill('SIGTERM')
      expect(/STORAGE_EMULATOR_HOST=http:\/\/[^ \n]+(.*)$/m.exec(stdout)?.[1]).toBe(hint)
      await running.outcome
    }
  })

  test('says so when the port is taken', async () => {
    const first = startCommand(['emulator', '--port', '0'], { cwd: folder })
    const port = new URL(/http:\S+/.exec(await first.printed('key file'))![0]).port
    const second = await runCommand(['emulator', '--port', port], { cwd: folder })
    first.child.kill('SIGTERM')
    await first.outcome
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/^discokit: [^\n]*(in use|taken)[^\n]*\n$/)
  })

  test('refuses people who can be nobody', async () => {
    const { code, stderr } = await runCommand(['emulator', '--port', '0', '--user', 'ada'], { cwd: folder })
    expect([code, stderr]).toEqual([1, "discokit: emulator.user: email: 'ada' is not an address\n"])
  })

  test.each(['--key', '--client'])('does not write over a file with %s', async (option) => {
    await writeFile(join(folder, 'key.json'), 'precious')
    const { code, stderr } = await runCommand(['emulator', '--port', '0', option, 'key.json'], {
      cwd: folder,
    })
    expect(code).toBe(1)
    expect(stderr).toContain('key.json')
    expect(await readFile(join(folder, 'key.json'), 'utf8')).toBe('precious')
  })

  test.each(['-1', '70000', 'x', '', ' ', '0x50', '1e3', '80.0'])('refuses the port %j', async (port) => {
    expect(await runCommand(['emulator', `--port=${port}`], { cwd: folder })).toMatchObject({ code: 2 })
  })

  test.each([
    [['--port', ''], '--port needs a value'],
    [['--key='], '--key needs a value'],
    [['--client='], '--client needs a value'],
    [['--user='], '--user needs a value'],
    [['--bucket='], '--bucket needs a value'],
    [['--documents='], '--documents needs a value'],
    [['9090'], "takes no '9090'"],
  ])('refuses %j', async (argv, message) => {
    const { code, stdout, stderr } = await runCommand(['emulator', ...argv], { cwd: folder })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })
})

describe('discokit', () => {
  test.each([[[]], [['--help']], [['help']]])('%j tells the commands', async (argv) => {
    const { code, stdout } = await runCommand(argv, { cwd: folder })
    expect(code).toBe(0)
    expect(stdout).toMatch(/Usage: discokit <command>/)
    expect(stdout).toMatch(/^ {2}demo /m)
    expect(stdout).toMatch(/^ {2}emulator /m)
  })

  test('demo --help tells its options', async () => {
    const { code, stdout } = await runCommand(['demo', '--help'], { cwd: folder })
    expect(code).toBe(0)
    expect(stdout).toContain('--bucket')
  })

  test.each([['--help'], ['emulator', '--help'], ['help', 'demo']])(
    '%s %s is plain text where there is no terminal',
    async (...argv) => {
      const env = { NO_COLOR: '', CI: '', TEST: '', FORCE_COLOR: '' }
      const { stdout } = await runCommand(argv.filter(Boolean), { cwd: folder, env })
      expect(stdout).toContain('discokit')
      expect(stdout).not.toContain('\u001b')
    },
  )

  test.each(['constructor', 'toString', '__proto__'])('has no command %s', async (name) => {
    const { code, stderr } = await runCommand([name], { cwd: folder })
    expect([code, stderr]).toEqual([2, `discokit: there is no command '${name}'; see discokit --help\n`])
  })

  test('says what it does not know, with the nearest that it does', async () => {
    const { code, stderr } = await runCommand(['emulatr'], { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toBe(
      "discokit: there is no command 'emulatr' (did you mean 'emulator'?); see discokit --help\n",
    )
  })

  test('--version prints that of the package', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string }
    expect((await runCommand(['--version'], { cwd: folder })).stdout).toBe(`${version}\n`)
  })
})
