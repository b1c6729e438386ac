import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from 'discokit'
import { userCredentials } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { fileLoginStore } from 'discokit/node'
import { speak } from './speak.ts'
import { openAnswerListener } from '../../src/cli/login/answer-listener.ts'
import { setUpClient } from '../../src/cli/login/guided-setup.ts'
import { loginProvider } from '../../src/cli/login/login-provider.ts'
import { createSteps } from '../../src/cli/output.ts'
import { answer, clientFile, environmentOf, startLogin, visit } from './login-command.ts'
import { type Outcome, runCommand } from './run-command.ts'

const LIST = 'https://www.googleapis.com/auth/drive.metadata.readonly'
const FILE = 'https://www.googleapis.com/auth/drive.file'
const EMAIL = 'https://www.googleapis.com/auth/userinfo.email'

let folder: string
let emulator: Emulator

beforeAll(async () => {
  emulator = await createEmulator({ publishingStatus: 'testing' })
  await emulator.listen()
  emulator.user({ email: 'ada@example.com', name: 'Ada', hostedDomain: 'example.com' })
  emulator.user({ email: 'bob@example.com' })
})
afterAll(() => emulator.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-login-'))
  await writeFile(join(folder, 'client.json'), clientFile(emulator))
})
afterEach(() => rm(folder, { recursive: true }))

const start = (...argv: string[]): ReturnType<typeof startLogin> =>
  startLogin(['--client', 'client.json', ...argv], folder, emulator.url)
const login = (...argv: string[]): Promise<Outcome> =>
  runCommand(['login', ...argv], { cwd: folder, env: environmentOf(folder, emulator.url) })
const store = (): ReturnType<typeof fileLoginStore> =>
  fileLoginStore({ folder: join(folder, 'config/logins') })

