import { isUnspent } from '../auth/user/unspent.ts'
import { userAdvice } from '../auth/user/user-advice.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import type { ClientSettings } from './client-options.ts'
import { verifyLogin } from './id-token.ts'
import { askProvider } from './protocol/ask-provider.ts'
import { clientAuthentication, clientSecrets } from './protocol/client-authentication.ts'
import { type HeldTokens, heldToken, type LoginTokens, readTokens } from './tokens.ts'

/**
 * Exchanges a refresh token for new tokens (RFC 6749 section 6). What the answer does not replace is kept: the refresh token,
 * the ID token and its claims, and members that nobody here knows.
 */
export async function refresh(
  held: HeldTokens,
  client: ClientSettings,
  context: CredentialsContext,
): Promise<LoginTokens> {
  const refreshToken = heldToken(held, 'refreshToken', 'the tokens cannot be renewed')
  const asked = context.clock.now()
  const { provider, clientId } = client
  const answer = await askProvider(
    {
      provider,
      endpoint: 'token_endpoint',
      what: `the refresh token of the client ${clientId}`,
      secrets: [refreshToken, held.accessToken, held.idToken, ...clientSecrets(client)],
      mayRepeat: isUnspent, // where they rotate, a second use of one may end the consent
      advice: (reason) => userAdvice(reason, {}),
      send: (oauth, options, server) =>
        oauth.refreshTokenGrantRequest(
          server,
          { client_id: clientId },
          clientAuthentication(client),
          refreshToken,
          options,
        ),
    },
    context,
  )
  const tokens = readTokens(answer, asked, held.scopes ?? client.scopes ?? [])
  const renewed = { ...held, refreshToken, ...tokens }
  const { idToken, accessToken } = tokens
  if (idToken === undefined) return renewed
  const { nonce, sub } = held.claims ?? {}
  // A provider need not repeat the nonce (OpenID Connect Core section 12.2).
  const claims = await verifyLogin(idToken, client, { accessToken, sub, nonce, mayLackNonce: true }, context)
  return { ...renewed, claims }
}
