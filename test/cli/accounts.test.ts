import { chmod, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createClient } from 'discokit'
import { adc, authorizedUser, type SavedLogin, userCredentials } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { fileLoginStore } from 'discokit/node'
import { environmentOf } from './login-command.ts'
import { type Outcome, runCommand } from './run-command.ts'
import { scriptedProvider } from './scripted-provider.ts'

const FILE = 'https://www.googleapis.com/auth/drive.file'
const EMAIL = 'https://www.googleapis.com/auth/userinfo.email'

let folder: string
let emulator: Emulator

beforeAll(async () => {
  emulator = await createEmulator()
  await emulator.listen()
})
afterAll(() => emulator.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-accounts-'))
})
afterEach(() => rm(folder, { recursive: true }))

const run = (argv: readonly string[], at = emulator.url): Promise<Outcome> =>
  runCommand(argv, { cwd: folder, env: environmentOf(folder, at) })
const store = (): ReturnType<typeof fileLoginStore> =>
  fileLoginStore({ folder: join(folder, 'config/logins') })

/** A login as `discokit login` keeps it. */
function loginOf(email: string, url = emulator.url): SavedLogin & { readonly refreshToken: string } {
  const { client_id, client_secret, refresh_token } = emulator.authorizedUser({ email, scopes: [FILE] })
  return {
    accessToken: 'canary-access',
    expiresAt: 0,
    refreshToken: refresh_token,
    scopes: ['openid', EMAIL, FILE],
    claims: { iss: 'https://accounts.google.com', sub: '12345', aud: client_id, exp: 1, iat: 1, email },
    client: {
      clientId: client_id,
      clientSecret: client_secret,
      tokenUri: `${url}/oauth2.googleapis.com/token`,
      revokeUri: `${url}/oauth2.googleapis.com/revoke`,
    },
  }
}

/** A login that cannot be opened: its file is sealed for another place. @returns the path */
async function damagedLogin(account: string): Promise<string> {
  const logins = join(folder, 'config/logins')
  const files = async (): Promise<string[]> =>
    (await readdir(logins)).filter((name) => name.endsWith('.login'))
  await store().put('other', loginOf('other@example.com'), undefined)
  const [other = ''] = await files()
  await store().put(account, loginOf('canary@example.com'), undefined)
  const name = (await files()).find((found) => found !== other) ?? ''
  await rename(join(logins, other), join(logins, name))
  return join(logins, name)
}

/** Whether the emulator still takes a refresh token. */
async function works({ client, refreshToken }: SavedLogin): Promise<boolean> {
  const auth = userCredentials({ ...client!, refreshToken: refreshToken! })
  await using google = createClient({ endpoint: emulator.url, auth })
  const drive = await google.discover('drive:v3')
  // The client must not be closed before.
  return await drive['files'].list().then(
    () => true,
    () => false,
  )
}

