/** The client against the emulator, which reads the same specifications in code of its own. */
import { createClient } from 'discokit'
import { userCredentials } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import {
  createSecret,
  discoverProvider,
  GOOGLE_PROVIDER,
  memoryLoginStore,
  oauthClient,
  webLogin,
} from 'discokit/login'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const BACK = 'https://app.example.com/back'
const DRIVE = 'https://www.googleapis.com/auth/drive.file'
let emulator: Emulator
let registered: ReturnType<Emulator['oauthClient']>
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05Z') })
  registered = emulator.oauthClient({ redirectUris: [BACK] })
  emulator.user({ email: 'ada@example.com', name: 'Ada', hostedDomain: 'example.com' })
  emulator.user({ email: 'grace@mail.example' })
})
afterEach(() => emulator.close())

const client = (more: object = {}) =>
  oauthClient({
    clientId: registered.clientId,
    clientSecret: registered.clientSecret,
    redirectUri: BACK,
    scopes: ['openid', 'email', 'profile'],
    transport: emulator.connect().transport,
    clock: emulator.clock,
    ...more,
  })

async function signIn(ask: object = {}, answer: object = { email: 'ada@example.com' }) {
  const { url, request } = await client().authorizationUrl({ accessType: 'offline', ...ask })
  return client().finish(emulator.consent(url, answer), request)
}

describe('the code flow', () => {
  test('signs a person in, and says who it is in the same words everywhere', async () => {
    const tokens = await signIn()
    expect(tokens).toMatchObject({
      claims: { iss: 'https://accounts.google.com', email: 'ada@example.com', hd: 'example.com' },
      refreshToken: expect.any(String) as string,
    })
    const { sub } = tokens.claims!
    expect(await client().userInfo(tokens)).toMatchObject({ sub, email: 'ada@example.com' })
    expect(await client().tokenInfo(tokens)).toMatchObject({ sub, aud: registered.clientId })
    await expect(client().userInfo(tokens, 'somebody-else')).rejects.toMatchObject({
      reason: 'wrong_subject',
    })
  })

  test('a code and its request are good once', async () => {
    const { url, request } = await client().authorizationUrl()
    const back = emulator.consent(url, { email: 'ada@example.com' })
    await client().finish(back, request)
    await expect(client().finish(back, request)).rejects.toMatchObject({ reason: 'invalid_grant' })
  })

  test('a code is worth nothing with the verifier of another request', async () => {
    const [first, second] = await Promise.all([client().authorizationUrl(), client().authorizationUrl()])
    const back = emulator.consent(first.url, { email: 'ada@example.com' })
    const mixed = { ...first.request, codeVerifier: second.request.codeVerifier }
    await expect(client().finish(back, mixed)).rejects.toMatchObject({ reason: 'invalid_grant' })
  })

  test('a code of one session is refused in another, and one with another nonce too', async () => {
    const [first, second] = await Promise.all([client().authorizationUrl(), client().authorizationUrl()])
    const back = emulator.consent(first.url, { email: 'ada@example.com' })
    await expect(client().finish(back, second.request)).rejects.toMatchObject({ reason: 'wrong_state' })
    const injected = new URL(back)
    injected.searchParams.set('state', second.request.state)
    const stolen = { ...second.request, codeVerifier: first.request.codeVerifier }
    await expect(client().finish(injected, stolen)).rejects.toMatchObject({ reason: 'wrong_nonce' })
  })

  test('an account must be of the domain that was asked for', async () => {
    expect((await signIn({ hostedDomain: '*' })).claims?.hd).toBe('example.com')
    const { url, request } = await client().authorizationUrl({ hostedDomain: 'example.com' })
    const open = new URL(url)
    open.searchParams.delete('hd') // who signs in can take it away
    const back = emulator.consent(open.href, { email: 'grace@mail.example' })
    await expect(client().finish(back, request)).rejects.toMatchObject({ reason: 'wrong_hosted_domain' })
  })

  test('a denial is told', async () => {
    await expect(signIn({}, { email: 'ada@example.com', deny: true })).rejects.toMatchObject({
      reason: 'access_denied',
    })
  })

  test('tokens are renewed, call APIs, and end with the consent', async () => {
    const tokens = await signIn({ scopes: ['openid', 'email', DRIVE] })
    expect(tokens.scopes).toContain(DRIVE)
    emulator.clock.advance(3_600_000)
    expect(client().isExpired(tokens)).toBe(true)
    const renewed = await client().refresh(tokens)
    expect(client().isExpired(renewed)).toBe(false)
    expect(renewed.claims?.sub).toBe(tokens.claims?.sub)
    const { refreshToken = '' } = renewed
    const { clientId, clientSecret } = registered
    const google = createClient({
      ...emulator.connect(),
      auth: userCredentials({ clientId, clientSecret, refreshToken, token: renewed }),
    })
    const drive = await google.discover('drive:v3')
    expect(client().authorizedForMethod(drive.files.list, renewed)).toBe(true)
    await drive.files.list()
    await client().revoke(renewed)
    await expect(client().refresh(renewed)).rejects.toMatchObject({ reason: 'invalid_grant' })
  })
})

