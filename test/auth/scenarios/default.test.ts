/** Scenarios 104, 105, 107 and 108: where application default credentials are found, and the metadata server. */
import { rm, symlink } from 'node:fs/promises'
import { type AuthError, type HttpRequest, type Transport, TransportError } from 'discokit'
import {
  adc,
  authorizedFetch,
  type DefaultOptions,
  metadataCredentials,
  type MetadataOptions,
} from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { responseBody } from '../../../src/protocol/http-body.ts'
import { API, endpoint } from '../endpoint.ts'
import { GCLOUD, useHome } from '../home.ts'
import { keyFile } from '../keys.ts'
import { withoutWaiting } from '../waits.ts'

const USER = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' }
const { path: at, place } = useHome()

/** What the first token request was for, and what the call carried. */
async function found(options?: DefaultOptions) {
  const google = endpoint()
  await google.fetch(adc(options))(API)
  return {
    grant: google.forms[0]?.get('grant_type'),
    form: google.forms[0],
    headers: google.calls[0]!.headers,
  }
}
async function failure(): Promise<AuthError> {
  return endpoint()
    .fetch(adc())(API)
    .then(
      () => expect.unreachable(),
      (error: AuthError) => error,
    )
}

describe('application default credentials', () => {
  test('[104] are those of the environment, before those of gcloud', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await place('key.json', keyFile()))
    await place(GCLOUD, USER)
    expect((await found()).grant).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
  })

  test('[104] are those of gcloud where the environment names none', async () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '')
    await place(GCLOUD, USER)
    expect((await found()).grant).toBe('refresh_token')
  })

  test.each(['CLOUDSDK_CONFIG', 'APPDATA'])(
    '[104] are found where %s says that gcloud keeps them',
    async (name) => {
      const path = await place(
        `elsewhere/${name === 'APPDATA' ? 'gcloud/' : ''}application_default_credentials.json`,
        USER,
      )
      vi.stubEnv(name, path.replace(/(\/gcloud)?\/application_default_credentials\.json$/, ''))
      expect((await found()).grant).toBe('refresh_token')
    },
  )

  test('[104] may be reached by a link', async () => {
    const link = at('link.json')
    await symlink(await place('key.json', keyFile()), link)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', link)
    expect((await found()).grant).toContain('jwt-bearer')
  })

  test.each([
    ['missing.json', 'does not exist'],
    ['.', 'is a folder'],
  ])('[104] are not looked for elsewhere when the named file cannot be read: %s', async (name, why) => {
    await place(GCLOUD, USER)
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', at(name))
    const { message, reason } = await failure()
    expect([reason, message]).toEqual(['invalid_key_file', expect.stringContaining(why)])
    expect(message).toContain('GOOGLE_APPLICATION_CREDENTIALS')
  })

  test('[104] charge the project that is given, or the environment names, or the file', async () => {
    await place(GCLOUD, { ...USER, quota_project_id: 'of-file' })
    expect((await found()).headers['x-goog-user-project']).toBe('of-file')
    vi.stubEnv('GOOGLE_CLOUD_QUOTA_PROJECT', 'of-environment')
    expect((await found()).headers['x-goog-user-project']).toBe('of-environment')
    expect((await found({ quotaProject: 'given' })).headers['x-goog-user-project']).toBe('given')
  })

  test('have the scopes that are asked for', async () => {
    await place(GCLOUD, USER)
    expect((await found({ scopes: ['a', 'b'] })).form?.get('scope')).toBe('a b')
  })

  test.each([
    [{}, 'has no type'],
    [{ type: 'nonsense' }, "is of the unknown type 'nonsense'"],
    [{ type: 'external_account' }, 'lacks audience'],
    [{ type: 'external_account_authorized_user' }, 'lacks client_id and refresh_token and client_secret'],
    [{ type: 'impersonated_service_account' }, 'lacks service_account_impersonation_url'],
    [{ type: 'gdch_service_account' }, 'Google Distributed Cloud), which is not supported'],
    [{ type: 'authorized_user' }, 'lacks client_id and refresh_token'],
    [{ type: 'service_account' }, 'lacks client_email and private_key'],
    ['{', 'is not JSON'],
    ['[]', 'is not a JSON object'],
  ])('[105] of a file %j say what is wrong with it', async (content, why) => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', await place('key.json', content))
    expect((await failure()).message).toContain(why)
  })

  test('that are nowhere say where they were looked for', async () => {
    const { message, reason } = await failure()
    expect(reason).toBe('no_default_credentials')
    expect(message).toContain('GOOGLE_APPLICATION_CREDENTIALS is not set')
    expect(message).toContain(`${at(GCLOUD)} does not exist`)
    expect(message).toContain('METADATA_SERVER_DETECTION is none')
    expect(message).toContain('gcloud auth application-default login')
  })

  test('are looked for once, however many ask, and again after a failure', async () => {
    const google = endpoint()
    const fetch = google.fetch(adc())
    await expect(fetch(API)).rejects.toMatchObject({ reason: 'no_default_credentials' })
    await place(GCLOUD, USER)
    await Promise.all(Array.from({ length: 50 }, () => fetch(API)))
    expect(google.forms).toHaveLength(1)
    await rm(at(GCLOUD))
    await fetch(API)
    expect(google.calls).toHaveLength(51)
  })

  test('are not looked for before a call', () => {
    vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '/nowhere')
    expect(adc().kind).toBe('application default')
    expect(() => adc({ scope: 'a' } as never)).toThrow('scope')
  })
})

