/** Tokens go to the provider of the client that they were given to, and to nobody else. */
import { userCredentials } from 'discokit/auth'
import { memoryLoginStore, oauthClient } from 'discokit/login'
import { expect, test } from 'vitest'
import { failureOf } from '../../media/connection.ts'
import { endpoint } from '../endpoint.ts'

const login = { refreshToken: 'of-google', client: { clientId: 'at-google' } }

test('a login is not revoked through the client of another provider', async () => {
  const { transport, tokenRequests } = endpoint()
  const issuer = 'https://login.example.com'
  const client = oauthClient({
    clientId: 'at-another',
    clientSecret: 'secret',
    provider: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      revocation_endpoint: `${issuer}/revoke`,
    },
    transport,
  })
  const store = memoryLoginStore()
  await store.put('ada', login, undefined)
  for (const credentials of [
    userCredentials({ client, store, account: 'ada' }),
    userCredentials({ client: { clientId: 'at-another' }, store, account: 'ada' }),
  ]) {
    expect(await failureOf(credentials.revoke({ transport }))).toMatchObject({ reason: 'other_client' })
    expect(tokenRequests).toEqual([])
    expect((await store.get('ada'))?.login).toEqual(login)
  }
})
