import { inspect } from 'node:util'
import { TransportError, ValidationError } from 'discokit'
import {
  createSecret,
  memoryLoginStore,
  type StartOptions,
  webLogin,
  type WebLoginOptions,
} from 'discokit/login'
import { beforeEach, describe, expect, test } from 'vitest'
import { makeKey } from '../auth/issuer.ts'
import { failureOf } from '../media/connection.ts'
import { ISSUER, json, ScriptedProvider } from './provider.ts'

const SITE = 'https://app.example.com'
const secret = createSecret()
const rsa = await makeKey('RS256', 'one')
let provider: ScriptedProvider
beforeEach(() => {
  provider = new ScriptedProvider([rsa])
})

const login = (more: Partial<WebLoginOptions> = {}) =>
  webLogin({ client: provider.client(), secret, scopes: ['email'], ...more })

/** A browser: keeps the cookies that it is given. */
class Browser {
  readonly cookies = new Map<string, string>()
  request(url: string, init: RequestInit = {}): Request {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    return new Request(url, { ...init, headers: { ...(cookie && { cookie }) } })
  }
  take(response: Response): Response {
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = '', life] = /^([^=]+)=([^;]*);.*Max-Age=(\d+)/.exec(line) ?? []
      if (life === '0') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return response
  }
}

/** Begins a login, and gives the address that the provider sends the browser back to. */
async function begin(browser = new Browser(), web = login(), options: StartOptions = {}) {
  const response = browser.take(await web.start(browser.request(`${SITE}/login`), options))
  const asked = new URL(response.headers.get('location')!).searchParams
  provider.nonce = asked.get('nonce')!
  const idToken = await provider.idToken()
  provider.answers.set(
    '/token',
    json({ access_token: 'access-canary', refresh_token: 'refresh-canary', id_token: idToken }),
  )
  const query = new URLSearchParams({ state: asked.get('state')!, code: 'code-canary' })
  return { browser, web, response, asked, back: `${SITE}/back?${query}`, idToken }
}

const tokensAsked = () => provider.asked.filter(({ url }) => url.endsWith('/token')).length

