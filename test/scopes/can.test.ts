import {
  type ApiTable,
  AuthError,
  type Credentials,
  createClient,
  PermissionDeniedError,
  type RestDescription,
  TimeoutError,
  ValidationError,
} from 'discokit'
import {
  accessToken,
  anonymous,
  apiKey,
  impersonated,
  type LoginStore,
  serviceAccount,
  suppliedTokens,
  userCredentials,
} from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import {
  createSecret,
  type LoginTokens,
  memoryLoginStore,
  oauthClient,
  type StartOptions,
  type WebLogin,
  webLogin,
} from 'discokit/login'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { generateApi } from '../../src/codegen/generate-api.ts'
import { readTable } from '../codegen/read-table.ts'

const AUTH = 'https://www.googleapis.com/auth/'
const METADATA = `${AUTH}drive.metadata.readonly`
const FILE = `${AUTH}drive.file`
const BACK = 'https://app.example.com/back'
const ada = { email: 'ada@example.com' }

let emulator: Emulator
let client: ReturnType<typeof oauthClient>
beforeEach(async () => {
  emulator = await createEmulator()
  emulator.user(ada)
  const { transport, clock } = emulator.connect()
  const { clientId, clientSecret } = emulator.oauthClient({ redirectUris: [BACK] })
  client = oauthClient({ clientId, clientSecret, redirectUri: BACK, transport, clock })
})
afterEach(() => emulator.close())

/** A credential that knows what was granted. */
const granted = (scopes: readonly string[] | undefined): Credentials => ({
  ...anonymous(),
  grantedScopes: async () => scopes,
})
/** A person's, with the client that they consented to. */
const person = (tokens: LoginTokens): Credentials => ({
  ...accessToken(tokens.accessToken),
  grantedScopes: async () => tokens.scopes,
  authorizationUrl: (options) => client.authorizationUrl(options),
})
const google = (auth: Credentials) => createClient({ ...emulator.connect(), auth })
const drive = (auth: Credentials) => google(auth).discover('drive:v3')

async function consent(scopes: readonly string[]): Promise<LoginTokens> {
  const { url, request } = await client.authorizationUrl({ scopes })
  return client.finish(emulator.consent(url, ada), request)
}