describe('discokit login', () => {
  test('saves a login that works, and tells all about it', async () => {
    const waiting = await start('--scopes', FILE, '--openid')
    const { searchParams } = new URL(waiting.address)
    expect(Object.fromEntries(searchParams)).toMatchObject({
      scope: `openid email ${FILE}`,
      access_type: 'offline',
      prompt: 'select_account consent',
      code_challenge_method: 'S256',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect((await waiting.printed('Open this page')).split('\n').slice(0, 3)).toEqual([
      `   account              default, at the emulator at ${emulator.url}`,
      '   asks for             openid, email, drive.file',
      '',
    ])
    const page = await answer(emulator, waiting, { email: 'ada@example.com' })
    expect(page).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'/)
    expect(page.body).toContain('name="viewport"')
    expect(page.body).toContain('<main>')
    const { code, stdout, stderr } = await waiting.outcome
    expect([code, stderr]).toEqual([0, ''])
    const ends = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10)
    expect(stdout.slice(stdout.indexOf('ok signed in')).split('\n')).toEqual([
      'ok signed in            ada@example.com',
      expect.stringMatching(/^ {3}id \(sub\) {13}\d+$/),
      '   organisation (hd)    example.com',
      'ok granted              openid, email, drive.file',
      'ok saved as             default',
      `   in                   ${folder}/config/logins`,
      `   encrypted with       AES-256-GCM; the key is in ${folder}/config/logins.key`,
      'ok works                userinfo answered',
      `!  ends                 ${ends}: the project is in Testing. Publish it at`,
      '                        https://console.cloud.google.com/auth/audience, log in anew',
      '',
      'Next, in a program:',
      '',
      "  import { createClient } from 'discokit'",
      "  import { savedAccount } from 'discokit/node'",
      '  const google = createClient({ auth: savedAccount() })',
      '',
      'To see it again: discokit accounts. To end it: discokit logout',
      '',
    ])
    const { client, refreshToken = '' } = (await store().get('default'))!.login
    const auth = userCredentials({ ...client!, refreshToken })
    await using google = createClient({ endpoint: emulator.url, auth })
    const drive = await google.discover('drive:v3')
    const { user } = await drive['about'].get({ fields: 'user' })
    expect(user.emailAddress).toBe('ada@example.com')
  })

  test('takes scopes by the short names that it shows', async () => {
    const waiting = await start('--scopes', 'drive.file,email,https://mail.google.com/')
    expect(new URL(waiting.address).searchParams.get('scope')).toBe(`${FILE} email https://mail.google.com/`)
    waiting.child.kill()
  })

  test('saves nothing when the person says no', async () => {
    const waiting = await start()
    expect(await answer(emulator, waiting, { deny: true })).toMatchObject({ status: 200 })
    const { code, stderr } = await waiting.outcome
    expect([code, stderr]).toEqual([
      1,
      'discokit: consent was not given: access_denied. The person, or an administrator, said no\n',
    ])
    expect(await store().accounts()).toEqual([])
  })

  test('asks for one more scope, of the same person, and keeps those that there are', async () => {
    await answer(emulator, await start(), { email: 'bob@example.com' })
    await expect.poll(() => store().accounts()).toEqual(['default'])
    const { sub } = (await store().get('default'))!.login.claims!
    const more = await startLogin(['--for', 'drive.files.list'], folder, emulator.url) // with the client that is kept
    expect(Object.fromEntries(new URL(more.address).searchParams)).toMatchObject({
      scope: `openid ${EMAIL} ${LIST}`,
      include_granted_scopes: 'true',
      login_hint: sub,
      prompt: 'consent',
    })
    await answer(emulator, more)
    const { code, stdout } = await more.outcome
    expect(code).toBe(0)
    expect(stdout).toContain('ok granted              openid, email, drive.metadata.readonly\n')
    expect((await store().get('default'))!.login).toMatchObject({
      scopes: ['openid', EMAIL, LIST],
      claims: { sub, email: 'bob@example.com' },
    })
    // What a scope that is there does, needs no other.
    const again = await startLogin(['--for', 'drive:v3.files.list'], folder, emulator.url)
    expect(new URL(again.address).searchParams.get('scope')).toBe(`openid ${EMAIL} ${LIST}`)
    again.child.kill()
  })

  test('tells what was not granted', async () => {
    const waiting = await start('--openid', '--for', 'drive.files.list,drive.files.create')
    await answer(emulator, waiting, { email: 'ada@example.com', scopes: ['openid', 'email', LIST] })
    const { code, stdout } = await waiting.outcome
    expect(code).toBe(0)
    expect(stdout).toContain('ok granted              openid, email, drive.metadata.readonly\n')
    expect(stdout).toContain('!  not granted          drive.file\n')
  })

  test('does not ask who it is where only scopes are named', async () => {
    const waiting = await start('--scopes', `${FILE}, ${LIST}`, '--account', "Ada's work")
    expect(new URL(waiting.address).searchParams.get('scope')).toBe(`${FILE} ${LIST}`)
    await answer(emulator, waiting)
    const { code, stdout } = await waiting.outcome
    expect(code).toBe(0)
    expect(stdout).not.toContain('signed in')
    expect(stdout).toContain('ok works                tokeninfo answered\n')
    expect(stdout).toContain(String.raw`discokit logout --account 'Ada'\''s work'`)
    expect(stdout).toContain(`savedAccount("Ada's work")`)
  })

  test('refuses another person under the same name, unless told to', async () => {
    const first = await start()
    await answer(emulator, first, { email: 'ada@example.com' })
    await first.outcome
    const second = await start()
    await answer(emulator, second, { email: 'bob@example.com' })
    const { code, stderr } = await second.outcome
    expect(code).toBe(1)
    expect(stderr).toContain('the account default is ada@example.com, and bob@example.com has logged in now')
    expect((await store().get('default'))!.login.claims!['email']).toBe('ada@example.com')
    const third = await start('--replace', '--scopes', FILE)
    expect(new URL(third.address).searchParams.get('login_hint')).toBeNull()
    expect(new URL(third.address).searchParams.get('scope')).toBe(FILE)
    await answer(emulator, third, { email: 'bob@example.com' })
    expect((await third.outcome).code).toBe(0)
    expect((await store().get('default'))!.login.scopes).toEqual([FILE])
  })

  test('opens the browser without a shell, and prints the address all the same', async () => {
    const opener = join(folder, 'xdg-open')
    await writeFile(
      opener,
      '#!/bin/sh\nprintf "%s\\n" "$#" "$@" > "$0.argv.part"; mv "$0.argv.part" "$0.argv"\n',
    )
    await chmod(opener, 0o755)
    const env = { DISPLAY: ':1', SSH_CONNECTION: '', PATH: `${folder}:${process.env['PATH']}` }
    const waiting = await startLogin(['--client', 'client.json'], folder, emulator.url, env)
    await expect.poll(() => readdir(folder)).toContain('xdg-open.argv')
    expect(await readFile(`${opener}.argv`, 'utf8')).toBe(`1\n${waiting.address}\n`)
    waiting.child.kill()
    expect((await waiting.outcome).stdout).toMatch(/^The browser shows this page/m)
    await rm(`${opener}.argv`)
    const printing = await startLogin(['--no-browser'], folder, emulator.url, env)
    await answer(emulator, printing)
    expect((await printing.outcome).stdout).toMatch(/^Open this page in a browser/m)
    expect(await readdir(folder)).not.toContain('xdg-open.argv')
  })

  test('takes a web client that has a redirection to this machine', async () => {
    const free = await openAnswerListener()
    free.close()
    const redirectUri = `${new URL(free.redirectUri).origin}/oauth/back`
    const { clientId: client_id, clientSecret: client_secret } = emulator.oauthClient({
      redirectUris: [redirectUri],
    })
    const redirect_uris = ['https://my-app.example.com/back', redirectUri]
    await writeFile(
      join(folder, 'web.json'),
      JSON.stringify({ web: { client_id, client_secret, redirect_uris } }),
    )
    for (const argv of [
      ['--client', 'web.json'],
      ['--scopes', FILE],
    ]) {
      const waiting = await startLogin(argv, folder, emulator.url)
      expect(waiting.redirectUri).toBe(redirectUri)
      await answer(emulator, waiting)
      expect((await waiting.outcome).code).toBe(0)
    }
  })
})

describe('what comes to the port of a login', () => {
  test('is turned away unless it is the answer, a thousand times', async () => {
    const waiting = await start()
    const { redirectUri, state } = waiting
    const { origin, port } = new URL(redirectUri)
    const stolen = `code=stolen&state=${state}`
    const forged: readonly (readonly [string, Parameters<typeof visit>[1], number])[] = [
      [`${redirectUri}?error=access_denied`, {}, 400],
      [`${redirectUri}?error=access_denied&state=${'x'.repeat(43)}`, {}, 400],
      [`${redirectUri}?code=stolen&state=`, {}, 400],
      [`${redirectUri}?code=stolen&state=${state.slice(1)}`, {}, 400],
      [`${redirectUri}?code=stolen&state=${state}&state=${state}`, {}, 400],
      [redirectUri, {}, 400],
      [`${origin}/?${stolen}`, {}, 404],
      [`${origin}/favicon.ico`, {}, 404],
      [`${redirectUri}/?${stolen}`, {}, 404],
      [`${redirectUri}?${stolen}`, { method: 'POST' }, 400],
      [`${redirectUri}?${stolen}`, { method: 'HEAD' }, 400],
      [`${redirectUri}?${stolen}`, { host: 'evil.example.com' }, 400],
      [`${redirectUri}?${stolen}`, { host: `localhost:${port}` }, 400],
      [`${redirectUri}?${stolen}`, { host: '127.0.0.1' }, 400],
      [`${redirectUri}?${stolen}`, { host: `127.0.0.1:${port}.evil.example.com` }, 400],
    ]
    for (const [address, how, status] of forged) {
      const page = await visit(address, how)
      expect([address, how, page.status]).toEqual([address, how, status])
      expect(page.body).not.toContain('stolen')
      expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'/)
    }
    const query = `${new URL(redirectUri).pathname}?${stolen}`
    const host = `Host: 127.0.0.1:${port}`
    for (const [lines, status] of [
      [[`GET ${redirectUri}?${stolen} HTTP/1.1`, host], 404], // the form for proxies
      [[`GET ${query} HTTP/1.0`], 400],
      [[`GET ${query} HTTP/1.1`], 400],
      [[`GET ${query} HTTP/1.1`, host, host], 400],
      [[`GET ${query} HTTP/1.1`, host, 'Host: evil.example.com'], 400],
      [[`GET ${query} HTTP/1.1`, host, `X: ${'x'.repeat(40_000)}`], 431],
      [['nonsense'], 400],
    ] as const)
      expect([lines, await speak(Number(port), lines)]).toEqual([lines, status])
    const back = emulator.consent(waiting.address, { email: 'ada@example.com' })
    const after = { status: 0 } // the port is closed by then
    const attack = async (from: number): Promise<void> => {
      for (let i = from; i < 1_000; i += 20) {
        const [address, how, status] = forged[i % forged.length]!
        const page = await visit(address, how).catch(() => after)
        expect([status, 404, 0]).toContain(page.status) // once answered, nothing is there any more
      }
    }
    const attacks = Array.from({ length: 20 }, (_, i) => attack(i))
    const page = await visit(back)
    await Promise.all(attacks)
    expect(page.status).toBe(200)
    expect(await waiting.outcome).toMatchObject({ code: 0, stderr: '' })
    await expect(visit(back)).rejects.toThrow('ECONNREFUSED') // once
  })

  test('is heard on this machine alone', async () => {
    const waiting = await start()
    const { port } = new URL(waiting.redirectUri)
    const listening = await readFile('/proc/net/tcp', 'utf8').catch(() => undefined)
    waiting.child.kill()
    if (listening === undefined) return
    const hex = Number(port).toString(16).toUpperCase().padStart(4, '0')
    const places = [...listening.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]+) \S+ 0A/gm)]
    expect(places.filter(([, , at]) => at === hex).map(([, address]) => address)).toEqual(['0100007F'])
  })
})

