/** Scenarios 110 and 111: tokens of other providers and of one's own, exchanged for others (RFC 8693). */
import { AuthError, ValidationError } from 'discokit'
import {
  type AccessBoundaryRule,
  accessToken,
  apiKey,
  downscoped,
  externalAccount,
  externalAccountFile,
  type ExternalAccountOptions,
  type SubjectTokenRequest,
} from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { API, scripted, type Scripted, SERVICE } from '../endpoint.ts'

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

  test.each([
    [{ audience: '' }, 'audience'],
    [{ subjectTokenType: undefined }, 'subjectTokenType'],
    [{ subjectToken: 'token' }, 'subjectToken'],
    [{ scopes: [] }, 'scopes'],
    [{ clientSecret: 's' }, 'clientSecret'],
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