describe('$can', () => {
  test('tells which scope is missing, where to ask for it, and then that nothing is', async () => {
    const before = await drive(person(await consent([METADATA])))
    expect(await before.files.list.$can()).toEqual({ ok: true })
    const may = await before.files.create.$can()
    expect(may).toMatchObject({ ok: false, missingScope: FILE })
    const { url, request } = await may.authorizationUrl({ loginHint: ada.email })
    expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
      scope: FILE,
      include_granted_scopes: 'true',
      access_type: 'offline',
      login_hint: ada.email,
      code_challenge_method: 'S256',
    })
    const tokens = await client.finish(emulator.consent(url, ada), request)
    expect(tokens.scopes.toSorted()).toEqual([FILE, METADATA])
    expect(tokens.refreshToken).toBeDefined()
    const after = before.$as(person(tokens))
    expect(await after.files.create.$can()).toEqual({ ok: true })
    expect(await after.files.create({ body: { name: 'notes' } })).toMatchObject({ name: 'notes' })
    expect(await after.files.list()).toMatchObject({ files: [{ name: 'notes' }] })
  })

  test('sends nothing', async () => {
    const { files } = await drive(person(await consent([METADATA])))
    emulator.journal.clear()
    await files.create.$can()
    await files.list.$can()
    expect(emulator.journal.exchanges).toEqual([])
  })

  test('says yes to each alternative, and not to a scope that the method does not name', async () => {
    const { files } = await drive(anonymous())
    for (const scope of files.create.$scopes) {
      const { files: own } = await drive(granted(['openid', scope]))
      expect(await own.create.$can(), scope).toEqual({ ok: true })
    }
    const { files: own } = await drive(granted([METADATA, `${AUTH}cloud-platform`]))
    expect(await own.create.$can()).toEqual({ ok: false, missingScope: FILE })
  })

  test('takes the short and the long names of a scope for one', async () => {
    for (const scope of ['email', `${AUTH}userinfo.email`, 'profile']) {
      const oauth2 = await google(granted([scope])).discover('oauth2:v2')
      expect(await oauth2.userinfo.get.$can(), scope).toEqual({ ok: true })
    }
    const oauth2 = await google(granted([METADATA])).discover('oauth2:v2')
    expect(await oauth2.userinfo.get.$can()).toEqual({ ok: false, missingScope: `${AUTH}userinfo.email` })
  })

  test('says yes for a method that needs no scope, whoever calls', async () => {
    for (const auth of [anonymous(), granted([]), granted(undefined)]) {
      const oauth2 = await google(auth).discover('oauth2:v2')
      expect(await oauth2.tokeninfo.$can()).toEqual({ ok: true })
    }
  })

  test.each([
    ['an access token from elsewhere', () => accessToken('t')],
    ['an API key', () => apiKey('k')],
    ['nobody', () => anonymous()],
    ['a person of whom nobody knows', () => granted(undefined)],
    [
      'tokens of a function, without scopes',
      () => suppliedTokens({ getToken: () => ({ accessToken: 't' }) as never }),
    ],
  ])('does not know of %s, and names the scope all the same', async (_, auth) => {
    const { files } = await drive(auth())
    expect(await files.list.$can()).toEqual({ ok: undefined, missingScope: METADATA })
  })

  test('knows of tokens whose scopes the program named', async () => {
    const source = anonymous()
    const robot = 'robot@p.iam.gserviceaccount.com'
    const scopes = [METADATA]
    const getToken = () => ({ accessToken: 't', expiresAt: Infinity })
    for (const auth of [
      suppliedTokens({ getToken, scopes }),
      impersonated({ source, serviceAccount: robot, scopes }),
    ]) {
      const { files } = await drive(auth)
      expect(await files.list.$can()).toEqual({ ok: true })
      expect(await files.create.$can()).toEqual({ ok: false, missingScope: FILE })
    }
    const { files } = await drive(impersonated({ source, serviceAccount: robot }))
    expect(await files.list.$can()).toMatchObject({ ok: false })
  })

  test('knows of what was found where the program runs', async () => {
    const name = 'robot@p.iam.gserviceaccount.com'
    const file = {
      type: 'impersonated_service_account',
      service_account_impersonation_url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${name}:generateAccessToken`,
      source_credentials: emulator.authorizedUser(),
    }
    const folder = await mkdtemp(join(tmpdir(), 'discokit-can-'))
    try {
      vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', join(folder, 'robot.json'))
      await writeFile(join(folder, 'robot.json'), JSON.stringify(file))
      const found = createClient(emulator.connect())
      const storage = await found.discover('storage:v1')
      expect(await storage.buckets.list.$can()).toEqual({ ok: true })
      const { files } = await found.discover('drive:v3')
      expect(await files.list.$can()).toEqual({ ok: false, missingScope: METADATA })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  test('knows of a service account with scopes; without, it has those of all of the cloud', async () => {
    const key = await emulator.serviceAccountKey()
    const own = serviceAccount({ key, scopes: [METADATA] })
    const { files } = await drive(own)
    expect(await files.list.$can()).toEqual({ ok: true })
    expect(await files.create.$can()).toEqual({ ok: false, missingScope: FILE })
    await expect(files.create({ body: { name: 'x' } })).rejects.toThrow(PermissionDeniedError)
    const storage = await google(serviceAccount({ key })).discover('storage:v1')
    expect(await storage.buckets.list.$can()).toEqual({ ok: true })
    // It may sign a token for Drive itself, which does not show.
    const { files: withoutScopes } = await drive(serviceAccount({ key }))
    expect(await withoutScopes.list.$can()).toEqual({ ok: undefined, missingScope: METADATA })
    const reading = serviceAccount({ key, defaultScopes: [METADATA] })
    expect(await (await drive(reading)).files.list.$can()).toEqual({ ok: true })
  })

  test('is there in generated files and documents, by name and by path, and for whoever is called for', async () => {
    const document = (await (await drive(anonymous()))['$load']()) as RestDescription
    const table = readTable(generateApi(document).text) as ApiTable
    for (const definition of [document, table]) {
      const api = google(granted([METADATA])).api(definition)
      expect(await api['files'].create.$can()).toEqual({ ok: false, missingScope: FILE })
      expect(await api['$method']('files.list').$can()).toEqual({ ok: true })
      expect(await api['$as'](granted([FILE])).files.create.$can()).toEqual({ ok: true })
      // It gives the content too.
      expect(await api['$as'](granted([])).files.get.$can()).toEqual({
        ok: false,
        missingScope: `${AUTH}drive.readonly`,
      })
    }
  })

  test('asks with an address where openid is the only scope', async () => {
    const get = { id: 'speed.get', path: 'speed', httpMethod: 'GET', scopes: ['openid'] }
    const speed = {
      name: 'speed',
      version: 'v1',
      rootUrl: 'https://speed.googleapis.com/',
      servicePath: '',
      methods: { get },
    }
    const asking = { ...granted([]), authorizationUrl: client.authorizationUrl }
    const may = await google(asking).api(speed)['get'].$can()
    expect(may.missingScope).toBe('openid')
    const { url } = await may.authorizationUrl()
    expect(new URL(url).searchParams.get('scope')).toBe('openid email')
  })

  test('asks only for what is missing, also with a client that else asks who somebody is', async () => {
    const { transport, clock } = emulator.connect()
    const openid = oauthClient({
      clientId: 'c',
      redirectUri: BACK,
      scopes: ['email'],
      openid: true,
      transport,
      clock,
    })
    const { files } = await drive({ ...granted([]), authorizationUrl: openid.authorizationUrl })
    const { url } = await (
      await files.list.$can()
    ).authorizationUrl({ prompt: 'consent', accessType: 'online' })
    const { scope, prompt, access_type } = Object.fromEntries(new URL(url).searchParams)
    expect([scope, prompt, access_type]).toEqual([METADATA, 'consent', 'online'])
  })
})

describe('$can of a person', () => {
  const login = (store: LoginStore) =>
    webLogin({ client, secret: createSecret(), store, scopes: ['openid', 'email', METADATA] })

  async function signIn(web: WebLogin, options?: StartOptions): Promise<string> {
    const started = await web.start(new Request('https://app.example.com/login'), options)
    const back = emulator.consent(started.headers.get('location')!, ada)
    const cookie = started.headers.getSetCookie()[0]!.split(';')[0]!
    const { user } = await web.finish(new Request(back, { headers: { cookie } }))
    return user!.sub
  }

  test('knows what the tokens do for', async () => {
    const tokens = await consent([METADATA])
    const { files } = await drive(userCredentials({ client, tokens }))
    expect(await files.list.$can()).toEqual({ ok: true })
    const may = await files.create.$can()
    expect(may).toMatchObject({ ok: false, missingScope: FILE })
    const { url } = await may.authorizationUrl()
    expect(new URL(url).searchParams.get('scope')).toBe(FILE)
  })

  test('knows what a store has, and what one more login put there', async () => {
    const store = memoryLoginStore()
    const web = login(store)
    const account = await signIn(web, { accessType: 'offline' })
    const { files } = await drive(userCredentials({ client, store, account }))
    expect(await files.list.$can()).toEqual({ ok: true })
    await files.list()
    const { missingScope } = await files.create.$can()
    expect(missingScope).toBe(FILE)
    await signIn(web, { scopes: [missingScope], includeGrantedScopes: true, accessType: 'offline' })
    const { files: after } = await drive(userCredentials({ client, store, account }))
    expect(await after.create.$can()).toEqual({ ok: true })
    expect(await after.create({ body: { name: 'notes' } })).toMatchObject({ name: 'notes' })
    expect(await after.list.$can()).toEqual({ ok: true })
  })

  test('fails where the store has no such account', async () => {
    const { files } = await drive(userCredentials({ client, store: memoryLoginStore(), account: 'nobody' }))
    await expect(files.list.$can()).rejects.toMatchObject({ reason: 'no_such_account' })
  })
})

describe('what $can waits for', () => {
  const never: Credentials = { ...anonymous(), grantedScopes: () => new Promise(() => {}) }

  test('ends with its time and its signal', async () => {
    const { files } = await drive(never)
    await expect(files.list.$can({ timeoutMs: 5 })).rejects.toThrow(TimeoutError)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(files.list.$can({ signal })).rejects.toThrow('enough')
    const control = new AbortController()
    const waiting = files.list.$can({ signal: control.signal })
    control.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  })

  test('may fail, and says why', async () => {
    const refuse = async (): Promise<never> => {
      throw new AuthError('there is no such account', { reason: 'no_such_account' })
    }
    const { files } = await drive({ ...anonymous(), grantedScopes: refuse })
    await expect(files.list.$can()).rejects.toMatchObject({ reason: 'no_such_account' })
  })

  test.each([
    [{ timeout: 5 }, "timeout: is not an option (did you mean 'timeoutMs'?)"],
    [{ timeoutMs: 0 }, 'timeoutMs: must be a positive number'],
    [{ signal: {} }, 'signal: must be an AbortSignal'],
    [null, 'options: must be an object'],
  ])('with options that cannot be, %j, is nothing', async (options, message) => {
    const { files } = await drive(granted([]))
    const refused = files.list.$can(options)
    await expect(refused).rejects.toThrow(ValidationError)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toThrow('drive.files.list.$can')
  })
})

describe('a refusal for want of a scope', () => {
  const missing = async (failing: PromiseLike<unknown>): Promise<PermissionDeniedError> => {
    const error = await Promise.resolve(failing).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(PermissionDeniedError)
    return error as PermissionDeniedError
  }

  test('has the scopes of which one would do, the narrowest first', async () => {
    const { files } = await drive(person(await consent([METADATA])))
    const { missingScopes, hint, message } = await missing(files.create({ body: { name: 'x' } }))
    expect(missingScopes.slice(0, 2)).toEqual([FILE, `${AUTH}drive`])
    expect(new Set(missingScopes)).toEqual(new Set(files.create.$scopes))
    expect(hint).toContain(`${FILE}, which people grant where $can() of the method says`)
    expect(message).toContain(hint)
    expect((await files.create.$can()).missingScope).toBe(missingScopes[0])
  })

  test('of a batch has them too', async () => {
    const api = google(person(await consent([METADATA])))
    const { files } = await api.discover('drive:v3')
    const [result] = await api.batch([files.create.prepare({ body: { name: 'x' } })])
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { missingScopes: [FILE, `${AUTH}drive`, expect.any(String)] },
    })
  })

  test('of a request that was changed on its way is told too', async () => {
    const api = google(person(await consent([METADATA])))
    const { files } = await api.discover('drive:v3')
    const prepared = files.create.prepare({ body: { name: 'x' } })
    for (const scopes of ['drive', [FILE, 7, null], {}, null]) {
      const { missingScopes } = await missing(api.send({ ...prepared, scopes: scopes as never }))
      expect(missingScopes, JSON.stringify(scopes)).toEqual(Array.isArray(scopes) ? [FILE] : [])
    }
  })

  test('of content names one that shows content', async () => {
    const writer = await drive(person(await consent([FILE])))
    const { id } = await writer.files.create({ body: { name: 'x' }, media: 'text' })
    const { files } = writer.$as(accessToken(emulator.accessToken({ ...ada, scopes: [`${AUTH}tasks`] })))
    expect((await missing(files.get.download({ fileId: id }).text())).missingScopes[0]).toBe(
      `${AUTH}drive.readonly`,
    )
    expect((await missing(files.get({ fileId: id }))).missingScopes[0]).toBe(METADATA)
  })
})
