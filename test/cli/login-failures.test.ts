import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuthError } from 'discokit'
import { createEmulator } from 'discokit/emulator'
import { fileLoginStore } from 'discokit/node'
import { awaitAnswer } from '../../src/cli/login/await-answer.ts'
import { openAnswerListener } from '../../src/cli/login/answer-listener.ts'
import { browserCommand } from '../../src/cli/login/open-browser.ts'
import { startLogin, visit, type WaitingLogin } from './login-command.ts'
import type { Outcome } from './run-command.ts'
import { speak } from './speak.ts'
import { type Script, type ScriptedProvider, scriptedProvider } from './scripted-provider.ts'

const TOKEN = '/oauth2.googleapis.com/token'
const INFO = '/oauth2.googleapis.com/tokeninfo'
const SCOPE = 'https://www.googleapis.com/auth/drive.file'
const tokens = {
  access_token: 'canary-access',
  refresh_token: 'canary-refresh',
  expires_in: 3600,
  token_type: 'Bearer',
  scope: SCOPE,
}
const CANARIES = ['canary-access', 'canary-refresh', 'canary-code', 'canary-secret']

let folder: string
let provider: ScriptedProvider

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-login-'))
})
afterEach(async () => {
  await provider?.close()
  await rm(folder, { recursive: true })
})

const store = (): ReturnType<typeof fileLoginStore> =>
  fileLoginStore({ folder: join(folder, 'config/logins') })

async function start(script: Script, ...argv: string[]): Promise<WaitingLogin> {
  provider = await scriptedProvider(script)
  const installed = {
    client_id: 'my-client',
    client_secret: 'canary-secret',
    token_uri: `${provider.url}${TOKEN}`,
  }
  await writeFile(join(folder, 'client.json'), JSON.stringify({ installed }))
  return startLogin(['--client', 'client.json', '--scopes', SCOPE, ...argv], folder, provider.url)
}
const back = ({ redirectUri, state }: WaitingLogin, more = 'code=canary-code'): ReturnType<typeof visit> =>
  visit(`${redirectUri}?state=${state}&${more}`)

/** What anybody may see of a process while it runs: its arguments, and what its environment was at the start. */
async function argumentsOf({ child }: WaitingLogin): Promise<string> {
  const tasks = [child.pid, ...(await childrenOf(child.pid!))]
  const lines = await Promise.all(
    tasks.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  )
  return lines.join('\n')
}

async function childrenOf(pid: number): Promise<readonly string[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean)
}

describe('discokit login tells no secret', () => {
  const good: Script = { [TOKEN]: [200, tokens], [INFO]: [200, { aud: 'my-client', scope: SCOPE }] }
  const echo = (form: URLSearchParams): [number, object] => [
    400,
    { error: 'invalid_grant', error_description: `bad: ${[...form.values()].join(' ')}` },
  ]
  test.each<[string, Script, string, string]>([
    ['when all goes well', good, 'code=canary-code', ''],
    ['when the code is refused', { ...good, [TOKEN]: echo }, 'code=canary-code', 'invalid_grant'],
    [
      'when the answer is garbage',
      { ...good, [TOKEN]: [200, { canary: tokens }] },
      'code=canary-code',
      'access_token',
    ],
    [
      'when the person says no',
      good,
      'error=access_denied&error_description=canary-code&code=canary-code',
      'access_denied',
    ],
    ['when there is an error nobody knows', good, 'error=canary%00', 'unreadable_error'],
    [
      'when there is no code',
      good,
      'token=canary-code',
      'malformed_callback|which was not asked for|neither a code',
    ],
    [
      'when another issued the answer',
      good,
      'code=canary-code&iss=https://evil.example.com',
      'another provider issued it',
    ],
    [
      'when there is no refresh token',
      { ...good, [TOKEN]: [200, { ...tokens, refresh_token: undefined }] },
      'code=canary-code',
      'the provider gave no refresh token',
    ],
    [
      'when the token does not work',
      { ...good, [INFO]: [400, { error: 'invalid_token' }] },
      'code=canary-code',
      'does not work',
    ],
    [
      'when the token is of another client',
      { ...good, [INFO]: [200, { aud: 'canary' }] },
      'code=canary-code',
      'a token of another client',
    ],
  ])('%s', async (_name, script, query, why) => {
    const waiting = await start(script)
    const argv = await argumentsOf(waiting)
    expect(argv).toContain('client.json')
    const page = await back(waiting, query)
    expect(page.status).toBe(200)
    const { code, stdout, stderr } = await waiting.outcome
    expect(code).toBe(why === '' ? 0 : 1)
    expect(stderr).toMatch(new RegExp(why))
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2)
    const [verifier = ''] = provider.asked.flatMap(([, form]) => form.getAll('code_verifier'))
    const seen = `${argv}${page.body}${stdout}${stderr}`
    for (const secret of [...CANARIES, verifier]) if (secret !== '') expect(seen).not.toContain(secret)
    // On disk nothing is readable.
    for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || file.name === 'client.json') continue
      const content = await readFile(join(file.parentPath, file.name), 'latin1')
      for (const secret of CANARIES) expect(content).not.toContain(secret)
    }
  })
})