/** A metadata server in this process. */
function machine(
  answer: (request: HttpRequest, i: number) => { status?: number; text?: string; flavor?: string },
) {
  const asked: HttpRequest[] = []
  const transport: Transport = async (request) => {
    if (request.url.startsWith('https:')) return { status: 200, headers: {}, body: responseBody('{}') }
    const { status = 200, text = '', flavor = 'Google' } = answer(request, asked.push(request) - 1)
    return { status, headers: { 'metadata-flavor': flavor }, body: responseBody(text) }
  }
  const call = (credentials: Parameters<typeof authorizedFetch>[0]) =>
    authorizedFetch(credentials, { transport })(API)
  return { asked, call }
}
const token = (value = 't', more: object = {}): { text: string } => ({
  text: JSON.stringify({ access_token: value, expires_in: 3600, token_type: 'Bearer', ...more }),
})

describe('the search for a metadata server', () => {
  beforeEach(() => {
    vi.stubEnv('METADATA_SERVER_DETECTION', undefined)
  })

  test('[107] asks whether one is there, and uses it', async () => {
    vi.stubEnv('METADATA_SERVER_DETECTION', ' Ping-Only ')
    const { asked, call } = machine(() => token())
    expect((await call(adc())).status).toBe(200)
    expect(asked.map(({ url }) => url)).toEqual([
      'http://metadata.google.internal/',
      'http://169.254.169.254/',
      'http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token',
    ])
    for (const { headers } of asked) expect(headers['metadata-flavor']).toBe('Google')
  })

  test.each([
    ['another flavor', { flavor: 'Vanilla' }],
    ['a failure', { status: 500 }],
  ])('[107] takes %s for nobody', async (_, answer) => {
    vi.stubEnv('METADATA_SERVER_DETECTION', 'ping-only')
    const { call } = machine(() => answer)
    await expect(call(adc())).rejects.toThrow('no metadata server answers at metadata.google.internal')
  })

  test.each([
    ['NO_GCE_CHECK', 'true'],
    ['METADATA_SERVER_DETECTION', 'none'],
    ['METADATA_SERVER_DETECTION', ' NONE '],
  ])('[107] asks nobody with %s=%s', async (name, value) => {
    vi.stubEnv(name, value)
    const { asked, call } = machine(() => token())
    await expect(call(adc())).rejects.toMatchObject({ reason: 'no_default_credentials' })
    expect(asked).toEqual([])
  })

  test.each([
    ['METADATA_SERVER_DETECTION', 'assume-present'],
    ['K_SERVICE', 'my-service'],
    ['FUNCTION_NAME', 'my-function'],
  ])('[107] does not ask where %s=%s says that it is there', async (name, value) => {
    vi.stubEnv(name, value)
    const { asked, call } = machine(() => token())
    await call(adc())
    expect(asked).toHaveLength(1)
  })

  test('[107] refuses a way to search that there is not', async () => {
    vi.stubEnv('METADATA_SERVER_DETECTION', 'sometimes')
    const { call } = machine(() => token())
    await expect(call(adc())).rejects.toThrow('must be assume-present, none, bios-only or ping-only')
  })
})

