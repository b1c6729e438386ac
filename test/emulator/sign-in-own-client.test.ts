/** What the library makes of codes that the emulator gives. */
import { AuthError, createClient } from 'discokit'
import { exchangeCode, revokeToken, userCredentials, verifyIdToken } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answerOf, askingAt, BACK, type Client, DRIVE, pkce } from './sign-in.ts'

let emulator: Emulator
let client: Client
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05Z') })
  client = emulator.oauthClient({ redirectUris: [BACK] })
})
afterEach(() => emulator.close())

test('a code becomes credentials that call an API, outlive their token, and can be taken back', async () => {
  const { transport, clock } = emulator.connect()
  const wire = { transport: transport!, clock }
  const { verifier, challenge } = pkce()
  const asked = {
    scope: `openid email ${DRIVE}`,
    access_type: 'offline',
    nonce: 'n',
    code_challenge: challenge,
    code_challenge_method: 'S256',
  }
  const { code } = answerOf(emulator.consent(askingAt(client, asked), { email: 'ada@example.com' }))
  const order = { ...client, ...wire, code: code!, redirectUri: BACK, codeVerifier: verifier }
  const token = await exchangeCode(order)
  const claims = await verifyIdToken(token.idToken!, { audience: client.clientId, ...wire })
  expect(claims).toMatchObject({ email: 'ada@example.com', nonce: 'n' })

  const auth = userCredentials({ ...client, refreshToken: token.refreshToken!, token })
  const google = createClient({ ...emulator.connect(), auth })
  const drive = await google.discover('drive:v3')
  const email = async (): Promise<unknown> =>
    ((await drive['about'].get({ fields: 'user' })) as { user: { emailAddress: string } }).user.emailAddress
  expect(await email()).toBe('ada@example.com')
  emulator.clock.advance(3_600_000)
  expect(await email()).toBe('ada@example.com')

  await revokeToken(token.refreshToken!, wire)
  await expect(exchangeCode(order)).rejects.toMatchObject({ reason: 'invalid_grant' })
  emulator.clock.advance(3_600_000)
  await expect(email()).rejects.toBeInstanceOf(AuthError)
  await google.close()
})