describe('a login that cannot be used', () => {
  test('is not kept without a refresh token, but for a person whose there is', async () => {
    await using emulator = await createEmulator()
    await emulator.listen()
    const { clientId: client_id, clientSecret: client_secret } = emulator.oauthClient({ type: 'desktop' })
    let givesRefreshToken = true
    const forward = async (path: string, body?: URLSearchParams): Promise<any> =>
      (await fetch(`${emulator.url}${path}`, body && { method: 'POST', body })).json()
    const CERTS = '/www.googleapis.com/oauth2/v3/certs'
    const script: Script = {
      [TOKEN]: async (form) => {
        const { refresh_token, ...others } = await forward(TOKEN, form)
        return [
          200,
          givesRefreshToken ? { ...others, refresh_token, refresh_token_expires_in: 604_800 } : others,
        ]
      },
      [CERTS]: async () => [200, await forward(CERTS)],
      '/openidconnect.googleapis.com/v1/userinfo': async () => [200, { sub }],
    }
    const { sub } = emulator.user({ email: 'ada@example.com' })
    provider = await scriptedProvider(script)
    const installed = { client_id, client_secret, token_uri: `${provider.url}${TOKEN}` }
    await writeFile(join(folder, 'client.json'), JSON.stringify({ installed }))
    const logIn = async (...argv: string[]): Promise<Outcome> => {
      const waiting = await startLogin(['--client', 'client.json', ...argv], folder, provider.url)
      await visit(emulator.consent(waiting.address))
      return waiting.outcome
    }
    expect((await logIn()).code).toBe(0)
    const before = (await store().get('default'))!.login
    givesRefreshToken = false
    expect((await logIn('--scopes', SCOPE)).code).toBe(0)
    const after = (await store().get('default'))!.login
    expect(after.refreshToken).toBe(before.refreshToken)
    expect(after.refreshTokenExpiresAt).toBeGreaterThan(Date.now())
    expect(after.refreshTokenExpiresAt).toBe(before.refreshTokenExpiresAt)
    expect(after.accessToken).not.toBe(before.accessToken)
    expect(after.scopes).toContain(SCOPE)
    for (const argv of [['--replace'], ['--account', 'other']])
      expect(await logIn(...argv)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('nothing was saved'),
      })
    expect((await store().get('default'))!.login).toEqual(after)
    expect(await store().accounts()).toEqual(['default'])
  })

  test('stays, when only the trial of it fails', async () => {
    const waiting = await start({ [TOKEN]: [200, tokens], [INFO]: [500, {}] })
    await back(waiting)
    const { code, stdout, stderr } = await waiting.outcome
    expect(code).toBe(1)
    expect(stdout).not.toContain('ok ')
    expect(stderr).toContain('the login was saved, but does not work')
    expect(stderr).toContain('discokit logout')
    expect(await store().accounts()).toEqual(['default'])
  })

  test('is not tried at another provider than its own', async () => {
    const waiting = await start({ [TOKEN]: [200, tokens], [INFO]: [200, { aud: 'my-client' }] })
    // Somebody keeps a login of Google's under the name meanwhile.
    await store().put('default', { refreshToken: 'r', client: { clientId: 'c' } }, undefined)
    await back(waiting)
    expect(await waiting.outcome).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('holds a login at another provider'),
    })
    expect((await store().get('default'))!.login.refreshToken).toBe('r')
  })
})

