import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { claimsOf } from '../auth/claims.ts'
import { type Outcome, runCommand } from './run-command.ts'

let folder: string
let emulator: Emulator
let endpoint: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-cli-'))
  emulator = await createEmulator()
  endpoint = (await emulator.listen()).url
})
afterAll(async () => {
  await emulator.close()
  await rm(folder, { recursive: true })
})

const auth = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  runCommand(['auth', ...argv], { cwd: folder, env: { HOME: folder, CLOUDSDK_CONFIG: folder, ...env } })
const onMachine = (): Readonly<Record<string, string>> => ({
  GCE_METADATA_HOST: new URL(endpoint).host,
  METADATA_SERVER_DETECTION: 'assume-present',
})

describe('discokit auth why', () => {
  test('tells each step of the search, and the project', async () => {
    const key = await emulator.serviceAccountKey()
    const keyFile = join(folder, 'key.json')
    await writeFile(keyFile, JSON.stringify(key))
    const { code, stdout, stderr } = await auth(['why'], { GOOGLE_APPLICATION_CREDENTIALS: keyFile })
    expect(stdout.split('\n')).toEqual([
      `GOOGLE_APPLICATION_CREDENTIALS found         the service account ${key.client_email}`,
      'gcloud                         not looked at',
      'metadata server                not looked at',
      '',
      'project: emulator-project',
      '',
    ])
    expect([code, stderr]).toEqual([0, ''])
  })

  test('asks the machine for its project', async () => {
    const { code, stdout } = await auth(['why'], onMachine())
    expect(stdout).toContain(
      'metadata server                found         the service account of this machine',
    )
    expect(stdout).toContain('\nproject: emulator-project\n')
    expect(code).toBe(0)
  })

  test('fails where there is nothing, and says what would help', async () => {
    const { code, stdout, stderr } = await auth(['why'])
    expect(stdout.split('\n').map((line) => line.slice(31))).toEqual([
      'nothing       GOOGLE_APPLICATION_CREDENTIALS is not set',
      `nothing       ${folder}/application_default_credentials.json does not exist`,
      'nothing       METADATA_SERVER_DETECTION is none',
      '',
    ])
    expect(stderr).toContain('run gcloud auth application-default login')
    expect(code).toBe(1)
  })

  test('fails for a file that cannot be used, without its content', async () => {
    const file = join(folder, 'bad.json')
    await writeFile(file, '{"type":"service_account","private_key":"secret-one"}')
    const { code, stdout, stderr } = await auth(['why'], { GOOGLE_APPLICATION_CREDENTIALS: file })
    expect(stdout).toContain(`GOOGLE_APPLICATION_CREDENTIALS unusable      ${file}`)
    expect(stderr).toBe('discokit: what was found cannot be used\n')
    expect(stdout + stderr).not.toContain('secret-one')
    expect(code).toBe(1)
  })
})

test.each(['why', 'token'])(
  'discokit auth %s repeats nothing of a key that stands where a path belongs',
  async (action) => {
    const key = await emulator.serviceAccountKey()
    const { code, stdout, stderr } = await auth([action], {
      GOOGLE_APPLICATION_CREDENTIALS: JSON.stringify(key),
    })
    expect(stdout + stderr).toContain('GOOGLE_APPLICATION_CREDENTIALS holds content where a path belongs')
    expect(stdout + stderr).not.toContain(key.private_key.split('\n')[2]!.slice(0, 12))
    expect(stdout + stderr).not.toContain(key.client_email)
    expect(code).toBe(1)
  },
)

describe('discokit auth token', () => {
  test('prints an access token that works', async () => {
    const { code, stdout, stderr } = await auth(['token'], onMachine())
    expect([code, stderr]).toEqual([0, ''])
    await using google = createClient({ endpoint, auth: accessToken(stdout.trim()) })
    const storage = await google.discover('storage:v1')
    expect(await storage['buckets'].list({ project: 'emulator-project' })).toMatchObject({
      kind: 'storage#buckets',
    })
  })

  test('prints an ID token for an audience', async () => {
    const { code, stdout } = await auth(['token', '--audience', 'https://my.example'], onMachine())
    expect(claimsOf(stdout)).toMatchObject({ aud: 'https://my.example', iss: 'https://accounts.google.com' })
    expect(code).toBe(0)
  })

  test('fails where there is no credential', async () => {
    const { code, stdout, stderr } = await auth(['token', '--scopes', 'openid, email'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('there are no application default credentials')
  })
})

test.each([
  [[], 'discokit auth needs what to do: why or token'],
  [['wy'], "there is no 'auth wy': why or token (did you mean 'why'?)"],
  [['why', 'now'], "discokit auth why takes no 'now'"],
  [['why', '--scopes', 'a'], 'discokit auth why takes no options'],
  [['token', '--scopes', 'a', '--audience', 'b'], 'has no --scopes'],
  [['token', '--audience', ''], '--audience needs a value'],
])('discokit auth %j is refused', async (argv, message) => {
  const { code, stderr } = await auth(argv)
  expect(stderr).toContain(message)
  expect(code).toBe(2)
})
