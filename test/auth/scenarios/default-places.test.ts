/** Scenarios 7, 104 and 105: the files that application default credentials come from, good and bad. */
import { execFileSync } from 'node:child_process'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { inspect } from 'node:util'
import { AuthError, ValidationError } from 'discokit'
import { adc, type DefaultOptions, serviceAccount } from 'discokit/auth'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { API, endpoint, scripted, type Scripted } from '../endpoint.ts'
import { GCLOUD, useHome } from '../home.ts'
import { keyFile, PKCS8 } from '../keys.ts'

const NOW = 1_767_225_600_000
const clock = { now: () => NOW }
const ROBOT = 'robot@p.iam.gserviceaccount.com'
const USER = { type: 'authorized_user', client_id: 'c', client_secret: 's', refresh_token: 'r' }
const POOL = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/builds'
const IMPERSONATION = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`
const IMPERSONATED = {
  type: 'impersonated_service_account',
  service_account_impersonation_url: IMPERSONATION,
  source_credentials: USER,
}
const { path: at, place } = useHome()
let external: Record<string, unknown>

beforeEach(async () => {
  external = {
    type: 'external_account',
    audience: POOL,
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
    credential_source: { file: await place('subject', 'theirs') },
  }
})
const name = (path: string): void => void vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', path)

/** What a call came to with whatever is found. */
async function outcome(options?: DefaultOptions): Promise<unknown> {
  const google = endpoint()
  return google
    .fetch(adc(options))(API)
    .then(
      () => google.forms[0]?.get('grant_type'),
      (error: unknown) => {
        expect([...google.tokenRequests, ...google.calls]).toEqual([])
        return error
      },
    )
}

describe('the path of a file', () => {
  test("[104] may be that of gcloud's own", async () => {
    name(await place(GCLOUD, USER))
    expect(await outcome()).toBe('refresh_token')
    await rm(at(GCLOUD))
    expect(await outcome()).toMatchObject({ reason: 'invalid_key_file' })
  })

  test('[104] may be a link to a good file, and no broken one', async () => {
    const link = at('link.json')
    await symlink(at('good.json'), link)
    name(link)
    await place(GCLOUD, USER)
    const { message } = (await outcome()) as AuthError
    expect(message).toContain(`${link}, which GOOGLE_APPLICATION_CREDENTIALS names, does not exist`)
    await place('good.json', keyFile())
    expect(await outcome()).toContain('jwt-bearer')
  })

  const pipe = (): string => {
    const path = at('pipe')
    execFileSync('mkfifo', [path])
    return path
  }

  const ENDLESS: readonly [string, () => string | Promise<string>, string][] = [
    ['a pipe', pipe, 'is not a plain file'],
    ['a device', () => '/dev/zero', 'is not a plain file'],
    ['a huge file', () => place('huge', '{'.repeat(1_048_577)), 'is larger than 1048576 bytes'],
  ]
  test.for(ENDLESS)('[104] does not lead to %s, which may have no end', async ([, make, why], context) => {
    context.skip(process.platform === 'win32', 'has neither pipes nor devices among its files')
    const path = await make()
    name(path)
    expect(((await outcome()) as AuthError).message).toContain(why)
    const google = endpoint()
    await expect(google.fetch(serviceAccount({ keyFile: path }))(API)).rejects.toThrow(`${path} ${why}`)
    name('')
    vi.stubEnv('CLOUDSDK_CONFIG', at('config'))
    await mkdir(at('config'))
    await symlink(path, at('config/application_default_credentials.json'))
    expect(((await outcome()) as AuthError).message).toContain(why)
  })

  test.each([
    ['JSON', JSON.stringify(keyFile())],
    ['JSON over lines', JSON.stringify(keyFile(), null, 2)],
    ['JSON in base64', Buffer.from(JSON.stringify(keyFile())).toString('base64')],
    ['a long text', `${PKCS8.split('\n')[3]}`.repeat(80)],
  ])('is not repeated where it is no path but %s', async (_, content) => {
    name(content)
    const error = (await outcome()) as AuthError
    expect(error).toBeInstanceOf(AuthError)
    expect(error.message).toBe(
      'GOOGLE_APPLICATION_CREDENTIALS holds content where a path belongs; put that into a file and name the file, or ' +
        'pass it to serviceAccount({ key })',
    )
    const steps = await adc().why()
    expect(steps[0]!.outcome).toBe('unusable')
    for (const shown of [
      inspect(error, { depth: Infinity, showHidden: true }),
      JSON.stringify(error),
      JSON.stringify(steps),
    ]) {
      expect(shown).not.toContain(PKCS8.split('\n')[3]!.slice(0, 12))
      expect(shown).not.toContain(content.slice(0, 12))
    }
  })
})

describe('a file', () => {
  const bearer = (access_token: string): Scripted => ({
    text: JSON.stringify({ access_token, expires_in: 3600, token_type: 'Bearer' }),
  })
  const STS = 'https://sts.googleapis.com/v1/token'

  test.each([
    ['service_account', () => keyFile(), ['https://oauth2.googleapis.com/token']],
    ['authorized_user', () => USER, ['https://oauth2.googleapis.com/token']],
    [
      'external_account_authorized_user',
      () => ({ ...USER, type: 'external_account_authorized_user', audience: POOL }),
      ['https://sts.googleapis.com/v1/oauthtoken'],
    ],
    ['external_account', () => external, [STS]],
    [
      'external_account',
      () => ({ ...external, service_account_impersonation_url: IMPERSONATION }),
      [STS, IMPERSONATION],
    ],
    [
      'impersonated_service_account',
      () => IMPERSONATED,
      ['https://oauth2.googleapis.com/token', IMPERSONATION],
    ],
  ])('[105] of the type %s lets a program in', async (_, content, asked) => {
    name(await place('file.json', content()))
    const at = scripted(({ url }) =>
      url === IMPERSONATION
        ? { text: JSON.stringify({ accessToken: 'last', expireTime: '2026-01-01T01:00:00Z' }) }
        : bearer(asked.length === 1 ? 'last' : 'first'),
    )
    await at.fetch(adc(), clock)(API)
    expect(at.asked.map(({ url }) => url)).toEqual(asked)
    expect(at.calls[0]!.headers['authorization']).toBe('Bearer last')
  })

  const WRONG = [
    [() => ({ ...external, client_secret: 's' }), 'clientSecret goes with clientId'],
    [
      () => ({ ...external, workforce_pool_user_project: 'p' }),
      'workforcePoolUserProject is for workforce pools',
    ],
    [() => ({ ...IMPERSONATED, delegates: ['nonsense'] }), 'delegates must be a list of addresses'],
    [
      () => ({ ...USER, token_uri: 'https://my-bucket.storage.googleapis.com/token' }),
      'has a token_uri at my-bucket.storage.googleapis.com',
    ],
    [
      () => ({ ...IMPERSONATED, source_credentials: { ...USER, token_uri: 'https://evil.example/token' } }),
      'has a token_uri at evil.example',
    ],
  ] as const

  test.each(WRONG)('[105] that cannot be used is named, and why() says so: %#', async (content, why) => {
    const path = await place('file.json', content())
    name(path)
    const error = (await outcome()) as AuthError
    expect(error).toBeInstanceOf(AuthError)
    expect(error.message).toContain(path)
    expect(error.message).toContain(why)
    expect((await adc().why())[0]).toEqual({
      place: 'GOOGLE_APPLICATION_CREDENTIALS',
      outcome: 'unusable',
      detail: error.message,
    })
  })

  test.each([
    ['service_account', () => keyFile({ token_uri: undefined })],
    ['authorized_user', () => USER],
    ['external_account', () => external],
    ['impersonated_service_account', () => IMPERSONATED],
  ])('[7] of another universe is refused, of the type %s', async (_, content) => {
    name(await place('file.json', { ...content(), universe_domain: 'example.org' }))
    expect(await outcome()).toMatchObject({
      reason: 'invalid_key_file',
      message: expect.stringContaining(
        "is of the universe example.org; pass universeDomain: 'example.org'",
      ) as string,
    })
  })

  test('[7] of another universe is good where the program says so, and tells which', async () => {
    name(await place('file.json', keyFile({ token_uri: undefined, universe_domain: 'example.org' })))
    expect(await outcome({ universeDomain: 'example.org' })).toBeUndefined() // it signs its tokens itself
    expect(await adc({ universeDomain: 'example.org' }).universeDomain()).toBe('example.org')
    name(await place('own.json', keyFile()))
    expect(await adc().universeDomain()).toBe('googleapis.com')
    expect(await outcome({ universeDomain: 'example.org' })).toMatchObject({ reason: 'origin_not_allowed' })
  })
})

test.each([{ scopes: [] }, { scopes: 'x' }, { scopes: [7] }, { quotaProject: 7 }, { universeDomain: '' }])(
  'options that cannot be used are refused at once: %j',
  (options) => {
    expect(() => adc(options as never)).toThrow(ValidationError)
    expect(() => adc(options as never)).toThrow(Object.keys(options)[0]!)
  },
)