test('a login waits five minutes, and not longer', async () => {
  const listener = await openAnswerListener()
  const limit = new AbortController()
  const expected = { redirectUri: listener.redirectUri, state: 's'.repeat(43) }
  const answered = awaitAnswer(expected, listener, undefined, limit.signal)
  expect((await visit(`${listener.redirectUri}?state=x`)).status).toBe(400)
  limit.abort()
  await expect(answered).rejects.toMatchObject({ reason: 'no_answer' } satisfies Partial<AuthError>)
  listener.close()
  await expect(visit(listener.redirectUri)).rejects.toThrow('ECONNREFUSED')
})

test('an answer behind another request on the same connection counts', async () => {
  const listener = await openAnswerListener()
  const { port, pathname } = new URL(listener.redirectUri)
  const answered = listener.wait((address) => address.endsWith('?good'))
  const host = `Host: 127.0.0.1:${port}`
  // The first is answered with the end of the connection.
  const lines = ['GET / HTTP/1.1', host, '', `GET ${pathname}?good HTTP/1.1`, host]
  expect(await speak(Number(port), lines)).toBe(404)
  expect(await answered).toBe(`${listener.redirectUri}?good`)
  listener.close()
})

test('a port that is taken is told', async () => {
  const first = await openAnswerListener()
  const port = Number(new URL(first.redirectUri).port)
  const second = openAnswerListener({ hostname: 'localhost', port, path: '/back' })
  await expect(second).rejects.toMatchObject({
    reason: 'no_listener',
    message: expect.stringContaining(`${port}`),
  })
  first.close()
})

describe('what a browser is started with', () => {
  const good = 'https://accounts.google.com/o/oauth2/v2/auth?a=b&c=d%20e'
  test.each<[string, string, Record<string, string>, readonly string[] | undefined]>([
    ['linux', good, { DISPLAY: ':0' }, ['xdg-open', good]],
    ['linux', good, { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open', good]],
    ['linux', good, { DISPLAY: '', WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open', good]],
    ['linux', good, { WSL_DISTRO_NAME: 'x' }, ['rundll32.exe', 'url.dll,FileProtocolHandler', good]],
    ['linux', good, {}, undefined],
    ['darwin', good, {}, ['open', good]],
    ['darwin', good, { SSH_CONNECTION: 'a' }, undefined],
    ['win32', good, {}, [String.raw`C:\Windows\System32\rundll32.exe`, 'url.dll,FileProtocolHandler', good]],
    [
      'win32',
      good,
      { SystemRoot: String.raw`D:\WinNT` },
      [String.raw`D:\WinNT\System32\rundll32.exe`, 'url.dll,FileProtocolHandler', good],
    ],
    [
      'linux',
      'http://127.0.0.1:9090/auth?a=b',
      { DISPLAY: ':0' },
      ['xdg-open', 'http://127.0.0.1:9090/auth?a=b'],
    ],
  ])('on %s for %s with %j', (platform, address, env, command) =>
    expect(browserCommand(address, { platform, env })).toEqual(command),
  )

  test.each([
    '-x',
    '--version',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'http://accounts.google.com/',
    'https://x/$(id) a',
    'https://x/`id`',
    'https://x/"$(id)"',
    'https://x/|calc',
    'https://x/\ncalc',
    'https://a@evil.example.com/',
    ' https://accounts.google.com/',
    'ms-settings:',
    String.raw`\\evil.example.com\share`,
  ])('nothing at all for %j', (address) => {
    for (const platform of ['linux', 'darwin', 'win32'])
      expect(browserCommand(address, { platform, env: { DISPLAY: ':0' } })).toBeUndefined()
  })
})
