import { createClient, type UntypedApi } from 'discokit'
import { accessToken as bearer } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { say, type Told } from '../speak.ts'

const NOW = Date.parse('2026-01-02T03:04:05.678Z')
const SECONDS = Math.floor(NOW / 1000)
const CLOUD = 'https://www.googleapis.com/auth/cloud-platform'
const TYPE = 'urn:ietf:params:oauth:token-type:'

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator({ now: () => NOW })
})
afterEach(() => emulator.close())

/** Sends a form to an address that a file names. */
function post(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Told> {
  return say(emulator, `POST ${url.replace(emulator.url, '')}`, {
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  })
}

async function storageFor(token: string): Promise<UntypedApi> {
  const auth = bearer(token)
  return createClient({ ...emulator.connect(), auth, retry: false }).discover('storage:v1')
}

const exchange = {
  grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
  requested_token_type: `${TYPE}access_token`,
}

describe('a token of another provider', () => {
  type Fields = Record<string, string>
  const fieldsOf = async (changes: Fields = {}, claims?: object): Promise<Fields> => {
    const { file, subjectToken } = emulator.externalAccount()
    return {
      ...exchange,
      audience: file.audience,
      scope: CLOUD,
      subject_token: await subjectToken({ ...claims }),
      subject_token_type: file.subject_token_type,
      ...changes,
    }
  }
  const ask = async (changes?: Fields, claims?: object): Promise<Told> =>
    post(emulator.externalAccount().file.token_url, await fieldsOf(changes, claims))

  test('is exchanged for one of the program that it vouches for', async () => {
    const told = await ask()
    expect([told.status, told.json]).toEqual([
      200,
      {
        access_token: expect.stringMatching(/^ya29\./),
        expires_in: 3599,
        token_type: 'Bearer',
        issued_token_type: `${TYPE}access_token`,
      },
    ])
    expect(told.headers['cache-control']).toBe('no-store')
    const storage = await storageFor(told.json.access_token)
    await storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
    emulator.clock.advance(3_599_000)
    await expect(storage['buckets'].get({ bucket: 'box' })).rejects.toMatchObject({ status: 401 })
  })

  test('gives what was asked for and no more', async () => {
    const readOnly = 'https://www.googleapis.com/auth/devstorage.read_only'
    const storage = await storageFor((await ask({ scope: readOnly })).json.access_token)
    await storage['buckets'].list({ project: 'p' })
    const insert = storage['buckets'].insert({ project: 'p', body: { name: 'box' } })
    await expect(insert).rejects.toMatchObject({ status: 403 })
  })

  test('is taken at every address of the service, and as JSON', async () => {
    const fields = await fieldsOf()
    const body = new URLSearchParams(fields).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const url of [
      'http://emulator.localhost/v1/token',
      'http://emulator.localhost/sts.googleapis.com/v1/token',
      'https://sts.googleapis.com/v1/token',
    ]) {
      const response = await emulator.handle({ method: 'POST', url, headers, body })
      expect([url, response.status]).toEqual([url, 200])
    }
    const google = createClient({ ...emulator.connect(), auth: bearer('unused'), retry: false })
    const sts = await google.discover('sts:v1')
    const json = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
        value,
      ]),
    )
    expect(await sts['v1'].token({ body: json })).toMatchObject({ token_type: 'Bearer' })
  })

  test('lets a program act as a service account that it may act as', async () => {
    const serviceAccount = 'robot@p.iam.gserviceaccount.com'
    const { file, principal } = emulator.externalAccount({ serviceAccount })
    expect(principal).toBe(
      'principal://iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/pool/subject/workload',
    )
    const impersonate = async (token: string): Promise<Told> =>
      say(emulator, `POST ${file.service_account_impersonation_url!.replace(emulator.url, '')}`, {
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: { scope: [CLOUD], lifetime: '600s' },
      })
    const { accessToken, expireTime } = (await impersonate((await ask()).json.access_token)).json
    expect(expireTime).toBe('2026-01-02T03:14:05Z')
    await (await storageFor(accessToken))['buckets'].list({ project: 'p' })
    const other = emulator.externalAccount({ subject: 'other' })
    const subject_token = await other.subjectToken()
    expect((await impersonate((await ask({ subject_token })).json.access_token)).status).toBe(403)
    expect(other.file).not.toHaveProperty('service_account_impersonation_url')
  })

  const refusals: [what: string, changes: Fields, claims: object, error: string, description: RegExp][] = [
    ['of another grant', { grant_type: 'refresh_token' }, {}, 'unsupported_grant_type', /grant_type/],
    ['for another type', { requested_token_type: `${TYPE}id_token` }, {}, 'invalid_request', /requested/],
    ['for no type', { requested_token_type: '' }, {}, 'invalid_request', /requested_token_type/],
    ['without a scope', { scope: '' }, {}, 'invalid_request', /scope/],
    ['without a token', { subject_token: '' }, {}, 'invalid_request', /subject_token/],
    ['of a type unknown', { subject_token_type: `${TYPE}saml2` }, {}, 'invalid_request', /does not model/],
    ['at another provider', { audience: '//iam.googleapis.com/x' }, {}, 'invalid_target', /audience/],
    ['that is no JWT', { subject_token: 'x' }, {}, 'invalid_grant', /not a JWT/],
    ['with an unknown option', { options: '{"a":1}' }, {}, 'invalid_request', /the option a/],
    ['with options that are none', { options: 'x' }, {}, 'invalid_request', /options must be/],
    ['for another audience', {}, { aud: 'https://example.com' }, 'invalid_grant', /audience/],
    ['of another issuer', {}, { iss: 'https://example.com' }, 'invalid_grant', /issuer/],
    ['that has expired', {}, { exp: SECONDS }, 'invalid_grant', /time/],
    ['that is a day old', {}, { iat: SECONDS - 86_401 }, 'invalid_grant', /time/],
    ['from the future', {}, { iat: SECONDS + 120 }, 'invalid_grant', /time/],
    ['of nobody', {}, { sub: '' }, 'invalid_grant', /subject/],
  ]
  test.each(refusals)('is not exchanged %s', async (_, changes, claims, error, description) => {
    const told = await ask(changes, claims)
    expect([told.status, told.json]).toEqual([
      400,
      { error, error_description: expect.stringMatching(description) },
    ])
  })

  test('is not exchanged when somebody else signed it', async () => {
    const [header, claims] = (await emulator.externalAccount().subjectToken()).split('.')
    await using other = await createEmulator({ now: () => NOW })
    const [, , signature] = (await other.externalAccount().subjectToken()).split('.')
    const told = await ask({ subject_token: `${header}.${claims}.${signature}` })
    expect(told.json).toMatchObject({ error: 'invalid_grant', error_description: /signature/ })
    const unnamed = Buffer.from('{"alg":"RS256"}').toString('base64url')
    expect((await ask({ subject_token: `${unnamed}.${claims}.${signature}` })).status).toBe(400)
  })

  test('meets faults', async () => {
    emulator.fail('sts.token', ['return-503'])
    expect((await ask()).status).toBe(503)
    expect((await ask()).status).toBe(200)
  })

  test('leads to a token that can be asked about', async () => {
    const { file, principal } = emulator.externalAccount()
    const token = (await ask()).json.access_token
    expect((await post(file.token_info_url, { token })).json).toEqual({
      active: true,
      iss: 'https://sts.googleapis.com/',
      sub: principal,
      username: principal,
      scope: CLOUD,
      exp: SECONDS + 3599,
    })
    emulator.revokeTokens()
    expect((await post(file.token_info_url, { token })).json).toEqual({ active: false })
  })
})

