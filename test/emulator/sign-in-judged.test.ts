/** A strict client of the standards judges how the emulator signs people in. */
import { createEmulator, type Emulator } from 'discokit/emulator'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DRIVE, EMAIL } from './sign-in.ts'

const ISSUER = new URL('https://accounts.google.com')
const INSECURE = { [oauth.allowInsecureRequests]: true }
const BACK = 'http://127.0.0.1:5000/back'

let emulator: Emulator
let google: oauth.AuthorizationServer
beforeAll(async () => {
  emulator = await createEmulator()
  const { url } = await emulator.listen()
  emulator.user({ email: 'ada@example.com', name: 'Ada Lovelace' })
  const response = await fetch(`${url}/accounts.google.com/.well-known/openid-configuration`)
  google = await oauth.processDiscoveryResponse(ISSUER, response)
})
afterAll(() => emulator.close())

/** Asks for consent as the standards want it. */
async function asked(client: oauth.Client, more: Record<string, string> = {}) {
  const [verifier, nonce, state] = [
    oauth.generateRandomCodeVerifier(),
    oauth.generateRandomNonce(),
    oauth.generateRandomState(),
  ]
  const url = new URL(google.authorization_endpoint!)
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: BACK,
    response_type: 'code',
    scope: `openid email profile ${DRIVE}`,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce,
    state,
    ...more,
  }).toString()
  return { url: url.href, verifier, nonce, state }
}

describe.each([
  { type: 'web', asClient: oauth.ClientSecretPost },
  { type: 'web', asClient: oauth.ClientSecretBasic },
  { type: 'desktop', asClient: oauth.ClientSecretPost },
] as const)('a $type client', ({ type, asClient }) => {
  test(`signs somebody in by ${asClient.name}`, async () => {
    const { clientId, clientSecret } = emulator.oauthClient({ type, redirectUris: [BACK] })
    const client = { client_id: clientId }
    const { url, verifier, nonce, state } = await asked(client, { access_type: 'offline' })
    const back = new URL(emulator.consent(url, { email: 'ada@example.com' }))
    const answer = oauth.validateAuthResponse(google, client, back, state)
    const login = asClient(clientSecret)
    const response = await oauth.authorizationCodeGrantRequest(
      google,
      client,
      login,
      answer,
      BACK,
      verifier,
      INSECURE,
    )
    // `at_hash` is checked with it, where the ID token has it.
    const tokens = await oauth.processAuthorizationCodeResponse(google, client, response, {
      expectedNonce: nonce,
      requireIdToken: true,
    })
    await oauth.validateApplicationLevelSignature(google, response, INSECURE)
    const claims = oauth.getValidatedIdTokenClaims(tokens)!
    expect(claims).toMatchObject({
      name: 'Ada Lovelace',
      email: 'ada@example.com',
      at_hash: expect.any(String),
    })
    expect(tokens.scope).toContain(EMAIL)

    const told = await oauth.userInfoRequest(google, client, tokens.access_token, INSECURE)
    expect(await oauth.processUserInfoResponse(google, client, claims.sub, told)).toMatchObject({
      email: 'ada@example.com',
    })

    const again = await oauth.refreshTokenGrantRequest(google, client, login, tokens.refresh_token!, INSECURE)
    const refreshed = await oauth.processRefreshTokenResponse(google, client, again)
    expect(oauth.getValidatedIdTokenClaims(refreshed)).toMatchObject({ sub: claims.sub })

    const revoked = await oauth.revocationRequest(google, client, login, tokens.refresh_token!, INSECURE)
    await oauth.processRevocationResponse(revoked)
    const last = await oauth.refreshTokenGrantRequest(google, client, login, tokens.refresh_token!, INSECURE)
    await expect(oauth.processRefreshTokenResponse(google, client, last)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  test('is told of a refusal in an answer that names its issuer', async () => {
    const client = { client_id: emulator.oauthClient({ type, redirectUris: [BACK] }).clientId }
    const { url, state } = await asked(client)
    const back = new URL(emulator.consent(url, { deny: true }))
    const validate = (): unknown => oauth.validateAuthResponse(google, client, back, state)
    expect(validate).toThrow(expect.objectContaining({ error: 'access_denied' }))
    back.searchParams.delete('iss')
    expect(validate).toThrow(/iss/)
  })
})

test('the configuration has the addresses of whoever asks', async () => {
  const { url } = emulator
  expect(google).toMatchObject({
    issuer: 'https://accounts.google.com',
    token_endpoint: `${url}/oauth2.googleapis.com/token`,
    authorization_response_iss_parameter_supported: true,
  })
  const { body } = await emulator.handle({
    method: 'GET',
    url: 'https://accounts.google.com/.well-known/openid-configuration',
    headers: {},
  })
  expect(JSON.parse(await body.text())).toMatchObject({
    authorization_endpoint: 'https://accounts.google.com/o/oauth2/v2/auth',
    token_endpoint: 'https://oauth2.googleapis.com/token',
    userinfo_endpoint: 'https://openidconnect.googleapis.com/v1/userinfo',
  })
})
