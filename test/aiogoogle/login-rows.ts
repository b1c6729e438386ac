import { ValidationError } from 'discokit'
import { accessToken, userCredentials, userTokens, verifyIdToken } from 'discokit/auth'
import { createSecret, GOOGLE_PROVIDER, type OAuthClient, oauthClient } from 'discokit/login'
import { expect } from 'vitest'
import type { RowTests } from '../examples/page-rows.ts'
import { type Connected, connect, failure } from './connect.ts'

const BACK = 'https://my-app.example.com/back'
const NOW = Date.parse('2026-01-02T03:04:05Z')
const FILES = 'https://www.googleapis.com/auth/drive.file'

/** An emulator of which people are asked for consent, by a client that may ask them. */
interface Asking extends Connected {
  readonly clientId: string
  readonly clientSecret: string
  readonly oauth: OAuthClient
}

async function asking(): Promise<Asking> {
  const c = await connect({ now: () => NOW })
  c.emulator.user({ email: 'ada@example.com', name: 'Ada', hostedDomain: 'example.com' })
  const { clientId, clientSecret } = c.emulator.oauthClient({ redirectUris: [BACK] })
  const { transport, clock } = c.emulator.connect()
  const registered = { clientId, clientSecret }
  const scopes = ['openid', 'email', FILES]
  const oauth = oauthClient({ ...registered, redirectUri: BACK, scopes, transport: transport!, clock })
  return { ...c, ...registered, oauth }
}

/** Asks Ada, who says yes. */
async function signIn(c: Asking, options: Parameters<OAuthClient['authorizationUrl']>[0] = {}) {
  const { url, request } = await c.oauth.authorizationUrl({ accessType: 'offline', ...options })
  const back = c.emulator.consent(url, { email: 'ada@example.com' })
  return { url: new URL(url), request, back, tokens: await c.oauth.finish(back, request) }
}