describe('an access token that is narrowed', () => {
  const rule = (role: string, bucket = 'box', expression?: string): object => ({
    availableResource: `//storage.googleapis.com/projects/_/buckets/${bucket}`,
    availablePermissions: [`inRole:roles/storage.${role}`],
    ...(expression !== undefined && { availabilityCondition: { expression, title: 'some' } }),
  })
  const optionsOf = (...rules: object[]): string =>
    JSON.stringify({ accessBoundary: { accessBoundaryRules: rules } })
  const narrow = (options: string, subject_token = emulator.accessToken()): Promise<Told> =>
    post('/v1/token', { ...exchange, subject_token, subject_token_type: `${TYPE}access_token`, options })
  const narrowed = async (...rules: object[]): Promise<any> =>
    (await storageFor((await narrow(optionsOf(...rules))).json.access_token))['objects']

  beforeEach(async () => {
    const storage = await storageFor(emulator.accessToken())
    for (const bucket of ['box', 'bin']) {
      await storage['buckets'].insert({ project: 'p', body: { name: bucket } })
      for (const name of ['a/1', 'b/1']) await storage['objects'].insert({ bucket, name, media: name })
    }
  })

  /** What goes through, by name. */
  async function allowed(objects: any, bucket = 'box', folder = 'a'): Promise<string[]> {
    const object = `${folder}/1`
    const media = 'x'
    const calls: Record<string, () => PromiseLike<unknown>> = {
      get: () => objects.get({ bucket, object }),
      list: () => objects.list({ bucket, prefix: `${folder}/` }),
      create: () => objects.insert({ bucket, name: `${folder}/2`, media }),
      overwrite: () => objects.insert({ bucket, name: object, media }),
      named: () => objects.insert({ bucket, body: { name: `${folder}/3` }, media }),
      patch: () => objects.patch({ bucket, object, body: { cacheControl: 'no-store' } }),
      delete: () => objects.delete({ bucket, object }),
    }
    const through: string[] = []
    for (const [name, call] of Object.entries(calls)) {
      const status = await Promise.resolve(call()).then(
        () => 200,
        (error: { status: number }) => error.status,
      )
      if (status === 200) through.push(name)
      else expect([name, status]).toEqual([name, 403])
    }
    return through
  }

  test.each([
    ['objectViewer', ['get', 'list']],
    ['objectCreator', ['create', 'named']],
    ['objectUser', ['get', 'list', 'create', 'overwrite', 'named', 'patch', 'delete']],
    ['objectAdmin', ['get', 'list', 'create', 'overwrite', 'named', 'patch', 'delete']],
    ['legacyBucketWriter', ['list', 'create', 'overwrite', 'named', 'delete']],
    ['somethingElse', []],
  ])('to the role %s can %j, in its bucket', async (role, expected) => {
    const objects = await narrowed(rule(role))
    expect(await allowed(objects, 'bin')).toEqual([])
    expect(await allowed(objects)).toEqual(expected)
  })

  const starts = "resource.name.startsWith('projects/_/buckets/box/objects/a/')"
  const lists = "api.getAttribute('storage.googleapis.com/objectListPrefix', '').startsWith('a/')"
  test.each([
    [starts, ['get', 'create', 'overwrite', 'named', 'patch', 'delete']],
    [lists, ['list']],
    [`${starts} || ${lists}`, ['get', 'list', 'create', 'overwrite', 'named', 'patch', 'delete']],
    [`${starts} && ${lists}`, []],
    [`!${starts}`, []],
    ['true', []],
    ['', []],
  ])('by the condition %j can %j', async (condition, expected) => {
    const objects = await narrowed(rule('objectAdmin', 'box', condition))
    expect(await allowed(objects, 'box', 'b')).toEqual([])
    expect(await allowed(objects)).toEqual(expected)
  })

  test('can what one of its rules lets it', async () => {
    const objects = await narrowed(rule('objectViewer'), rule('objectCreator', 'bin'))
    expect(await allowed(objects)).toEqual(['get', 'list'])
    expect(await allowed(objects, 'bin')).toEqual(['create', 'named'])
  })

  test('can nothing that no rule is about, and is told why not', async () => {
    const token = (await narrow(optionsOf(rule('admin')))).json.access_token
    const storage = await storageFor(token)
    await expect(storage['buckets'].get({ bucket: 'box' })).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining("Permission 'storage.buckets.get' denied"),
    })
    const told = await say(emulator, 'GET /drive/v3/files', { headers: { authorization: `Bearer ${token}` } })
    expect(told.status).toBe(403)
    expect(
      (await say(emulator, 'GET /discovery/v1/apis', { headers: { authorization: `Bearer ${token}` } }))
        .status,
    ).toBe(200)
  })

  test('ends with the one it came from, which for a service account is said', async () => {
    emulator.allowImpersonation({ by: 'person@example.com', serviceAccount: 'a@p.iam.gserviceaccount.com' })
    const told = await say(
      emulator,
      'POST /v1/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com:generateAccessToken',
      {
        headers: { authorization: `Bearer ${emulator.accessToken()}`, 'content-type': 'application/json' },
        body: { scope: [CLOUD], lifetime: '600s' },
      },
    )
    const ofAccount = await narrow(optionsOf(rule('admin')), told.json.accessToken)
    expect(ofAccount.json).toMatchObject({ expires_in: 599, issued_token_type: `${TYPE}access_token` })
    const ofPerson = await narrow(optionsOf(rule('admin')))
    expect(ofPerson.json).not.toHaveProperty('expires_in')
    emulator.clock.advance(599_400)
    const objects = (await storageFor(ofAccount.json.access_token))['objects']
    await expect(objects.get({ bucket: 'box', object: 'a/1' })).rejects.toMatchObject({ status: 401 })
  })

  test('is understood when its options are percent-encoded once more', async () => {
    expect((await narrow(encodeURIComponent(optionsOf(rule('admin'))))).status).toBe(200)
  })

  const many = Array.from({ length: 11 }, () => rule('admin'))
  test.each([
    ['nothing', '{}', /accessBoundaryRules/],
    ['no rule', optionsOf(), /1 to 10/],
    ['eleven rules', optionsOf(...many), /1 to 10/],
    ['a rule of nothing', optionsOf({}), /availableResource/],
    [
      'a rule without roles',
      optionsOf({ ...rule('admin'), availablePermissions: [] }),
      /availablePermissions/,
    ],
    [
      'a permission',
      optionsOf({ ...rule('admin'), availablePermissions: ['storage.objects.get'] }),
      /inRole:/,
    ],
    ['a condition without words', optionsOf({ ...rule('admin'), availabilityCondition: {} }), /expression/],
  ])('is refused to %s', async (_, options, description) => {
    const told = await narrow(options)
    expect([told.status, told.json]).toEqual([
      400,
      { error: 'invalid_request', error_description: expect.stringMatching(description) },
    ])
  })

  test('is refused for what is no token, and for one that is narrow already', async () => {
    const refused = await narrow(optionsOf(rule('admin')), 'ya29.x')
    expect(refused.json.error).toBe('invalid_grant')
    const { access_token } = (await narrow(optionsOf(rule('admin')))).json
    expect((await narrow(optionsOf(rule('admin')), access_token)).json.error).toBe('invalid_request')
  })
})