describe('webLogin', () => {
  test('signs a person in and sends the browser on, without the code in the address', async () => {
    const { browser, web, response, asked, back } = await begin()
    expect(response.status).toBe(303)
    expect(asked.get('scope')).toBe('openid email')
    expect(asked.get('code_challenge_method')).toBe('S256')
    const { response: after, user, error } = await web.finish(browser.request(back))
    expect(error).toBeUndefined()
    expect(user).toMatchObject({
      sub: 'ada-1',
      claims: { email: 'ada@example.com', email_verified: true },
      tokens: { accessToken: 'access-canary', refreshToken: 'refresh-canary' },
    })
    expect([after.status, after.headers.get('location')]).toEqual([303, '/'])
    for (const { headers } of [response, after]) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  test('the application can add a cookie of its own', async () => {
    const { browser, web, back } = await begin()
    const { response } = await web.finish(browser.request(back))
    response.headers.append('set-cookie', 'session=1')
    expect(response.headers.getSetCookie()).toHaveLength(2)
  })

  test('the cookie is sealed, for this host, out of reach of scripts, and gone after the answer', async () => {
    const { browser, web, response, asked, back } = await begin()
    const [cookie = '', ...others] = response.headers.getSetCookie()
    expect(others).toEqual([])
    expect(cookie).toMatch(
      /^__Host-discokit-login-[\w-]{12}=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax; Secure$/,
    )
    for (const name of ['state', 'nonce']) expect(cookie).not.toContain(asked.get(name))
    expect(Buffer.from(cookie.split(/[=;]/)[1]!, 'base64url').toString('latin1')).not.toContain(
      'codeVerifier',
    )
    browser.take((await web.finish(browser.request(back))).response)
    expect(browser.cookies.size).toBe(0)
  })

  test('the same login gives another cookie each time', async () => {
    const options = { display: 'page' } as const
    const values = await Promise.all(
      [1, 2].map(
        async () => (await begin(new Browser(), login(), options)).response.headers.getSetCookie()[0]!,
      ),
    )
    expect(values[0]).not.toBe(values[1])
  })

  test('http on this machine has a cookie that browsers take there', async () => {
    const web = login({ redirectUri: 'http://127.0.0.1:8080/back' })
    const { response } = await begin(new Browser(), web)
    expect(response.headers.getSetCookie()[0]).toMatch(
      /^discokit-login-[\w-]+=[\w-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/,
    )
  })

  test('an answer is good once', async () => {
    const { browser, web, back } = await begin()
    browser.take((await web.finish(browser.request(back))).response)
    const { user, error, response } = await web.finish(browser.request(back))
    expect(user).toBeUndefined()
    expect(error).toMatchObject({ reason: 'wrong_state' })
    expect(response.status).toBe(400)
    expect(tokensAsked()).toBe(1)
  })

  test('another browser is not signed in by an answer that it did not ask for', async () => {
    const { web, back } = await begin()
    const { user, error } = await web.finish(new Browser().request(back))
    expect([user, error]).toMatchObject([undefined, { reason: 'wrong_state' }])
    const { browser } = await begin()
    expect((await web.finish(browser.request(back))).error).toMatchObject({ reason: 'wrong_state' })
    expect(tokensAsked()).toBe(0)
  })

  test('forged answers, errors too, end nothing: the right one still signs in', async () => {
    const { browser, web, back } = await begin()
    for (const query of [
      '',
      'error=access_denied',
      'state=x&code=y',
      'state=x&error=access_denied',
      back.split('?')[1] + '&state=x',
    ]) {
      const { response, user } = await web.finish(browser.request(`${SITE}/back?${query}`))
      expect(user).toBeUndefined()
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect((await web.finish(browser.request(back))).user?.sub).toBe('ada-1')
  })

  test('two tabs do not disturb each other', async () => {
    const web = login()
    const browser = new Browser()
    const first = await begin(browser, web, { returnTo: '/first' })
    const nonce = provider.nonce
    const token = provider.answers.get('/token')!
    const second = await begin(browser, web, { returnTo: '/second' })
    const done = browser.take((await web.finish(browser.request(second.back))).response)
    expect(done.headers.get('location')).toBe('/second')
    provider.nonce = nonce
    provider.answers.set('/token', token)
    expect((await web.finish(browser.request(first.back))).response.headers.get('location')).toBe('/first')
  })

  test('logins that nobody finishes do not pile up', async () => {
    const web = login()
    const browser = new Browser()
    for (let round = 0; round < 20; round++) await begin(browser, web)
    expect(browser.cookies.size).toBeLessThanOrEqual(4)
  })

  test.each<[string, (value: string) => string]>([
    ['changed', (value) => value.slice(0, 20) + (value[20] === 'A' ? 'B' : 'A') + value.slice(21)],
    ['cut off', (value) => value.slice(0, -4)],
    ['cut off in its nonce', (value) => value.slice(0, 8)],
    ['empty', () => ''],
    ['no base64', () => '!!'],
    ['plain JSON', () => Buffer.from('{"request":{}}').toString('base64url')],
  ])('a cookie that is %s is none', async (_, change) => {
    const { browser, web, back } = await begin()
    const [[name, value]] = [...browser.cookies] as [[string, string]]
    browser.cookies.set(name, change(value))
    expect((await web.finish(browser.request(back))).error).toMatchObject({ reason: 'wrong_state' })
  })

  test('a cookie of another login, key or client is none', async () => {
    const mine = await begin()
    const [[name]] = [...mine.browser.cookies] as [[string, string]]
    const other = await begin()
    mine.browser.cookies.set(name, [...other.browser.cookies.values()][0]!)
    expect((await mine.web.finish(mine.browser.request(mine.back))).error).toMatchObject({
      reason: 'wrong_state',
    })
    const strangers = [
      login({ secret: createSecret() }),
      login({ client: provider.client({ clientId: 'other-client' }) }),
    ]
    for (const web of strangers)
      expect((await web.finish(other.browser.request(other.back))).error).toMatchObject({
        reason: 'wrong_state',
      })
  })

  test('a planted second cookie of the same name takes the login away, and signs nobody in', async () => {
    const { browser, web, back } = await begin()
    const [[name, value]] = [...browser.cookies] as [[string, string]]
    const request = new Request(back, { headers: { cookie: `${name}=planted; ${name}=${value}` } })
    expect((await web.finish(request)).error).toMatchObject({ reason: 'wrong_state' })
  })

  test('another instance of the application takes the answer, by the same secret', async () => {
    const { browser, back } = await begin(new Browser(), login())
    const bytes = new Uint8Array(Buffer.from(secret, 'base64url'))
    expect((await login({ secret: bytes }).finish(browser.request(back))).user?.sub).toBe('ada-1')
  })

  test('ten minutes later it is over', async () => {
    const { browser, web, back } = await begin()
    provider.now += 600_001
    expect((await web.finish(browser.request(back))).error).toMatchObject({ reason: 'request_expired' })
  })

  test('a denial ends the login, with a page that repeats nothing', async () => {
    const { browser, web, asked } = await begin()
    const query = new URLSearchParams({
      state: asked.get('state')!,
      error: 'access_denied',
      error_description: '<b>x</b>',
    })
    const { response, user, error } = await web.finish(browser.request(`${SITE}/back?${query}`))
    expect([user, error, response.status]).toMatchObject([undefined, { reason: 'access_denied' }, 400])
    expect(await response.text()).toBe('The sign-in was cancelled.')
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(browser.take(response) && browser.cookies.size).toBe(0)
  })

  test('a failure can lead to a page of the application', async () => {
    const web = login({ failureTo: '/sign-in?failed=1' })
    const { response, error } = await web.finish(new Browser().request(`${SITE}/back?state=x`))
    expect(error).toBeDefined()
    expect([response.status, response.headers.get('location')]).toEqual([303, '/sign-in?failed=1'])
  })

  test('a provider that cannot be reached is told as such, and the code is not sent twice', async () => {
    const { browser, web, back } = await begin()
    provider.answers.set('/token', () => {
      throw new TransportError('the connection broke', { reason: 'ECONNRESET', progress: 'sent' })
    })
    const { response, error } = await web.finish(browser.request(back))
    expect([response.status, error]).toMatchObject([503, { reason: 'ECONNRESET', retryable: true }])
    expect(tokensAsked()).toBe(1)
  })

  test('an ID token that is not accepted signs nobody in', async () => {
    const { browser, web, back } = await begin()
    const idToken = await provider.idToken({ nonce: 'another' })
    provider.answers.set('/token', json({ access_token: 'access-canary', id_token: idToken }))
    const { user, error, response } = await web.finish(browser.request(back))
    expect([user, error]).toMatchObject([undefined, { reason: 'wrong_nonce' }])
    expect(await response.text()).not.toContain('canary')
  })

  test('only GET is taken', async () => {
    const { browser, web, back } = await begin()
    const { response, user } = await web.finish(browser.request(back, { method: 'POST' }))
    expect([user, response.status]).toEqual([undefined, 405])
    expect(response.headers.getSetCookie()).toEqual([])
  })

  test('no token and no claim goes to the browser', async () => {
    const { browser, web, back, idToken } = await begin()
    const { response } = await web.finish(browser.request(back))
    const sent = JSON.stringify([...response.headers]) + (await response.text())
    for (const canary of ['canary', 'ada', idToken.slice(0, 20)]) expect(sent).not.toContain(canary)
  })

  test('a store has the tokens before the answer goes out, and its failure is thrown without what it says', async () => {
    const store = memoryLoginStore()
    const { browser, web, back } = await begin(new Browser(), login({ store }))
    await web.finish(browser.request(back))
    expect((await store.get('ada-1'))?.login).toMatchObject({
      refreshToken: 'refresh-canary',
      accessToken: 'access-canary',
      claims: { sub: 'ada-1' },
    })
    const put = (_account: string, row: object): never => {
      throw new RangeError(`failing row: ${JSON.stringify(row)}`)
    }
    const full = await begin(new Browser(), login({ store: { ...store, put } }))
    const failure: Error = await failureOf(full.web.finish(full.browser.request(full.back)))
    expect(failure).toMatchObject({ name: 'AuthError', reason: 'store_failed' })
    expect(failure.message).toContain('it failed with RangeError')
    expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain('canary')
  })

  test.each([
    ['the same client', { iss: ISSUER, aud: 'my-client' }, 'kept', true],
    ['the same client among others', { iss: ISSUER, aud: ['x', 'my-client'], azp: 'x' }, 'kept', true],
    ['nobody knows which client', {}, 'kept', true],
    ['something that is no client', { iss: {}, aud: { x: 1 } }, undefined, true],
    ['another client', { iss: ISSUER, aud: 'another' }, undefined, true],
    ['another issuer', { iss: 'https://other.example.com', aud: 'my-client' }, undefined, false],
  ])('of a login that was given to %s, a store keeps what is this one’s', async (_, claims, kept, isSame) => {
    const store = memoryLoginStore()
    const old = { refreshToken: 'kept', refreshTokenExpiresAt: 1, claims: claims as never, mine: 1 }
    await store.put('ada-1', old, undefined)
    const { browser, web, back, idToken } = await begin(new Browser(), login({ store }))
    provider.answers.set('/token', json({ access_token: 'access-canary', id_token: idToken }))
    await web.finish(browser.request(back))
    const { login: now } = (await store.get('ada-1'))!
    expect(now).toMatchObject({ accessToken: 'access-canary', claims: { iss: ISSUER, sub: 'ada-1' } })
    expect(now.refreshToken).toBe(kept)
    expect('mine' in now).toBe(isSame)
  })

  test.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '',
    'home',
    '/a\nb',
    '/\t/evil.example',
    '/a\\b',
  ])('does not lead to %j', async (returnTo) => {
    expect(() => login({ returnTo })).toThrow(ValidationError)
    expect(() => login({ failureTo: returnTo })).toThrow(ValidationError)
    const started = login().start(new Browser().request(`${SITE}/login`), { returnTo })
    await expect(started).rejects.toBeInstanceOf(ValidationError)
  })

  test('leads to a page of the site, with its query', async () => {
    const { browser, web, back } = await begin(new Browser(), login(), { returnTo: '/notes?page=2#top' })
    expect((await web.finish(browser.request(back))).response.headers.get('location')).toBe(
      '/notes?page=2#top',
    )
  })

  test.each<[string, object, string]>([
    ['no client', { client: undefined }, 'client'],
    ['no secret', { secret: undefined }, 'secret'],
    ['a short secret', { secret: 'secret' }, 'secret'],
    ['31 bytes', { secret: new Uint8Array(31) }, 'secret'],
    ['http elsewhere', { redirectUri: 'http://app.example.com/back' }, 'redirectUri'],
    ['neither email nor profile', { scopes: ['openid'] }, 'scopes'],
    ['what is no store', { store: { atomic: true, get() {}, put() {} } }, 'store'],
    ['a misspelt option', { secrets: 'x' }, 'secrets'],
  ])('refuses %s', (_, more, path) => {
    expect(() => login(more)).toThrow(ValidationError)
    expect(() => login(more)).toThrow(path)
  })

  const FILE = 'https://www.googleapis.com/auth/drive.file'
  test.each([
    ['one more, beside who the person is', [FILE], `openid email ${FILE}`],
    ['who the person is in other words', ['profile', FILE], `openid profile ${FILE}`],
    ['openid as well', ['openid', FILE], `openid email ${FILE}`],
  ])('asks for other scopes once: %s', async (_, scopes, asked) => {
    const web = login({ scopes: ['email', 'https://www.googleapis.com/auth/tasks'] })
    const begun = await begin(new Browser(), web, { scopes, includeGrantedScopes: true })
    expect(begun.asked.get('scope')).toBe(asked)
    expect(begun.asked.get('include_granted_scopes')).toBe('true')
    const { user } = await web.finish(begun.browser.request(begun.back))
    expect(user?.tokens.scopes).toEqual(asked.split(' ')) // the provider says of none that it was not granted
    expect((await begin(new Browser(), web)).asked.get('scope')).toMatch(/^openid email .*tasks$/)
  })

  test.each([[[]], ['email'], [['two words']], [[1]], [null]])(
    'refuses the scopes %j for once',
    async (scopes) => {
      const started = login().start(new Browser().request(`${SITE}/login`), { scopes: scopes as string[] })
      await expect(started).rejects.toMatchObject({ problems: [expect.objectContaining({ path: 'scopes' })] })
    },
  )

  test.each(['state', 'nonce', 'redirectUri'])('the %s of a login is its own', async (name) => {
    const started = login().start(new Browser().request(`${SITE}/login`), { [name]: 'x' })
    await expect(started).rejects.toMatchObject({ problems: [expect.objectContaining({ path: name })] })
  })
})
