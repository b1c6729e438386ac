/** A strict client of the standards judges the emulator's OAuth endpoints: what it accepts conforms to them. */
import { createPrivateKey, randomUUID, sign } from 'node:crypto'
import { createEmulator, type Emulator } from 'discokit/emulator'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const SCOPE = 'https://www.googleapis.com/auth/devstorage.read_only'
const INSECURE = { [oauth.allowInsecureRequests]: true }

let emulator: Emulator
let google: oauth.AuthorizationServer
let sts: oauth.AuthorizationServer

beforeAll(async () => {
  emulator = await createEmulator()
  const { url } = await emulator.listen()
  google = {
    issuer: 'https://accounts.google.com',
    token_endpoint: `${url}/token`,
    revocation_endpoint: `${url}/revoke`,
    jwks_uri: `${url}/oauth2/v3/certs`,
  }
  const below = `${url}/sts.googleapis.com/v1`
  sts = {
    issuer: 'https://sts.googleapis.com/',
    token_endpoint: `${below}/token`,
    introspection_endpoint: `${below}/introspect`,
  }
})
afterAll(() => emulator.close())

/** Calls an API. A challenge of the server's, as for a token that it does not know, is an error. */
async function call(token: string): Promise<number> {
  const address = new URL(`${emulator.url}/storage/v1/b?project=p`)
  const headers = new Headers()
  return (await oauth.protectedResourceRequest(token, 'GET', address, headers, null, INSECURE)).status
}