test('Google as the emulator describes it is Google as it is known here', async () => {
  const { transport } = emulator.connect()
  const described = await discoverProvider('https://accounts.google.com', { transport })
  for (const [name, value] of Object.entries(GOOGLE_PROVIDER))
    if (described[name] !== undefined) expect([name, described[name]]).toEqual([name, value])
  expect(described.token_endpoint).toBe(GOOGLE_PROVIDER.token_endpoint)
})

test('webLogin signs a person in', async () => {
  const login = webLogin({ client: client(), secret: createSecret() })
  const started = await login.start(new Request('https://app.example.com/login'), { returnTo: '/notes' })
  const back = emulator.consent(started.headers.get('location')!, { email: 'ada@example.com' })
  const cookie = started.headers.getSetCookie()[0]!.split(';')[0]!
  const { response, user } = await login.finish(new Request(back, { headers: { cookie } }))
  expect(user?.claims.email).toBe('ada@example.com')
  expect(response.headers.get('location')).toBe('/notes')
})

test('webLogin asks for one more scope, and tells of all that were granted', async () => {
  const login = webLogin({ client: client({ scopes: ['openid', 'email'] }), secret: createSecret() })
  const signIn = async (options: Parameters<typeof login.start>[1]) => {
    const started = await login.start(new Request('https://app.example.com/login'), options)
    const back = emulator.consent(started.headers.get('location')!, { email: 'ada@example.com' })
    const cookie = started.headers.getSetCookie()[0]!.split(';')[0]!
    const { user } = await login.finish(new Request(back, { headers: { cookie } }))
    return user!
  }
  const tasks = 'https://www.googleapis.com/auth/tasks'
  await signIn({ scopes: [tasks] })
  const { sub, tokens } = await signIn({ scopes: [DRIVE], includeGrantedScopes: true })
  const email = 'https://www.googleapis.com/auth/userinfo.email'
  expect(tokens.scopes.toSorted()).toEqual([DRIVE, tasks, email, 'openid'].toSorted())
  // Without includeGrantedScopes the token does for no more than was asked for.
  const alone = await signIn({ scopes: [tasks] })
  expect(alone.tokens.scopes.toSorted()).toEqual([tasks, email, 'openid'].toSorted())
  expect(alone.sub).toBe(sub)
})

test('webLogin keeps what a store has: a refresh token comes with the first login alone', async () => {
  const store = memoryLoginStore()
  const login = webLogin({
    client: client(),
    secret: createSecret(),
    store,
    scopes: ['openid', 'email', DRIVE],
  })
  async function signIn(prompt?: 'consent'): Promise<string> {
    const asking = { accessType: 'offline', ...(prompt && { prompt }) } as const
    const started = await login.start(new Request('https://app.example.com/login'), asking)
    const back = emulator.consent(started.headers.get('location')!, { email: 'ada@example.com' })
    const cookie = started.headers.getSetCookie()[0]!.split(';')[0]!
    const { user, error } = await login.finish(new Request(back, { headers: { cookie } }))
    expect(error).toBeUndefined()
    return user!.sub
  }
  const sub = await signIn('consent')
  const first = (await store.get(sub))!
  await store.put(sub, { ...first.login, mine: 1, refreshing: { by: 'x', until: 0 } } as never, first.version)
  await signIn()
  const { login: second } = (await store.get(sub))!
  expect(second).toMatchObject({ mine: 1, refreshToken: first.login.refreshToken })
  expect(second.accessToken).not.toBe(first.login.accessToken)
  expect(second).not.toHaveProperty('refreshing')

  emulator.clock.advance(3_600_000)
  const auth = userCredentials({ client: client(), store, account: sub })
  const drive = await createClient({ ...emulator.connect(), auth }).discover('drive:v3')
  await drive.files.list()
  expect(await auth.grantedScopes()).toContain(DRIVE)
})

test('a login that others change again and again is not kept over theirs', async () => {
  let puts = 0
  const store = { ...memoryLoginStore(), put: async () => (puts++, false) }
  const login = webLogin({ client: client(), secret: createSecret(), store })
  const started = await login.start(new Request('https://app.example.com/login'))
  const back = emulator.consent(started.headers.get('location')!, { email: 'ada@example.com' })
  const cookie = started.headers.getSetCookie()[0]!.split(';')[0]!
  const finished = login.finish(new Request(back, { headers: { cookie } }))
  await expect(finished).rejects.toMatchObject({ reason: 'login_not_kept', retryable: true })
  expect(puts).toBe(5)
})

test('a device is logged in by a person elsewhere', async () => {
  const device = emulator.oauthClient({ type: 'device' })
  const { clientId, clientSecret } = device
  const flow = await client({ clientId, clientSecret, redirectUri: undefined }).deviceFlow({
    scopes: ['openid', 'email'],
  })
  emulator.deviceConsent(flow.userCode, { email: 'ada@example.com' })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const waiting = flow.wait()
  await vi.advanceTimersByTimeAsync(flow.intervalMs)
  vi.useRealTimers()
  expect((await waiting).claims?.email).toBe('ada@example.com')
})
