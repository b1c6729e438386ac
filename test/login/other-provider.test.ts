/** The client against a provider that knows nothing of Google, over real connections. */
import { discoverProvider, oauthClient } from 'discokit/login'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openProvider, type Provider } from '../auth/openid-provider.ts'

const BACK = 'http://127.0.0.1:9/back'
let provider: Provider
beforeAll(async () => {
  provider = await openProvider()
})
afterAll(() => provider[Symbol.asyncDispose]())

/** Comes back with the code that the provider gives at once. */
async function begin() {
  const metadata = await discoverProvider(provider.issuer)
  const client = oauthClient({
    clientId: 'my-client',
    clientSecret: 'a secret & more',
    clientAuthentication: 'basic',
    redirectUri: BACK,
    scopes: ['openid', 'email'],
    provider: metadata,
  })
  const { url, request } = await client.authorizationUrl()
  const answer = await fetch(url, { redirect: 'manual' })
  return { client, request, back: answer.headers.get('location')! }
}

test('a person signs in with another provider', async () => {
  const { client, request, back } = await begin()
  const tokens = await client.finish(back, request)
  expect(tokens.claims).toMatchObject({ iss: provider.issuer, aud: 'my-client', nonce: request.nonce })
  const { sub } = tokens.claims!
  expect(await client.userInfo(tokens)).toMatchObject({ sub })
  expect(await client.refresh(tokens)).toMatchObject({ claims: { sub } })
})

test('its code is refused with another verifier', async () => {
  const { client, request, back } = await begin()
  const other = { ...request, codeVerifier: 'a'.repeat(43) }
  await expect(client.finish(back, other)).rejects.toMatchObject({ code: 'auth_failed' })
})

test('one that is reached by another name is another issuer', async () => {
  const named = provider.issuer.includes('localhost')
    ? provider.issuer.replace('localhost', '127.0.0.1')
    : provider.issuer.replace('127.0.0.1', 'localhost')
  await expect(discoverProvider(named)).rejects.toMatchObject({ code: 'auth_failed' })
})

test('asks for the issuer again where there is none', async () => {
  const wrong = `${provider.issuer}/tenant`
  await expect(discoverProvider(wrong)).rejects.toThrow(
    `404 http_404. Is ${wrong} the issuer, letter by letter?`,
  )
})