describe('externalAuthorizedUser', () => {
  test('is a person whose refresh token the service exchanges', async () => {
    const file = emulator.externalAuthorizedUser({ email: 'ada@example.com', rotating: true })
    expect(file).toEqual({
      type: 'external_account_authorized_user',
      audience: expect.stringMatching(/^\/\/iam\.googleapis\.com\/locations\/global\/workforcePools\//),
      client_id: expect.any(String),
      client_secret: expect.any(String),
      refresh_token: expect.any(String),
      token_url: 'http://emulator.localhost/sts.googleapis.com/v1/oauthtoken',
      token_info_url: 'http://emulator.localhost/sts.googleapis.com/v1/introspect',
      universe_domain: 'googleapis.com',
    })
    const { client_id, client_secret, refresh_token } = file
    const basic = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`
    const fields = { grant_type: 'refresh_token', refresh_token }
    const told = await post(file.token_url, fields, { authorization: basic })
    expect(told.json).toMatchObject({ token_type: 'Bearer', refresh_token: expect.any(String) })
    await (await storageFor(told.json.access_token))['buckets'].list({ project: 'p' })
    expect((await post(file.token_url, fields, { authorization: basic })).json.error).toBe('invalid_grant')
    expect((await post(file.token_url, fields)).json.error).toBe('invalid_request')
    expect((await post(file.token_url, { grant_type: 'password' })).json.error).toBe('unsupported_grant_type')
  })
})

describe('externalAccount', () => {
  test.each([
    [{ subject: '' }, 'subject'],
    [{ subject: 'a b' }, 'subject'],
    [{ serviceAccount: 'robot' }, 'serviceAccount'],
    [{ email: 'a@b' }, 'email'],
  ])('refuses %j', (options, path) => {
    expect(() => emulator.externalAccount(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_input', problems: [expect.objectContaining({ path })] }),
    )
  })
})