/** How people are asked for consent, and what comes of it. */
export const loginRows: RowTests = {
  async O2() {
    await using c = await asking()
    expect(c.oauth.provider).toEqual(GOOGLE_PROVIDER)
    expect(GOOGLE_PROVIDER).toMatchObject({
      authorization_endpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
      token_endpoint: 'https://oauth2.googleapis.com/token',
      revocation_endpoint: 'https://oauth2.googleapis.com/revoke',
    })
    expect(await failure(() => oauthClient({ clientId: '' }))).toBeInstanceOf(ValidationError)
  },

  async O5() {
    await using c = await asking()
    const { clientId } = c
    expect(c.oauth.isReady()).toBe(true)
    expect(oauthClient({ clientId, redirectUri: BACK }).isReady()).toBe(false)
    expect(oauthClient({ clientId, scopes: ['email'] }).isReady()).toBe(false)
  },

  async O6() {
    await using c = await asking()
    const { url, request } = await c.oauth.authorizationUrl({
      scopes: [FILES],
      accessType: 'offline',
      includeGrantedScopes: true,
      loginHint: 'ada@example.com',
      prompt: 'consent',
    })
    const parameters = Object.fromEntries(new URL(url).searchParams)
    expect(parameters).toMatchObject({
      client_id: c.clientId,
      redirect_uri: BACK,
      scope: FILES,
      access_type: 'offline',
      include_granted_scopes: 'true',
      login_hint: 'ada@example.com',
      prompt: 'consent',
      response_type: 'code',
      code_challenge_method: 'S256',
      state: request.state,
    })
    const { request: own } = await c.oauth.authorizationUrl({ state: 'one of my own, hard to guess' })
    expect(own.state).toBe('one of my own, hard to guess')
  },

  async O7() {
    await using c = await asking()
    const { tokens, back, request } = await signIn(c)
    expect(tokens).toMatchObject({ refreshToken: expect.any(String) as string })
    expect(tokens.scopes).toContain(FILES)
    expect(tokens.expiresAt).toBe(NOW + 3_599_000)
    const forged = new URL(back)
    forged.searchParams.set('state', 'of somebody else')
    expect(await failure(() => c.oauth.finish(forged, request))).toMatchObject({ reason: 'wrong_state' })
    const again = await failure(() => c.oauth.finish(back, request))
    expect(again).toMatchObject({ name: 'AuthError', reason: 'invalid_grant' })
  },

  async O8() {
    await using c = await asking()
    const { tokens } = await signIn(c)
    c.emulator.clock.advance(3_600_000)
    const renewed = await c.oauth.refresh(tokens)
    expect(renewed.accessToken).not.toBe(tokens.accessToken)
    expect(renewed.refreshToken).toBe(tokens.refreshToken)

    const { clientId, clientSecret } = c
    const told: string[] = []
    const { refresh_token: refreshToken, ...file } = c.emulator.authorizedUser({ rotating: true })
    const onRefreshToken = (token: string): void => void told.push(token)
    const other = { clientId: file.client_id, clientSecret: file.client_secret }
    for (const [options, times] of [
      [{ clientId, clientSecret, refreshToken: tokens.refreshToken! }, 0],
      [{ ...other, refreshToken, onRefreshToken }, 1],
    ] as const) {
      const drive = await c.google.as(userCredentials(options)).discover('drive:v3')
      await drive['files'].list()
      expect(told).toHaveLength(times)
    }
  },

  async O9() {
    await using c = await asking()
    const { tokens } = await signIn(c)
    await c.oauth.revoke(tokens)
    const drive = await c.client({ auth: accessToken(tokens.accessToken) }).discover('drive:v3')
    expect(await failure(() => drive.files.list())).toMatchObject({ status: 401 })
    expect(await failure(() => c.oauth.refresh(tokens))).toMatchObject({ reason: 'invalid_grant' })
  },

  async O10() {
    await using c = await asking()
    const { tokens } = await signIn(c)
    expect(c.oauth.isExpired(tokens)).toBe(false)
    expect(c.oauth.isExpired({ accessToken: tokens.accessToken })).toBe(true)
    c.emulator.clock.advance(3_599_000 - 225_001)
    expect(c.oauth.isExpired(tokens)).toBe(false)
    c.emulator.clock.advance(1)
    expect(c.oauth.isExpired(tokens)).toBe(true)
  },

  async O12() {
    await using c = await asking()
    const { tokens } = await signIn(c)
    c.emulator.journal.clear()
    const { sub } = tokens.claims!
    expect(await c.oauth.tokenInfo(tokens)).toMatchObject({ aud: c.clientId, sub })
    expect(await c.oauth.meInfo(tokens)).toMatchObject({ id: sub, email: 'ada@example.com' })
    expect(c.emulator.journal.exchanges.map(({ path }) => path)).toEqual(['/tokeninfo', '/userinfo/v2/me'])
    const oauth2 = await c.client({ auth: accessToken(tokens.accessToken) }).discover('oauth2:v2')
    expect(await oauth2.userinfo.v2.me.get()).toMatchObject({ email: 'ada@example.com' })
  },

  async O13() {
    await using c = await asking()
    const { url, request } = await c.oauth.authorizationUrl({
      display: 'popup',
      openidRealm: 'https://old.example.com/',
      hostedDomain: 'example.com',
    })
    const parameters = Object.fromEntries(new URL(url).searchParams)
    expect(parameters).toMatchObject({
      scope: `openid email ${FILES}`,
      nonce: request.nonce,
      display: 'popup',
      'openid.realm': 'https://old.example.com/',
      hd: 'example.com',
    })
    expect(request.nonce).toMatch(/^[\w-]{43}$/)
  },

  async O14() {
    await using c = await asking()
    const { tokens, request } = await signIn(c, { hostedDomain: 'example.com' })
    const { nonce } = request
    const identity = { iss: 'https://accounts.google.com', aud: c.clientId, email: 'ada@example.com' }
    expect(tokens.claims).toMatchObject({ ...identity, nonce, hd: 'example.com' })
    const { transport, clock } = c.emulator.connect()
    const options = { audience: c.clientId, transport: transport!, clock }
    expect(await verifyIdToken(tokens.idToken!, options)).toEqual(tokens.claims)

    const { url, request: other } = await c.oauth.authorizationUrl()
    const back = c.emulator.consent(url, { email: 'ada@example.com' })
    const verify = { verify: false } as object
    const finish = (): unknown => c.oauth.finish(back, other, verify)
    expect(await failure(finish)).toBeInstanceOf(ValidationError)
    const stolen = { ...other, nonce: request.nonce! }
    expect(await failure(() => c.oauth.finish(back, stolen))).toMatchObject({ reason: 'wrong_nonce' })
  },

  async O16() {
    await using c = await asking()
    const { tokens } = await signIn(c)
    const { idToken = '', claims } = tokens
    expect(await c.oauth.tokenInfo({ idToken })).toMatchObject({ aud: c.clientId, sub: claims!.sub })
    expect(await c.oauth.userInfo(tokens)).toMatchObject({ sub: claims!.sub, email: 'ada@example.com' })
    const another = await failure(() => c.oauth.userInfo(tokens, 'somebody-else'))
    expect(another).toMatchObject({ reason: 'wrong_subject' })
  },

  O20() {
    expect(createSecret()).toMatch(/^[\w-]{43}$/)
    expect(createSecret(1_024)).toHaveLength(1_366)
    expect(createSecret()).not.toBe(createSecret())
  },

  async O21() {
    await using c = await asking()
    const { tokens } = await signIn(c)
    const kept = JSON.parse(JSON.stringify({ ...tokens, note: 'of my own' })) as typeof tokens
    expect(kept).toEqual({ ...tokens, note: 'of my own' })
    expect(await c.oauth.refresh(kept)).toMatchObject({ note: 'of my own', scopes: tokens.scopes })

    const { accessToken, refreshToken, scopes, idToken, claims } = tokens
    const creds = {
      access_token: accessToken,
      refresh_token: refreshToken,
      expires_in: 3_599,
      expires_at: '2026-01-02T04:02:04', // without a zone, and two minutes early
      scopes,
      id_token: claims,
      id_token_jwt: idToken,
      token_type: 'Bearer',
      token_uri: 'https://oauth2.googleapis.com/token',
      token_info_uri: 'https://www.googleapis.com/oauth2/v4/tokeninfo',
      revoke_uri: 'https://oauth2.googleapis.com/revoke',
    }
    const read = userTokens(JSON.stringify(creds))
    expect(read).toMatchObject({
      accessToken,
      refreshToken,
      scopes,
      idToken,
      claims,
      expiresAt: NOW + 3_479_000,
    })
    c.emulator.clock.advance(3_600_000)
    expect(c.oauth.isExpired(read)).toBe(true)
    expect(c.oauth.isExpired(await c.oauth.refresh(read))).toBe(false)
  },

  async O22() {
    await using c = await asking()
    const { clientId, redirectUri, scopes } = c.oauth
    expect({ clientId, redirectUri, scopes }).toEqual({
      clientId: c.clientId,
      redirectUri: BACK,
      scopes: ['openid', 'email', FILES],
    })
    expect(JSON.stringify(c.oauth)).not.toContain(c.clientSecret)
    const misspelt = { clientId, client_secret: 's' }
    expect(await failure(() => oauthClient(misspelt))).toBeInstanceOf(ValidationError)
  },
}