describe('the credential of the machine', () => {
  const ask = (options?: MetadataOptions) => metadataCredentials(options)

  test.each([
    [{}, 'default/token'],
    [{ serviceAccount: 'a@b.c' }, 'a%40b.c/token'],
    [{ scopes: ['https://a/b', 'c&d'] }, 'default/token?scopes=https%3A%2F%2Fa%2Fb%2Cc%26d'],
  ])('[108] is asked for with %j', async (options, path) => {
    const { asked, call } = machine(() => token())
    await call(ask(options))
    expect(asked[0]!.url).toBe(
      `http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/${path}`,
    )
  })

  test.each([
    ['GCE_METADATA_HOST', 'mds.example:8080'],
    ['GCE_METADATA_ROOT', 'http://old.example/'],
  ])('[108] is asked for where %s says', async (name, value) => {
    vi.stubEnv(name, value)
    const { asked, call } = machine(() => token())
    await call(ask())
    expect(asked[0]!.url).toMatch(/^http:\/\/(mds\.example:8080|old\.example)\/computeMetadata\/v1\//)
  })

  test('[108] is asked for again after 429 and 503, and broken connections', async () => {
    const { asked, call } = machine((_, i) => {
      if (i === 0) return { status: 429 }
      if (i === 1) return { status: 503 }
      if (i === 2) throw new TransportError('reset', { reason: 'ECONNRESET', progress: 'unsent' })
      return token()
    })
    const { result, waits } = await withoutWaiting(async () => call(ask()))
    expect(result.status).toBe(200)
    expect(asked).toHaveLength(4)
    expect(waits.filter((ms) => ms >= 1_000).slice(0, 3)).toEqual([1_000, 2_000, 4_000])
  })

  test.each([
    [{ status: 404 }, 'answered 404; does this machine have a service account?'],
    [{ ...token(), flavor: 'Vanilla' }, 'is no metadata server of Google'],
    [{ text: '<html>' }, 'it is not JSON'],
    [{ text: '{}' }, 'has no access_token'],
  ])('[108] is none when the answer is %j', async (answer, why) => {
    const { asked, call } = machine(() => answer)
    await expect(call(ask())).rejects.toThrow(why)
    expect(asked).toHaveLength(1)
  })

  test.each([{ scopes: [] }, { serviceAccount: '' }, { account: 'x' } as never])(
    'is refused with %j',
    (options) => {
      expect(() => ask(options)).toThrow('cannot be used')
    },
  )
})

describe('the emulator as a machine of Google Cloud', () => {
  let emulator: Emulator
  beforeEach(async () => {
    emulator = await createEmulator()
    const { url } = await emulator.listen()
    vi.stubEnv('GCE_METADATA_HOST', new URL(url).host)
    vi.stubEnv('METADATA_SERVER_DETECTION', undefined)
  })
  afterEach(() => emulator.close())

  test('lets a program in that has no key', async () => {
    const call = authorizedFetch(adc(), { allowedOrigins: [emulator.url] })
    expect((await call(`${emulator.url}/storage/v1/b?project=p`)).status).toBe(200)
    emulator.revokeTokens()
    expect((await call(`${emulator.url}/storage/v1/b?project=p`)).status).toBe(200)
  })

  test('speaks to those who know what it is', async () => {
    const get = async (path: string, headers: Record<string, string> = { 'metadata-flavor': 'Google' }) => {
      const answer = await fetch(`${emulator.url}/computeMetadata/v1/${path}`, { headers })
      return [answer.status, answer.headers.get('metadata-flavor'), await answer.text()]
    }
    expect(await get('project/project-id')).toEqual([200, 'Google', 'emulator-project'])
    expect((await get('instance/service-accounts/default/email'))[2]).toContain('@emulator-project.iam')
    expect((await get('instance/service-accounts/default/identity?audience=a%26b'))[2]).toMatch(
      /^ey.+\..+\..+$/,
    )
    expect((await get('nothing'))[0]).toBe(404)
    expect((await get('project/project-id', {}))[0]).toBe(403)
  })
})
