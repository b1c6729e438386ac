/** The client before a judge that others certified: `oidc-provider`, over real connections. */
import { authorizedFetch, type SavedLogin, userCredentials } from 'discokit/auth'
import {
  createSecret,
  discoverProvider,
  type OAuthClient,
  type OAuthClientOptions,
  oauthClient,
  webLogin,
} from 'discokit/login'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CookieBrowser, type Judge, openJudge } from './oidc-judge.ts'

const BACK = 'http://127.0.0.1:9/back'
const SECRET = 'a secret: & more/+%'
let judge: Judge | undefined
beforeAll(async () => {
  judge = await openJudge(BACK)
}, 30_000)
afterAll(() => judge?.[Symbol.asyncDispose]())
beforeEach(({ skip }) => skip(judge === undefined, 'oidc-provider does not run here'))

type Kind = 'basic' | 'post' | 'none'

async function clientOf(kind: Kind = 'basic', more: Partial<OAuthClientOptions> = {}): Promise<OAuthClient> {
  return oauthClient({
    clientId: kind,
    ...(kind !== 'none' && { clientSecret: SECRET }),
    clientAuthentication: kind === 'post' ? 'body' : kind,
    redirectUri: BACK,
    scopes: ['openid', 'email', 'offline_access'],
    provider: await discoverProvider(judge!.issuer),
    ...more,
  })
}

/** Asks the person, who says yes, and comes back. */
async function consent(client: OAuthClient, more: Parameters<OAuthClient['authorizationUrl']>[0] = {}) {
  const { url, request } = await client.authorizationUrl({ prompt: 'consent', ...more })
  const { address: back } = await new CookieBrowser().go(url)
  return { url, request, back }
}

async function signIn(client: OAuthClient) {
  const { request, back } = await consent(client)
  return { request, back, tokens: await client.finish(back, request) }
}

const refusedFor = (reason: string) => ({ code: 'auth_failed', reason })

describe('oidc-provider', () => {
  test.each<Kind>(['basic', 'post', 'none'])(
    'signs a person in for a client that shows who it is so: %s',
    async (kind) => {
      const client = await clientOf(kind)
      const { request, back, tokens } = await signIn(client)
      expect(new URL(back).searchParams.get('iss')).toBe(judge!.issuer)
      expect(tokens.claims).toMatchObject({
        iss: judge!.issuer,
        aud: kind,
        sub: 'ada',
        nonce: request.nonce,
      })
      expect(tokens.scopes.toSorted()).toEqual(['email', 'offline_access', 'openid'])
      expect(await client.userInfo(tokens)).toMatchObject({ sub: 'ada', email: 'ada@example.com' })
      expect(await client.userInfo(tokens, 'eve').catch((error: unknown) => error)).toMatchObject(
        refusedFor('wrong_subject'),
      )
    },
  )

  test('is asked with PKCE, and would take no request without', async () => {
    const client = await clientOf()
    expect(client.provider['code_challenge_methods_supported']).toContain('S256')
    const { url } = await client.authorizationUrl()
    const without = new URL(url)
    without.searchParams.delete('code_challenge')
    without.searchParams.delete('code_challenge_method')
    const { address } = await new CookieBrowser().go(without.href)
    expect(new URL(address).searchParams.get('error')).toBe('invalid_request')
  })

  test('promises to name itself in each answer, and answers that do not are refused', async () => {
    const client = await clientOf()
    expect(client.provider.authorization_response_iss_parameter_supported).toBe(true)
    const { request, back } = await consent(client)
    const nameless = new URL(back)
    nameless.searchParams.delete('iss')
    await expect(client.finish(nameless.href, request)).rejects.toMatchObject(refusedFor('wrong_issuer'))
    expect((await client.finish(back, request)).claims?.sub).toBe('ada')
  })

  test('tells that the person said no', async () => {
    const client = await clientOf()
    const { request, back } = await consent(client, { loginHint: 'deny' })
    await expect(client.finish(back, request)).rejects.toMatchObject(refusedFor('access_denied'))
  })

  test('asks nobody where nothing may be shown', async () => {
    const client = await clientOf()
    const { request, back } = await consent(client, { prompt: 'none' })
    await expect(client.finish(back, request)).rejects.toMatchObject(refusedFor('login_required'))
  })

  test('replaces refresh tokens, and one that is used again ends them all', async () => {
    const client = await clientOf()
    const { tokens } = await signIn(client)
    const second = await client.refresh(tokens)
    expect(second.refreshToken).not.toBe(tokens.refreshToken)
    expect(second.accessToken).not.toBe(tokens.accessToken)
    expect(second.claims?.sub).toBe('ada')
    const third = await client.refresh(second)
    await expect(client.refresh(tokens)).rejects.toMatchObject(refusedFor('invalid_grant'))
    await expect(client.refresh(third)).rejects.toMatchObject(refusedFor('invalid_grant'))
    await expect(client.userInfo(third)).rejects.toMatchObject({ code: 'auth_failed', status: 401 })
  })

  test.each<Kind>(['basic', 'post', 'none'])('renews what a credential has: %s', async (kind) => {
    const client = await clientOf(kind)
    const { tokens } = await signIn(client)
    const told: SavedLogin[] = []
    const onTokens = (renewed: SavedLogin) => void told.push(renewed)
    const auth = userCredentials({ client, tokens: { ...tokens, expiresAt: 0 }, onTokens })
    const ask = authorizedFetch(auth, { allowedOrigins: [judge!.issuer] })
    for (let i = 0; i < 2; i++) {
      const answer = await ask(client.provider.userinfo_endpoint!)
      expect(await answer.json()).toMatchObject({ sub: 'ada' })
    }
    expect(told).toHaveLength(1)
    expect(told[0]?.refreshToken).not.toBe(tokens.refreshToken)
    // The old refresh token ends the new one too: the login is over, and the error says so.
    const old = userCredentials({ client, tokens: { ...tokens, expiresAt: 0 } })
    const late = authorizedFetch(old, { allowedOrigins: [judge!.issuer] })
    await expect(late(client.provider.userinfo_endpoint!)).rejects.toMatchObject(refusedFor('invalid_grant'))
    expect(await ask(client.provider.userinfo_endpoint!).catch((error: unknown) => error)).toMatchObject(
      refusedFor('invalid_grant'),
    )
  })

  test.each<Kind>(['basic', 'post', 'none'])('takes tokens back: %s', async (kind) => {
    const client = await clientOf(kind)
    const { tokens } = await signIn(client)
    await client.revoke(tokens)
    await expect(client.refresh(tokens)).rejects.toMatchObject(refusedFor('invalid_grant'))
    await expect(client.userInfo(tokens)).rejects.toMatchObject({ code: 'auth_failed', status: 401 })
    await client.revoke(tokens) // what is gone stays gone
  })

  test('logs a device in', async () => {
    const client = await clientOf('none')
    const flow = await client.deviceFlow()
    const tokens = flow.wait()
    const browser = new CookieBrowser()
    let page = (await browser.go(flow.verificationUriComplete!)).page!
    for (let forms = 0; forms < 2; forms++) {
      const form = new URLSearchParams({ user_code: flow.userCode })
      const text = await page.text()
      form.set('xsrf', /name="xsrf" value="([^"]+)"/.exec(text)![1]!)
      if (text.includes('name="confirm"')) form.set('confirm', 'yes')
      page = (await browser.go(flow.verificationUri, form)).page!
      if (form.has('confirm')) break
    }
    expect(await tokens).toMatchObject({ claims: { sub: 'ada', aud: 'none' } })
  })

  test('signs a person in to a web application', async () => {
    const login = webLogin({ client: await clientOf('post'), secret: createSecret(), returnTo: '/notes' })
    const started = await login.start(new Request('http://127.0.0.1:9/login'), { prompt: 'consent' })
    const { address } = await new CookieBrowser().go(started.headers.get('location')!)
    const cookie = started.headers.getSetCookie()[0]!.split(';')[0]!
    const { response, user, error } = await login.finish(new Request(address, { headers: { cookie } }))
    expect([error, response.status, response.headers.get('location')]).toEqual([undefined, 303, '/notes'])
    expect(user).toMatchObject({ sub: 'ada', claims: { iss: judge!.issuer } })
    expect(user?.tokens.refreshToken).toEqual(expect.any(String))
  })
})