describe('discokit accounts', () => {
  test('shows who has logged in, and no secret', async () => {
    const ada = loginOf('ada@example.com')
    await store().put('default', ada, undefined)
    const { claims: _, ...unknown } = loginOf('bob@example.com')
    await store().put(
      'work\u202e',
      { ...unknown, refreshTokenExpiresAt: Date.parse('2999-11-27') },
      undefined,
    )
    await store().put('zoe', { ...unknown, scopes: [], refreshTokenExpiresAt: 1 }, undefined)
    const { code, stdout, stderr } = await run(['accounts'])
    expect([code, stderr]).toEqual([0, ''])
    const id = ada.client!.clientId.slice(0, 13)
    expect(stdout.replaceAll(id, 'CLIENT-------')).toBe(
      [
        'ACCOUNT  PERSON           ENDS        CLIENT          SCOPES',
        'default  ada@example.com  -           CLIENT-------…  openid email drive.file',
        'work�    -                2999-11-27  CLIENT-------…  openid email drive.file',
        'zoe      -                has ended   CLIENT-------…',
        '',
      ].join('\n'),
    )
    const json = await run(['accounts', '--json'])
    expect(JSON.parse(json.stdout)[0]).toEqual({
      account: 'default',
      sub: '12345',
      email: 'ada@example.com',
      scopes: ['openid', EMAIL, FILE],
      clientId: ada.client!.clientId,
    })
    for (const secret of [ada.refreshToken, ada.client!.clientSecret!, 'canary-access'])
      expect(stdout + json.stdout).not.toContain(secret)
  })

  test('says so where nobody has, and makes nothing', async () => {
    expect(await run(['accounts'])).toMatchObject({
      code: 0,
      stdout: 'Nobody has logged in here: discokit login\n',
    })
    expect((await run(['accounts', '--json'])).stdout).toBe('[]\n')
    expect(await run(['logout', '--all'])).toMatchObject({ code: 0, stdout: 'Nobody has logged in here.\n' })
    expect(await readdir(folder)).toEqual([])
  })

  test('says which file cannot be opened, and shows the others', async () => {
    const damaged = await damagedLogin('bob')
    await store().put('ada', loginOf('ada@example.com'), undefined)
    const { code, stdout, stderr } = await run(['accounts'])
    expect([code, stdout.split('\n').map((line) => line.slice(0, 24))]).toEqual([
      1,
      ['ACCOUNT  PERSON         ', 'ada      ada@example.com', ''],
    ])
    expect(stderr).toMatch(/^discokit: .*\n$/)
    expect(stderr).toContain(damaged)
    const json = await run(['accounts', '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject([{ account: 'ada' }])
    expect([json.code, json.stderr]).toEqual([1, stderr])
    await chmod(damaged, 0o644)
    expect(await run(['accounts'])).toMatchObject({
      code: 1,
      stdout,
      stderr: expect.stringContaining(`${damaged} is open to other users`),
    })
  })

  test('fails as a whole where the key is gone', async () => {
    await store().put('ada', loginOf('ada@example.com'), undefined)
    await rm(join(folder, 'config/logins.key'))
    const { code, stdout, stderr } = await run(['accounts'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('their key is not in')
  })
})

describe('discokit accounts export', () => {
  test('writes a file that programs of all kinds take', async () => {
    const ada = loginOf('ada@example.com')
    await store().put('default', ada, undefined)
    const { code, stdout, stderr } = await run(['accounts', 'export', 'default', '--to', 'ada.json'])
    expect([code, stdout, stderr]).toEqual([0, 'GOOGLE_APPLICATION_CREDENTIALS=ada.json\n', ''])
    expect((await stat(join(folder, 'ada.json'))).mode & 0o777).toBe(0o600)
    const text = await readFile(join(folder, 'ada.json'), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ type: 'authorized_user', refresh_token: ada.refreshToken })
    expect(authorizedUser(text)).toMatchObject({ refreshToken: ada.refreshToken })
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder, 'ada.json'))
    await using google = createClient({ endpoint: emulator.url, auth: adc() })
    const drive = await google.discover('drive:v3')
    expect(await drive['files'].list()).toMatchObject({ files: [] })
    const again = await run(['accounts', 'export', 'default', '--to', 'ada.json'])
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('ada.json exists already') })
    expect(await readFile(join(folder, 'ada.json'), 'utf8')).toBe(text)
    // Into a pipe it needs no option.
    expect((await run(['accounts', 'export', 'default'])).stdout).toBe(text)
  })

  test('fails for one that is not there, or not whole', async () => {
    await store().put('half', { accessToken: 'canary-access' }, undefined)
    expect(await run(['accounts', 'export', 'nobody'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: 'discokit: there is no login nobody; log in: discokit login --account nobody\n',
    })
    expect(await run(['accounts', 'export', 'half'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('has no refresh token and client'),
    })
  })

  test.each([
    [
      ['exprt', 'a'],
      "there is no 'accounts exprt': accounts alone, or accounts export (did you mean 'export'?)",
    ],
    [['export'], 'which login? discokit accounts export NAME'],
    [['export', 'a', 'b'], "takes no 'b'"],
    [['--to', 'x'], '--to and --show are of: discokit accounts export NAME'],
    [['export', 'a', '--to', 'x', '--show'], 'do not go together'],
    [['export', 'a', '--to='], '--to needs a value'],
    [['export', 'a', '--json'], 'an export is JSON in any case'],
    [['export', 'x'.repeat(201)], 'the name of an account must be a text of 1 to 200 characters'],
  ])('%j is refused', async (argv, message) => {
    const { code, stderr } = await run(['accounts', ...argv])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})

describe('discokit logout', () => {
  test('revokes the consent, and forgets the login', async () => {
    const ada = loginOf('ada@example.com')
    await store().put('default', ada, undefined)
    expect(await works(ada)).toBe(true)
    expect(await run(['logout'])).toMatchObject({
      code: 0,
      stdout: 'ok default              ada@example.com: revoked and forgotten\n',
    })
    expect(await works(ada)).toBe(false)
    expect(await store().accounts()).toEqual([])
    expect(await run(['logout'])).toMatchObject({
      code: 1,
      stderr: 'discokit: there is no login default; discokit accounts shows those that there are\n',
    })
  })

  test('tells which other logins end with it', async () => {
    const ada = loginOf('ada@example.com')
    await store().put('default', ada, undefined)
    await store().put('notes', ada, undefined)
    await store().put('other', { ...ada, claims: { ...ada.claims!, sub: '6' } }, undefined)
    expect((await run(['logout'])).stdout.split('\n')).toEqual([
      'ok default              ada@example.com: revoked and forgotten',
      '!  notes                has ended too: it is of the same person and client',
      '',
    ])
    expect(await run(['logout', '--account', 'notes'])).toMatchObject({
      stdout: expect.stringContaining('was worth nothing any more, and is forgotten'),
    })
  })

  test('names the account so that it can be named again', async () => {
    await store().put('--all', { ...loginOf('ada@example.com'), client: { clientId: 'c' } }, undefined)
    const { code, stderr } = await run(['logout', '--account=--all'])
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("discokit logout --account='--all' --local only forgets it here"),
    ])
    expect(await run(['logout', '--account=--all', '--local'])).toMatchObject({ code: 0 })
  })

  test('forgets what is worth nothing any more', async () => {
    await store().put('default', { ...loginOf('ada@example.com'), refreshToken: 'gone' }, undefined)
    const { code, stdout } = await run(['logout'])
    expect([code, stdout]).toEqual([
      0,
      'ok default              ada@example.com: was worth nothing any more, and is forgotten\n',
    ])
  })

  test('says where the login is to be ended that an emulator gave, and names nobody who is not known', async () => {
    const { claims: _, ...login } = loginOf('ada@example.com')
    await store().put('default', login, undefined)
    const elsewhere = await run(['logout'], 'http://127.0.0.1:1')
    expect(elsewhere.stderr).toContain(
      `Set DISCOKIT_EMULATOR=${emulator.url} to end it there; discokit logout --local`,
    )
    expect((await run(['logout'])).stdout).toBe('ok default              revoked and forgotten\n')
  })

  test('ends all of them', async () => {
    const both = [loginOf('ada@example.com'), loginOf('bob@example.com')]
    await store().put('ada', both[0]!, undefined)
    await store().put('bob', both[1]!, undefined)
    const tokenUri = 'https://oauth2.googleapis.com/token'
    await store().put('google', { ...both[0]!, client: { clientId: 'c', tokenUri } }, undefined)
    const { code, stdout, stderr } = await run(['logout', '--all'])
    expect(stdout).toContain('ok ada                  ada@example.com: revoked and forgotten\n')
    expect(stdout).toContain('ok bob                  bob@example.com: revoked and forgotten\n')
    expect(stderr).toContain('the login google is not one of the emulator')
    expect(stderr).toContain(
      'Unset DISCOKIT_EMULATOR to end it at Google; discokit logout --account google --local',
    )
    expect(code).toBe(1)
    expect(await store().accounts()).toEqual(['google'])
    expect(await Promise.all(both.map(works))).toEqual([false, false])
  })

  test('ends those that can be opened, and says which cannot', async () => {
    const damaged = await damagedLogin('bob')
    const ada = loginOf('ada@example.com')
    await store().put('ada', ada, undefined)
    const { code, stdout, stderr } = await run(['logout', '--all'])
    expect([code, stdout]).toEqual([1, 'ok ada                  ada@example.com: revoked and forgotten\n'])
    expect(stderr).toContain(damaged)
    expect(await works(ada)).toBe(false)
    expect(await store().contents()).toMatchObject({ accounts: [], unreadable: [{ name: 'AuthError' }] })
    expect(await run(['logout', '--account', 'bob'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('discokit logout --account bob --local only forgets it here'),
    })
    expect(await run(['logout', '--account', 'bob', '--local'])).toMatchObject({
      code: 0,
      stdout: 'ok bob                  could not be opened, and is forgotten here, not revoked\n',
    })
    expect(await store().accounts()).toEqual([])
  })

  test('tells which others end with it, though one cannot be opened', async () => {
    await damagedLogin('bob')
    const ada = loginOf('ada@example.com')
    await store().put('default', ada, undefined)
    await store().put('notes', ada, undefined)
    const { code, stdout } = await run(['logout'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('!  notes                has ended too')])
  })

  test('keeps the login when it cannot be revoked, unless told to', async () => {
    const down = await scriptedProvider({ '/oauth2.googleapis.com/revoke': [503, { error: 'canary' }] })
    const ada = loginOf('ada@example.com', down.url)
    await store().put('ada', ada, undefined)
    const { code, stdout, stderr } = await run(['logout', '--account', 'ada'], down.url)
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('the login ada is still there')
    expect(stderr).toContain('discokit logout --account ada --local only forgets it here')
    expect(stderr).not.toContain(ada.refreshToken)
    expect(await store().accounts()).toEqual(['ada'])
    expect(down.asked.map(([path]) => path)).toEqual(['/oauth2.googleapis.com/revoke']) // no token in it
    expect(down.asked[0]![1].get('token')).toBe(ada.refreshToken)
    expect(await run(['logout', '--account', 'ada', '--local'], down.url)).toMatchObject({
      code: 0,
      stdout: 'ok ada                  ada@example.com: forgotten here, not revoked\n',
    })
    expect(down.asked.length).toBe(1)
    expect(await store().accounts()).toEqual([])
    await down.close()
  })

  test.each([
    ['a newer login stays', { refreshToken: 'newer', accessToken: 'n' }, 1, ['ada']],
    ['a renewal does not keep it', { accessToken: 'renewed' }, 0, []],
  ])('when somebody writes meanwhile, %s', async (_name, change, expected, left) => {
    const slow = await scriptedProvider({
      '/oauth2.googleapis.com/revoke': async () => {
        const { login, version } = (await store().get('ada'))!
        await store().put('ada', { ...login, ...change }, version)
        return [200, {}]
      },
    })
    await store().put('ada', loginOf('ada@example.com', slow.url), undefined)
    const { code, stderr } = await run(['logout', '--account', 'ada'], slow.url)
    expect(code).toBe(expected)
    if (expected === 1) expect(stderr).toContain('somebody logged in as ada meanwhile; that login was left')
    expect(await store().accounts()).toEqual(left)
    await slow.close()
  })

  test.each([
    [['default'], "discokit logout takes no 'default'"],
    [['--account='], '--account needs a value'],
    [['--account', '--all'], '--account needs a value'],
    [['--all', '--account', 'a'], '--all ends every login'],
    [['--account', 'a\nb'], 'the name of an account must be a text of 1 to 200 characters'],
  ])('%j is refused', async (argv, message) => {
    const { code, stderr } = await run(['logout', ...argv])
    expect(stderr).toContain(message)
    expect(code).toBe(2)
  })
})