describe('discokit login without a client', () => {
  test('says what to do, step by step, and fails', async () => {
    const { code, stdout, stderr } = await runCommand(['login'], { cwd: folder, env: environmentOf(folder) })
    expect(code).toBe(1)
    expect(pagesIn(stdout)).toEqual([
      '/projectcreate',
      '/auth/branding',
      '/auth/audience',
      '/auth/clients/create',
    ])
    expect(stdout).toContain('Application type: Desktop app')
    expect(stderr).toContain('discokit login --client FILE')
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  })
  const pagesIn = (output: string): string[] =>
    [...output.matchAll(/https:\/\/console\.cloud\.google\.com(\S+)/g)].map(([, path]) => path!)

  test('has a step for each API that it is for', async () => {
    let output = ''
    const steps = createSteps({ write: (text) => (output += text) })
    const to = loginProvider('')
    const open = async (): Promise<boolean> => false
    const setUp = setUpClient(['drive', 'calendar', 'siteVerification'], to, {
      steps,
      input: undefined,
      open,
    })
    await expect(setUp).rejects.toMatchObject({ reason: 'no_client' })
    expect(pagesIn(output)).toEqual(
      expect.arrayContaining([
        '/apis/library/drive.googleapis.com',
        '/apis/library/calendar-json.googleapis.com',
        '/apis/library/siteverification.googleapis.com',
      ]),
    )
  })

  test('names the option of the emulator', async () => {
    const { code, stdout, stderr } = await login()
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('start that with --client client.json')
  })

  const google = {
    client_id: 'a',
    client_secret: 'canary-secret',
    token_uri: 'https://oauth2.googleapis.com/token',
  }
  test.each([
    ['', 'is not a JSON object'],
    ['{"installed": canary-secret', 'is not a JSON object'],
    ['[]', 'is not a JSON object'],
    ['{}', "which has 'installed' or 'web'"],
    ['{"installed":{"client_secret":"canary-secret"}}', 'has no client_id'],
    ['{"installed":{"client_id":"a b"}}', 'has no client_id'],
    ['{"installed":{"client_id":"a","client_secret":7}}', 'has a client_secret that is none'],
    ['{"type":"service_account","private_key":"canary-secret"}', 'is the key of a service account'],
    [
      '{"type":"authorized_user","refresh_token":"canary-secret"}',
      'is a credential already (authorized_user)',
    ],
    [JSON.stringify({ installed: google }), 'is not a client of the emulator; unset DISCOKIT_EMULATOR'],
    [
      `{"web":{"client_id":"a","redirect_uris":["https://a.example/b","http://localhost/x"]}}`,
      'Web application',
    ],
    ['{"web":{"client_id":"a"}}', "create a client of the type 'Desktop app'"],
    // Browsers write these another way, so that no answer would be theirs.
    ['{"web":{"client_id":"a","redirect_uris":["http://127.0.0.1:80/back"]}}', 'Web application'],
    ['{"web":{"client_id":"a","redirect_uris":["http://127.0.0.1:8085/a/../back"]}}', 'Web application'],
    [`{"installed":{"client_id":"${'a'.repeat(70_000)}"}}`, 'is larger than 65536 bytes'],
  ])('refuses the file %#: %s', async (content, why) => {
    await writeFile(join(folder, 'bad.json'), content)
    const { code, stdout, stderr } = await login('--client', 'bad.json')
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('bad.json')
    expect(stderr).toContain(why)
    expect(stderr).not.toContain('canary')
    expect(await readdir(folder)).not.toContain('config') // nothing was kept
  })

  test.each([
    [
      { token_uri: 'http://127.0.0.1:1/token' },
      'is a client of an emulator; set DISCOKIT_EMULATOR=http://127.0.0.1:1',
    ],
    [{ token_uri: 'https://evil.example.com/token' }, 'names a token_uri that is not one of Google'],
    [
      { token_uri: 'https://googleapis.com.evil.example/token' },
      'names a token_uri that is not one of Google',
    ],
    [{ token_uri: 7 }, 'names a token_uri that is not one of Google'],
  ])('refuses %j at Google', async (members, why) => {
    await writeFile(join(folder, 'bad.json'), JSON.stringify({ installed: { ...google, ...members } }))
    const env = environmentOf(folder)
    const { code, stderr } = await runCommand(['login', '--client', 'bad.json'], { cwd: folder, env })
    expect(code).toBe(1)
    expect(stderr).toContain(why)
  })

  test.each(['none.json', '.'])('refuses %s', async (path) => {
    const { code, stderr } = await login('--client', path)
    expect(code).toBe(1)
    expect(stderr).toMatch(/does not exist|is a folder/)
  })
})

