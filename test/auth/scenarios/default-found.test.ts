/** Scenarios 92 to 94, 106 and 108: ID tokens, the project and the machine's facts, of whatever credential is found. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuthError } from 'discokit'
import { adc, metadataCredentials } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { claimsOf } from '../claims.ts'
import { API, scripted, type Scripted, SERVICE } from '../endpoint.ts'
import { keyFile } from '../keys.ts'
import { withoutWaiting } from '../waits.ts'

const NOW = 1_767_225_600_000
const clock = { now: () => NOW }
const ROBOT = 'robot@p.iam.gserviceaccount.com'
const GCLOUD = '.config/gcloud/application_default_credentials.json'
const USER = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' }
const IMPERSONATED = {
  type: 'impersonated_service_account',
  service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`,
  delegates: ['projects/-/serviceAccounts/middle@p.iam.gserviceaccount.com'],
  source_credentials: USER,
}
const json = (content: object, more: Scripted = {}): Scripted => ({ text: JSON.stringify(content), ...more })
const segment = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url')
const ID_TOKEN = `${segment({ alg: 'RS256' })}.${segment({ iat: NOW / 1000, exp: NOW / 1000 + 3600 })}.c2ln`
const FLAVOR = { 'metadata-flavor': 'Google' }
const VARIABLES =
  'GOOGLE_APPLICATION_CREDENTIALS CLOUDSDK_CONFIG CLOUDSDK_CORE_PROJECT CLOUDSDK_ACTIVE_CONFIG_NAME APPDATA ' +
  'GOOGLE_CLOUD_QUOTA_PROJECT GOOGLE_CLOUD_PROJECT GCLOUD_PROJECT NO_GCE_CHECK GCE_METADATA_HOST GCE_METADATA_ROOT ' +
  'K_SERVICE FUNCTION_NAME'

let folder: string
let home: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-found-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  home = await mkdtemp(join(folder, 'home-'))
  for (const name of VARIABLES.split(' ')) vi.stubEnv(name, undefined)
  vi.stubEnv('HOME', home)
  vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
})
afterEach(() => {
  vi.unstubAllEnvs()
})
async function place(name: string, content: unknown): Promise<string> {
  const path = join(home, name)
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('ID tokens of what is found', () => {
  test('[94] come from the token endpoint for the file of a service account', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await place('key.json', keyFile()))
    const at = scripted(() => json({ id_token: ID_TOKEN }))
    await at.fetch(adc().idToken(SERVICE), clock)(SERVICE)
    const assertion = new URLSearchParams(at.asked[0]!.body as string).get('assertion')!
    expect(claimsOf(assertion)).toMatchObject({
      iss: ROBOT,
      target_audience: SERVICE,
    })
    expect(at.calls[0]!.headers['authorization']).toBe(`Bearer ${ID_TOKEN}`)
  })

  test('[94] come from IAM for the file of an impersonated service account', async () => {
    await place(GCLOUD, IMPERSONATED)
    const at = scripted(({ url }) =>
      url.endsWith('/token') ? json({ access_token: 'adas', expires_in: 3600 }) : json({ token: ID_TOKEN }),
    )
    await at.fetch(adc().idToken(SERVICE), clock)(SERVICE)
    const [, asked] = at.asked
    expect(asked!.url).toContain(`/serviceAccounts/${ROBOT}:generateIdToken`)
    expect(asked!.headers['authorization']).toBe('Bearer adas')
    expect(JSON.parse(asked!.body as string)).toMatchObject({
      audience: SERVICE,
      delegates: ['projects/-/serviceAccounts/middle@p.iam.gserviceaccount.com'],
    })
  })

  test('[92] [94] come from the metadata server of a machine', async () => {
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present')
    const at = scripted(() => ({ text: ID_TOKEN, headers: FLAVOR }))
    await at.fetch(adc().idToken(SERVICE), clock)(SERVICE)
    expect(at.asked.map(({ url }) => url)).toEqual([
      'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity' +
        `?audience=${encodeURIComponent(SERVICE)}&format=full`,
    ])
    expect(at.calls[0]!.headers['authorization']).toBe(`Bearer ${ID_TOKEN}`)
  })

  test('[93] are for the audience as it is, whatever characters it has', async () => {
    const at = scripted(() => ({ text: ID_TOKEN, headers: FLAVOR }))
    await at.fetch(metadataCredentials().idToken('a&format=x#b'), clock)(SERVICE)
    const { searchParams, hash } = new URL(at.asked[0]!.url)
    expect([...searchParams, hash]).toEqual([['audience', 'a&format=x#b'], ['format', 'full'], ''])
  })

  test.each([
    ['a bad path', () => '/nowhere/key.json', 'does not exist'],
    ['bad JSON', () => place('bad.json', '{'), 'is not JSON'],
    ['a user', () => place('user.json', USER), 'there are no ID tokens for a user, of the OAuth client c'],
  ])('[94] there are none for %s', async (_, file, why) => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await file())
    const at = scripted(() => json({ access_token: 't' }))
    await expect(at.fetch(adc().idToken(SERVICE), clock)(SERVICE)).rejects.toThrow(why)
    expect(at.asked).toEqual([])
  })

  test('[94] there are none where nothing is found', async () => {
    const at = scripted(() => json({}))
    await expect(at.fetch(adc().idToken(SERVICE), clock)(SERVICE)).rejects.toMatchObject({
      reason: 'no_default_credentials',
    })
    expect(() => adc().idToken('')).toThrow('audience')
  })
})

describe('an impersonated file', () => {
  test('[94] lets a program in that has only a person at hand', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await place('robot.json', IMPERSONATED))
    const at = scripted(({ url }) =>
      url.endsWith('/token')
        ? json({ access_token: 'adas', expires_in: 3600 })
        : json({ accessToken: 'robots', expireTime: '2026-01-01T01:00:00Z' }),
    )
    await at.fetch(adc({ scopes: ['a'] }), clock)(API)
    expect(JSON.parse(at.asked[1]!.body as string)).toMatchObject({ scope: ['a'] })
    expect(at.calls[0]!.headers['authorization']).toBe('Bearer robots')
  })

  test.each([
    [{ delegates: 'middle' }, 'delegates that are no list'],
    [{ source_credentials: IMPERSONATED }, 'impersonated too; name delegates'],
    [{ source_credentials: undefined }, 'is not a JSON object'],
    [{ source_credentials: { type: 'x' } }, "is of the unknown type 'x'"],
    [{ service_account_impersonation_url: 'https://evil.example/x:generateAccessToken' }, 'none of'],
  ])('[105] is refused with %j', async (more, why) => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await place('robot.json', { ...IMPERSONATED, ...more }))
    const at = scripted(() => json({}))
    await expect(at.fetch(adc(), clock)(API)).rejects.toThrow(why)
    expect(at.asked).toEqual([])
  })
})

describe('the project', () => {
  test('[106] is the one that the environment names, today or of old', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await place('key.json', keyFile()))
    expect(await adc().projectId()).toBe('p')
    vi.stubEnv('GCLOUD_PROJECT', 'of-old')
    expect(await adc().projectId()).toBe('of-old')
    vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'of-today')
    expect(await adc().projectId()).toBe('of-today')
  })

  test("[106] is that of gcloud's configuration, of which no program is started", async () => {
    await place(GCLOUD, USER)
    expect(await adc().projectId()).toBeUndefined()
    await place(
      '.config/gcloud/configurations/config_default',
      '[compute]\nproject = no\n[core]\nproject = own\n',
    )
    expect(await adc().projectId()).toBe('own')
    await place('.config/gcloud/active_config', 'work\n')
    await place(
      '.config/gcloud/configurations/config_work',
      '[core]\naccount = ada@example.com\nproject=works\n',
    )
    expect(await adc().projectId()).toBe('works')
    await place('.config/gcloud/active_config', '../../secret\n')
    expect(await adc().projectId()).toBeUndefined()
    vi.stubEnv('CLOUDSDK_CORE_PROJECT', 'named')
    expect(await adc().projectId()).toBe('named')
  })

  test('is asked for where there is a credential', async () => {
    await expect(adc().projectId()).rejects.toMatchObject({ reason: 'no_default_credentials' })
  })
})

describe('why', () => {
  test('says what came of each step', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', undefined)
    const path = await place(GCLOUD, USER)
    expect(await adc().why()).toEqual([
      {
        place: 'GOOGLE_APPLICATION_CREDENTIALS',
        outcome: 'nothing',
        detail: 'GOOGLE_APPLICATION_CREDENTIALS is not set',
      },
      { place: 'gcloud', outcome: 'found', detail: 'a user, of the OAuth client c' },
      { place: 'metadata server', outcome: 'not looked at', detail: '' },
    ])
    await rm(path)
    expect((await adc().why()).map(({ outcome }) => outcome)).toEqual(['nothing', 'nothing', 'nothing'])
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/nowhere')
    expect((await adc().why()).map(({ outcome }) => outcome)).toEqual([
      'unusable',
      'not looked at',
      'not looked at',
    ])
  })
})

describe('what a machine knows', () => {
  let emulator: Emulator
  let machine: ReturnType<typeof metadataCredentials>
  beforeEach(async () => {
    emulator = await createEmulator({ project: 'my-project' })
    const { url } = await emulator.listen()
    vi.stubEnv('GCE_METADATA_HOST', new URL(url).host)
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present')
    machine = metadataCredentials()
  })
  afterEach(() => emulator.close())

  test('[108] is text, or what JSON stands for, or nothing', async () => {
    expect(await machine.metadata('project/project-id')).toBe('my-project')
    expect(await machine.metadata('universe/universe-domain')).toBe('googleapis.com')
    expect(await machine.metadata('instance/service-accounts/default/?recursive=true')).toMatchObject({
      email: 'emulator@my-project.iam.gserviceaccount.com',
      aliases: ['default'],
    })
    expect(await machine.metadata('instance/attributes/nothing')).toBeUndefined()
    expect(await adc().projectId()).toBe('my-project')
  })

  test.each(['', '/project', '../x', 'a/../b', 'a#b', 'a b', 'a\n', 7 as never])(
    '[108] is at a path, which %j is not',
    async (path) => {
      await expect(machine.metadata(path)).rejects.toMatchObject({ code: 'invalid_input' })
    },
  )
})

test.each(['', '.', '..', '../token', '/default', '-x', 7, null])(
  'a machine has no account %j',
  (serviceAccount) => {
    const make = (): unknown => metadataCredentials({ serviceAccount: serviceAccount as never })
    expect(make).toThrow('serviceAccount: must be an address')
  },
)

test('an account of a machine is asked for by its name, whatever is in it', async () => {
  const at = scripted(() => ({ headers: FLAVOR, text: ID_TOKEN }))
  const machine = metadataCredentials({ serviceAccount: 'a/../b?c@p' })
  await at.fetch(machine.idToken(SERVICE), clock)(SERVICE)
  expect(new URL(at.asked[0]!.url).pathname).toBe(
    '/computeMetadata/v1/instance/service-accounts/a%2F..%2Fb%3Fc%40p/identity',
  )
})

describe('what a metadata server answers', () => {
  test('[108] is asked for again after 429', async () => {
    vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present')
    const at = scripted((_, i) => (i === 0 ? { status: 429 } : { headers: FLAVOR, text: ID_TOKEN }))
    const { result } = await withoutWaiting(() =>
      at.fetch(metadataCredentials().idToken(SERVICE), clock)(SERVICE),
    )
    expect(result.status).toBe(200)
    expect(at.asked).toHaveLength(2)
  })

  test.each([
    [{ text: 'x' }, 'does not say when'],
    [{ text: ID_TOKEN, headers: { 'metadata-flavor': 'Vanilla' } }, 'is no metadata server of Google'],
    [{ status: 404, headers: FLAVOR }, 'answered 404; does this machine have a service account?'],
  ])('[92] is no ID token: %j', async (answer, why) => {
    const at = scripted(() => ({ headers: FLAVOR, ...answer }))
    const failing = at.fetch(metadataCredentials().idToken(SERVICE), clock)(SERVICE)
    const error = (await failing.catch((reason: unknown) => reason)) as AuthError
    expect(error.message).toContain(why)
  })
})
