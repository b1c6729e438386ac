/** Scenarios 110 and 111: tokens of other providers and of one's own, exchanged for others (RFC 8693). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuthError, ValidationError } from 'discokit'
import {
  type AccessBoundaryRule,
  accessToken,
  adc,
  apiKey,
  authorizedFetch,
  type Credentials,
  downscoped,
  externalAccount,
  externalAccountFile,
  type ExternalAccountOptions,
  memoryTokenStore,
  serviceAccount,
  sharedTokens,
  type SubjectTokenRequest,
  userCredentials,
} from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { API, scripted, type Scripted, SERVICE } from '../endpoint.ts'
import { keyFile } from '../keys.ts'

const NOW = 1_767_225_600_000
const clock = { now: () => NOW }
const ROBOT = 'robot@p.iam.gserviceaccount.com'
const STS = 'https://sts.googleapis.com/v1/token'
const JWT = 'urn:ietf:params:oauth:token-type:jwt'
const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform'
const POOL = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/builds'
const WORKFORCE = '//iam.googleapis.com/locations/global/workforcePools/staff/providers/okta'
const json = (content: object, more: Scripted = {}): Scripted => ({ text: JSON.stringify(content), ...more })
const exchanged = (value = 'federated', more: object = { expires_in: 3600 }): Scripted =>
  json({ access_token: value, token_type: 'Bearer', issued_token_type: 'x', ...more })
const formOf = ({ body }: { readonly body?: unknown }): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(String(body)))

let folder: string
let keyPath: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-exchange-'))
  keyPath = join(folder, 'key.json')
  await writeFile(keyPath, JSON.stringify(keyFile()))
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => {
  vi.unstubAllEnvs()
})

const external = (more: Partial<ExternalAccountOptions> = {}) =>
  externalAccount({
    audience: POOL,
    subjectTokenType: JWT,
    subjectToken: async () => 'the-subject-token',
    ...more,
  })

describe('an external account', () => {
  test('[110] exchanges the token of its provider', async () => {
    const at = scripted(() => exchanged())
    await at.fetch(external({ quotaProject: 'q' }), clock)(API)
    expect(at.asked).toHaveLength(1)
    expect(at.asked[0]).toMatchObject({ method: 'POST', url: STS })
    expect(at.asked[0]!.headers).not.toHaveProperty('authorization')
    expect(formOf(at.asked[0]!)).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: POOL,
      scope: CLOUD_PLATFORM,
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token: 'the-subject-token',
      subject_token_type: JWT,
    })
    expect(at.calls[0]!.headers).toMatchObject({
      authorization: 'Bearer federated',
      'x-goog-user-project': 'q',
    })
  })

  test('[110] says in a header which OAuth client it is, with its characters encoded', async () => {
    const at = scripted(() => exchanged())
    await at.fetch(external({ clientId: 'a:b', clientSecret: 'c d&é' }), clock)(API)
    const login = at.asked[0]!.headers['authorization']!.replace('Basic ', '')
    expect(Buffer.from(login, 'base64').toString()).toBe('a%3Ab:c+d%26%C3%A9')
    expect(formOf(at.asked[0]!)).not.toHaveProperty('client_secret')
  })

  test('[110] says in the form which OAuth client it is, when it is told to', async () => {
    const at = scripted(() => exchanged())
    const client = { clientId: 'a:b', clientSecret: 'c d&é', clientAuthentication: 'body' } as const
    await at.fetch(external(client), clock)(API)
    await at.fetch(external({ clientId: 'public', clientAuthentication: 'body' }), clock)(API)
    for (const { headers } of at.asked) expect(headers).not.toHaveProperty('authorization')
    expect(at.asked.map(formOf)).toMatchObject([
      { client_id: 'a:b', client_secret: 'c d&é', audience: POOL, subject_token: 'the-subject-token' },
      { client_id: 'public' },
    ])
    expect(formOf(at.asked[1]!)).not.toHaveProperty('client_secret')
  })

  test('[110] shows no secret of its form in an error', async () => {
    const at = scripted(({ body }) =>
      json({ error: 'invalid_client', error_description: body }, { status: 401 }),
    )
    const clientSecret = 'the-client-secret'
    const credentials = external({ clientId: 'c', clientSecret, clientAuthentication: 'body' })
    const error = await at
      .fetch(
        credentials,
        clock,
      )(API)
      .catch((cause: unknown) => cause)
    expect(error).toMatchObject({ reason: 'invalid_client' })
    expect(JSON.stringify(error) + String(error)).not.toContain(clientSecret)
  })

  test.each([
    [
      { status: 400, text: '{"error":"invalid_grant","error_description":"Bad the-subject-token"}' },
      'invalid_grant',
    ],
    [{ status: 401, text: '{"error":"invalid_client"}' }, 'invalid_client'],
    [{ status: 400, text: '<html>' }, 'http_400'],
    [{ text: '<html>' }, 'unreadable_answer'],
    [{ text: '{"token_type":"Bearer"}' }, 'unreadable_answer'],
  ])('[110] is told why it has none: %j', async (answer, reason) => {
    const at = scripted(() => answer)
    const credentials = external({ clientId: 'client', clientSecret: 'the-client-secret' })
    const error = await at
      .fetch(
        credentials,
        clock,
      )(API)
      .catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ reason, message: expect.stringContaining('sts.googleapis.com') })
    const shown = JSON.stringify(error) + String(error)
    expect(shown).not.toMatch(/key|clock|delegation/)
    expect(shown).not.toContain('the-subject-token')
    expect(shown).not.toContain('the-client-secret')
  })

  test('[111] speaks for a service account, with scopes that are for that alone', async () => {
    const at = scripted(({ url }) =>
      url === STS ? exchanged() : json({ accessToken: 'robots', expireTime: '2026-01-01T00:30:00Z' }),
    )
    const credentials = external({ serviceAccount: ROBOT, scopes: ['a'], lifetimeMs: 1_800_000 })
    await at.fetch(credentials, clock)(API)
    const [exchange, impersonation] = at.asked
    expect(formOf(exchange!)['scope']).toBe(CLOUD_PLATFORM)
    expect(impersonation!.url).toBe(
      `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`,
    )
    expect(impersonation!.headers['authorization']).toBe('Bearer federated')
    expect(JSON.parse(impersonation!.body as string)).toEqual({ scope: ['a'], lifetime: '1800s' })
    expect(at.calls[0]!.headers['authorization']).toBe('Bearer robots')
    expect(typeof credentials.idToken).toBe('function')
    expect(external().idToken).toBeUndefined()
  })

  test('[111] charges the project of a workforce where there is no OAuth client', async () => {
    const workforce = { audience: WORKFORCE, workforcePoolUserProject: 'p' }
    const at = scripted(() => exchanged())
    await at.fetch(external(workforce), clock)(API)
    await at.fetch(external({ ...workforce, clientId: 'c', clientSecret: 's' }), clock)(API)
    expect(at.asked.map((request) => formOf(request)['options'])).toEqual(['{"userProject":"p"}', undefined])
    expect(() => external({ workforcePoolUserProject: 'p' })).toThrow(ValidationError)
  })

  test('[111] exchanges once for many callers, and asks its provider each time', async () => {
    let now = NOW
    const given: SubjectTokenRequest[] = []
    const at = scripted(() => exchanged())
    const subjectToken = async (request: SubjectTokenRequest): Promise<string> => {
      given.push(request)
      return ` subject-${given.length}\n`
    }
    const fetch = at.fetch(external({ subjectToken }), { now: () => now })
    await Promise.all(Array.from({ length: 20 }, () => fetch(API)))
    now += 3_600_000
    await fetch(API)
    expect(at.asked.map((request) => formOf(request)['subject_token'])).toEqual(['subject-1', 'subject-2'])
    expect(given[0]).toEqual({ audience: POOL, subjectTokenType: JWT, impersonatedEmail: undefined })
  })

  test.each(['', ' \n', undefined, null, 7, { token: 'x' }])(
    '[111] asks nobody when its provider gives %j for a token',
    async (given) => {
      const at = scripted(() => exchanged())
      const subjectToken = async (): Promise<string> => given as never
      await expect(at.fetch(external({ subjectToken }), clock)(API)).rejects.toMatchObject({
        code: 'auth_failed',
        reason: 'subject_token',
        message: expect.stringContaining(POOL),
      })
      expect(at.asked).toEqual([])
    },
  )

  test.each([
    [{ audience: '' }, 'audience'],
    [{ subjectTokenType: undefined }, 'subjectTokenType'],
    [{ subjectToken: 'token' }, 'subjectToken'],
    [{ scopes: [] }, 'scopes'],
    [{ clientSecret: 's' }, 'clientSecret'],
    [{ clientId: 'c', clientAuthentication: 'header' }, 'clientAuthentication'],
    [{ serviceAccount: 'nobody' }, 'serviceAccount'],
    [{ subject: 'x' }, 'subject'],
  ])('is refused with %j', (more, path) => {
    const make = (): unknown => external(more as never)
    expect(make).toThrow(ValidationError)
    expect(make).toThrow(path)
  })
})

describe('a credential configuration file', () => {
  const FILE = {
    type: 'external_account',
    audience: POOL,
    subject_token_type: JWT,
    token_url: STS,
    credential_source: { url: 'https://ci.example.com/token' },
  }
  const IMPERSONATION = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${ROBOT}:generateAccessToken`

  test('[111] has everything that an external account needs', async () => {
    const at = scripted(({ url }) =>
      url.startsWith('https://ci.') ? { text: 'subject' } : exchanged('t', { expires_in: '3600' }),
    )
    await at.fetch(externalAccount(externalAccountFile(JSON.stringify(FILE))), clock)(API)
    expect(at.asked.map(({ url }) => url)).toEqual(['https://ci.example.com/token', STS])
    expect(formOf(at.asked[1]!)['subject_token']).toBe('subject')
    expect(
      externalAccountFile({
        ...FILE,
        service_account_impersonation_url: IMPERSONATION,
        service_account_impersonation: { token_lifetime_seconds: 600 },
        client_id: 'c',
        client_secret: 's',
        quota_project_id: 'q',
      }),
    ).toMatchObject({
      serviceAccount: ROBOT,
      lifetimeMs: 600_000,
      clientId: 'c',
      clientSecret: 's',
      quotaProject: 'q',
    })
  })

  test.each([
    [{ token_url: 'https://sts.googleapis.com.evil.example/v1/token' }, 'evil.example'],
    [{ token_url: 'http://sts.googleapis.com/v1/token' }, 'https'],
    [{ token_url: 'https://storage.googleapis.com/upload' }, 'token_uri'],
    [{ token_url: 7 }, 'token_url'],
    [{ service_account_impersonation_url: IMPERSONATION.replace('.com/', '.com.evil.example/') }, 'none of'],
    [{ service_account_impersonation_url: IMPERSONATION.replace('iamcredentials', 'storage') }, 'none of'],
    [{ service_account_impersonation_url: `${IMPERSONATION}?x` }, 'none of'],
    [{ service_account_impersonation_url: 'https://iamcredentials.googleapis.com/' }, 'none of'],
    [{ service_account_impersonation: { token_lifetime_seconds: 1e6 } }, 'token_lifetime_seconds'],
    [{ credential_source: undefined }, 'credential_source'],
    [{ audience: undefined }, 'lacks audience'],
    [{ type: 'service_account' }, "has not the type 'external_account'"],
  ])('[111] is refused with %j, and nothing is asked', (more, why) => {
    const read = (): unknown => externalAccountFile({ ...FILE, ...more })
    expect(read).toThrow(AuthError)
    expect(read).toThrow(why)
  })
})

describe('a downscoped credential', () => {
  const RULE: AccessBoundaryRule = {
    availableResource: '//storage.googleapis.com/projects/_/buckets/photos',
    availablePermissions: ['inRole:roles/storage.objectViewer'],
    availabilityCondition: { expression: "resource.name.startsWith('projects/_/buckets/photos/objects/a')" },
  }
  const limited = (rules: readonly AccessBoundaryRule[] = [RULE], source = accessToken('whole-token')) =>
    downscoped({ source, rules })

  test('[110] exchanges the token of its source, with rules that are encoded once', async () => {
    const at = scripted(() => exchanged('limited'))
    await at.fetch(limited(), clock)(API)
    const form = formOf(at.asked[0]!)
    expect(form).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: 'whole-token',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    })
    expect(form).not.toHaveProperty('audience')
    expect(JSON.parse(form['options']!)).toEqual({ accessBoundary: { accessBoundaryRules: [RULE] } })
    expect(at.calls[0]!.headers['authorization']).toBe('Bearer limited')
  })

  test('[110] is renewed soon where its end is not said', async () => {
    let now = NOW
    const at = scripted(() => exchanged('limited', {}))
    const fetch = at.fetch(limited(), { now: () => now })
    await fetch(API)
    now += 200_000
    await fetch(API)
    expect(at.asked).toHaveLength(1)
    now += 100_000
    await fetch(API)
    expect(at.asked).toHaveLength(2)
  })

  test('[110] is used no longer than the token of its source, where its end is not said', async () => {
    let now = NOW
    const at = scripted(({ url }, i) =>
      url === STS
        ? exchanged(`limited-${i}`, { expires_in: null })
        : json({ access_token: `whole-${i}`, expires_in: 3_600 }),
    )
    const source = serviceAccount({ key: keyFile() })
    await at.fetch(source, { now: () => now })(API)
    now += 3_300_000
    const fetch = at.fetch(limited([RULE], source), { now: () => now })
    await fetch(API) // whose source has five minutes left
    now += 290_000
    const tokens = () =>
      at.asked.filter(({ url }) => url === STS).map((request) => formOf(request)['subject_token'])
    expect(tokens()).toEqual(['whole-0'])
    now += 10_000
    await fetch(API)
    expect(tokens()).toEqual(['whole-0', expect.stringMatching(/^whole-[1-9]/)])
  })

  test.each(['a service account', 'whatever is found', 'a user'])(
    '[110] is kept as long as the token of %s that is its source, where its end is not said',
    async (kind) => {
      let now = NOW
      const at = scripted(({ url }) =>
        url === STS ? exchanged('limited', {}) : json({ access_token: 'whole', expires_in: 3_600 }),
      )
      vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', keyPath)
      const source =
        kind === 'a service account'
          ? serviceAccount({ key: keyFile() })
          : kind === 'a user'
            ? userCredentials({ clientId: 'c', refreshToken: 'r' })
            : adc()
      const fetch = at.fetch(limited([RULE], source), { now: () => now })
      await fetch(API)
      now += 3_370_000
      await fetch(API)
      expect(at.asked).toHaveLength(2)
      now += 230_001
      await fetch(API)
      expect(at.asked).toHaveLength(4)
    },
  )

  /** A source whose token was revoked: it gives another when it is told, so many times. */
  function revoked(times = 1, answer: Scripted = { status: 400, text: '{"error":"invalid_grant"}' }) {
    const told: unknown[] = []
    const source: Credentials = {
      kind: 'test',
      headers: () => ({ authorization: `Bearer whole-${told.length}` }),
      refused: (headers) => told.push(headers) > 0,
    }
    const at = scripted((_, i) => (i < times ? answer : exchanged('limited')))
    return { at, told, source, fetch: at.fetch(limited([RULE], source), clock) }
  }

  test.each<Scripted>([
    { status: 400, text: '{"error":"invalid_grant"}' },
    { status: 400, text: '{"error":"invalid_request"}' },
    { status: 401, text: '' },
  ])('[110] asks its source for another token when the one that it gave is refused: %j', async (answer) => {
    const { at, told, fetch } = revoked(1, answer)
    expect((await fetch(API)).status).toBe(200)
    expect(at.asked.map((request) => formOf(request)['subject_token'])).toEqual(['whole-0', 'whole-1'])
    expect(told).toEqual([{ authorization: 'Bearer whole-0' }])
    expect(at.calls[0]!.headers['authorization']).toBe('Bearer limited')
  })

  test('[110] asks its source once, and says what the exchange said, without advice on keys', async () => {
    const { at, told, fetch } = revoked(9)
    const error = await fetch(API).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ reason: 'invalid_grant', status: 400 })
    expect((error as AuthError).message).toBe(
      'sts.googleapis.com refused the downscoped credential (test): 400 invalid_grant',
    )
    expect(at.asked).toHaveLength(2)
    expect(told).toHaveLength(1)
  })

  test('[110] goes on after the tokens of its source were revoked, also one that programs share', async () => {
    const emulator = await createEmulator()
    const { url } = await emulator.listen()
    try {
      const source = serviceAccount({ key: await emulator.serviceAccountKey() })
      const tokenUri = `${url}/sts.googleapis.com/v1/token`
      const credentials = downscoped({ source, tokenUri, rules: [RULE] })
      const tokenStore = sharedTokens(memoryTokenStore())
      const call = authorizedFetch(credentials, { allowedOrigins: [url], tokenStore })
      const path = `${url}/storage/v1/b/photos/o/absent`
      expect((await call(path)).status).toBe(404)
      emulator.revokeTokens()
      emulator.journal.clear()
      expect((await call(path)).status).toBe(404)
      expect(emulator.journal.exchanges.map(({ methodId, status }) => [methodId, status])).toEqual([
        ['storage.objects.get', 401],
        ['sts.token', 400],
        ['oauth2.token', 200],
        ['sts.token', 200],
        ['storage.objects.get', 404],
      ])
    } finally {
      await emulator.close()
    }
  })

  test.each([403, 404])('[110] keeps the token of its source after %i', async (status) => {
    const { at, told, fetch } = revoked(1, { status, text: '{}' })
    await expect(fetch(API)).rejects.toMatchObject({ status })
    expect(at.asked).toHaveLength(1)
    expect(told).toEqual([])
  })

  test('[110] asks nobody again for a source that has one token for ever', async () => {
    const at = scripted(() => ({ status: 400, text: '{"error":"invalid_grant"}' }))
    await expect(at.fetch(limited(), clock)(API)).rejects.toMatchObject({ reason: 'invalid_grant' })
    expect(at.asked).toHaveLength(1)
  })

  test('[110] takes nothing from a source without tokens', async () => {
    const at = scripted(() => exchanged())
    await expect(at.fetch(limited([RULE], apiKey('k')), clock)(SERVICE)).rejects.toMatchObject({
      reason: 'no_token',
    })
    expect(at.asked).toEqual([])
  })

  test.each([
    [[], 'rules'],
    [Array.from({ length: 11 }, () => RULE), 'rules'],
    [[{ ...RULE, availablePermissions: ['roles/storage.objectViewer'] }], 'rules[0].availablePermissions'],
    [[{ ...RULE, availablePermissions: [] }], 'rules[0].availablePermissions'],
    [[RULE, { ...RULE, availableResource: 'photos' }], 'rules[1].availableResource'],
    [[{ ...RULE, availableCondition: { expression: 'x' } }], 'rules[0].availableCondition'],
    [[{ ...RULE, availabilityCondition: { expression: 'x', expresion: 'y' } }], 'expresion'],
    [[{ ...RULE, availabilityCondition: {} }], 'rules[0].availabilityCondition.expression'],
  ])('[110] is refused with the rules %j', (rules, path) => {
    expect(() => limited(rules as never)).toThrow(ValidationError)
    expect(() => limited(rules as never)).toThrow(path)
  })
})