test.each([
  [['me'], "discokit login takes no 'me'"],
  [['--account='], '--account needs a value'],
  [['--for='], '--for needs a value'],
  [['--scopes', ','], '--scopes has an empty name'],
  [['--for', 'drive'], "--for: 'drive' is no method"],
  [['--for', 'drive.files.lst'], "drive:v3 has no method files.lst (did you mean 'drive.files.list'?)"],
  [['--for', 'drive:v3.constructor'], 'drive:v3 has no method constructor'],
  [['--client', 'a', '--client', 'b'], '--client is given twice'],
  [['--scopes', 'drive.file,ü'], "'ü' is no scope"],
  [['--account', 'a\u0007'], 'the name of an account must be a text of 1 to 200 characters'],
])('discokit login %j is refused', async (argv, message) => {
  const { code, stdout, stderr } = await login(...argv)
  expect(stderr).toContain(message)
  expect([code, stdout]).toEqual([2, ''])
})

test.each([
  'http://example.com',
  'ftp://127.0.0.1',
  'x',
  'http://127.0.0.1:1/?a',
  'http://127.0.0.1@evil.example',
])('discokit login does not take %s for an emulator', async (address) => {
  const env = environmentOf(folder, address)
  const { code, stderr } = await runCommand(['login', '--client', 'client.json'], { cwd: folder, env })
  expect(code).toBe(1)
  expect(stderr).toContain('DISCOKIT_EMULATOR: must be an address on this machine')
})

test('fits a terminal of 80 columns', async () => {
  for (const command of ['login', 'logout', 'accounts']) {
    const { stdout } = await runCommand([command, '--help'], { cwd: folder })
    for (const line of stdout.split('\n').slice(1)) expect(line.trimEnd().length).toBeLessThanOrEqual(80)
  }
})