describe.each([
  { where: 'the form', asClient: oauth.ClientSecretPost },
  { where: 'a header', asClient: oauth.ClientSecretBasic },
])('a refresh token, the client told in $where', ({ where, asClient }) => {
  function person(options: Parameters<Emulator['authorizedUser']>[0] = {}) {
    const { client_id, client_secret, refresh_token } = emulator.authorizedUser(options)
    return { client: { client_id }, login: asClient(client_secret), refresh_token }
  }

  test('becomes an access token that an API takes, and an ID token', async () => {
    const { client, login, refresh_token } = person({
      email: 'ada@example.com',
      scopes: ['openid', 'email', SCOPE],
    })
    const response = await oauth.refreshTokenGrantRequest(google, client, login, refresh_token, INSECURE)
    const told = await oauth.processRefreshTokenResponse(google, client, response)
    expect(told).toMatchObject({ token_type: 'bearer', expires_in: 3599, scope: `openid email ${SCOPE}` })
    expect(oauth.getValidatedIdTokenClaims(told)).toMatchObject({ email: 'ada@example.com' })
    await oauth.validateApplicationLevelSignature(google, response, INSECURE)
    expect(await call(told.access_token)).toBe(200)
  })

  test('is replaced where tokens rotate', async () => {
    const { client, login, refresh_token } = person({ rotating: true, scopes: [SCOPE] })
    const exchange = async (token: string): Promise<oauth.TokenEndpointResponse> =>
      oauth.processRefreshTokenResponse(
        google,
        client,
        await oauth.refreshTokenGrantRequest(google, client, login, token, INSECURE),
      )
    const first = await exchange(refresh_token)
    expect(await call((await exchange(first.refresh_token!)).access_token)).toBe(200)
    await expect(exchange(refresh_token)).rejects.toMatchObject({ status: 400, error: 'invalid_grant' })
  })

  test('is taken back, and its access tokens with it', async () => {
    const { client, login, refresh_token } = person({ scopes: [SCOPE] })
    const response = await oauth.refreshTokenGrantRequest(google, client, login, refresh_token, INSECURE)
    const { access_token } = await oauth.processRefreshTokenResponse(google, client, response)
    const revoked = await oauth.revocationRequest(google, client, login, refresh_token, INSECURE)
    await oauth.processRevocationResponse(revoked)
    await expect(call(access_token)).rejects.toBeInstanceOf(oauth.WWWAuthenticateChallengeError)
    const again = await oauth.refreshTokenGrantRequest(google, client, login, refresh_token, INSECURE)
    await expect(oauth.processRefreshTokenResponse(google, client, again)).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  test('of a client that is not known is refused', async () => {
    const { client, refresh_token } = person()
    const login = asClient('guessed')
    const response = await oauth.refreshTokenGrantRequest(google, client, login, refresh_token, INSECURE)
    await expect(oauth.processRefreshTokenResponse(google, client, response)).rejects.toMatchObject(
      // A header that does not hold is answered by a challenge, as RFC 6749 section 5.2 asks.
      where === 'a header' ? { status: 401, cause: [{ scheme: 'basic' }] } : { status: 401 },
    )
  })
})

describe('a signed assertion', () => {
  const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
  async function asserted(more: object = {}): Promise<Response> {
    const key = await emulator.serviceAccountKey()
    const segment = (content: object): string => Buffer.from(JSON.stringify(content)).toString('base64url')
    const iat = Math.floor(Date.now() / 1000)
    const own = { iss: key.client_email, aud: key.token_uri, iat, exp: iat + 600, jti: randomUUID() }
    const header = segment({ alg: 'RS256', typ: 'JWT', kid: key.private_key_id })
    const signed = `${header}.${segment({ ...own, scope: SCOPE, ...more })}`
    const signature = sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(key.private_key))
    const fields = new URLSearchParams({ assertion: `${signed}.${signature.toString('base64url')}` })
    const client = { client_id: key.client_id }
    return oauth.genericTokenEndpointRequest(google, client, oauth.None(), GRANT, fields, INSECURE)
  }
  const read = async (response: Response): Promise<oauth.TokenEndpointResponse> =>
    oauth.processGenericTokenEndpointResponse(google, { client_id: 'any' }, response)

  test('becomes an access token that an API takes', async () => {
    const told = await read(await asserted())
    expect(told).toMatchObject({ token_type: 'bearer', expires_in: 3599 })
    expect(await call(told.access_token)).toBe(200)
  })

  test('that is too old is refused', async () => {
    await expect(read(await asserted({ iat: 1, exp: 2 }))).rejects.toMatchObject({
      status: 400,
      error: 'invalid_grant',
      error_description: expect.stringMatching(/^Invalid JWT: /),
    })
  })
})

describe('a token of another provider', () => {
  const TYPE = 'urn:ietf:params:oauth:token-type:'
  const client = { client_id: 'any' }
  async function exchanged(more: Record<string, string> = {}): Promise<oauth.TokenEndpointResponse> {
    const { file, subjectToken } = emulator.externalAccount()
    const fields = new URLSearchParams({
      audience: file.audience,
      scope: SCOPE,
      requested_token_type: `${TYPE}access_token`,
      subject_token: await subjectToken(),
      subject_token_type: file.subject_token_type,
      ...more,
    })
    const grant = 'urn:ietf:params:oauth:grant-type:token-exchange'
    return oauth.processGenericTokenEndpointResponse(
      sts,
      client,
      await oauth.genericTokenEndpointRequest(sts, client, oauth.None(), grant, fields, INSECURE),
    )
  }

  test('becomes an access token that an API takes, and that tells whose it is', async () => {
    const told = await exchanged()
    expect(told).toMatchObject({ issued_token_type: `${TYPE}access_token`, token_type: 'bearer' })
    expect(await call(told.access_token)).toBe(200)
    const response = await oauth.introspectionRequest(sts, client, oauth.None(), told.access_token, INSECURE)
    expect(await oauth.processIntrospectionResponse(sts, client, response)).toMatchObject({
      active: true,
      sub: emulator.externalAccount().principal,
      scope: SCOPE,
    })
  })

  test.each([
    { audience: '//iam.googleapis.com/elsewhere', error: 'invalid_target' },
    { subject_token: 'nonsense', error: 'invalid_grant' },
    { subject_token_type: `${TYPE}saml2`, error: 'invalid_request' },
  ])('is refused: $error', async ({ error, ...more }) => {
    await expect(exchanged(more as Record<string, string>)).rejects.toMatchObject({ status: 400, error })
  })
})