describe('oidc-provider refuses', () => {
  test('a code with another verifier', async () => {
    const client = await clientOf()
    const { request, back } = await consent(client)
    const other = { ...request, codeVerifier: 'a'.repeat(43) }
    await expect(client.finish(back, other)).rejects.toMatchObject(refusedFor('invalid_grant'))
  })

  test('a code that was used, and ends what came of it', async () => {
    const client = await clientOf()
    const { request, back, tokens } = await signIn(client)
    await expect(client.finish(back, request)).rejects.toMatchObject(refusedFor('invalid_grant'))
    await expect(client.refresh(tokens)).rejects.toMatchObject(refusedFor('invalid_grant'))
  })

  test('a code of another client', async () => {
    const { request, back } = await consent(await clientOf('basic'))
    await expect((await clientOf('post')).finish(back, request)).rejects.toMatchObject(
      refusedFor('invalid_grant'),
    )
  })

  test('a redirection that is not entered there, before anybody is sent to it', async () => {
    const client = await clientOf()
    const { url } = await client.authorizationUrl({ redirectUri: 'http://127.0.0.1:9/elsewhere' })
    const { address, page } = await new CookieBrowser().go(url)
    expect(new URL(address).origin).toBe(judge!.issuer)
    expect([page?.status, await page?.text()]).toEqual([400, expect.stringContaining('invalid_redirect_uri')])
  })

  test('a code that came back to another place', async () => {
    const client = await clientOf()
    const { request, back } = await consent(client)
    const moved = { ...request, redirectUri: 'http://127.0.0.1:9/elsewhere' }
    await expect(client.finish(back, moved)).rejects.toMatchObject(refusedFor('invalid_grant'))
  })

  test('a client with another secret', async () => {
    const client = await clientOf('basic', { clientSecret: 'another' })
    const { request, back } = await consent(client)
    await expect(client.finish(back, request)).rejects.toMatchObject({
      ...refusedFor('invalid_client'),
      status: 401,
    })
  })
})
