import { isUnspent } from '../auth/user/unspent.ts'
import { ValidationError } from '../errors.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import type { ClientSettings } from './client-options.ts'
import { askProvider } from './protocol/ask-provider.ts'
import { clientAuthentication, clientSecrets } from './protocol/client-authentication.ts'
import { isGoogle } from './provider.ts'
import { type HeldTokens, heldToken } from './tokens.ts'

/** Takes a consent back (RFC 7009): by the refresh token, or by the access token where there is none. */
export async function revoke(
  tokens: HeldTokens,
  client: ClientSettings,
  context: CredentialsContext,
): Promise<void> {
  const what = 'the tokens cannot be revoked'
  if (typeof tokens !== 'object' || tokens === null)
    throw new ValidationError(what, [{ path: 'tokens', message: 'must be tokens' }])
  const token = heldToken(tokens, tokens.refreshToken === undefined ? 'accessToken' : 'refreshToken', what)
  const { provider, clientId } = client
  await askProvider(
    {
      provider,
      endpoint: 'revocation_endpoint',
      what: 'to revoke a token',
      secrets: [token, ...clientSecrets(client)],
      mayRepeat: isUnspent,
      answersNothing: true,
      send: (oauth, options, server) =>
        oauth.revocationRequest(
          server,
          { client_id: clientId },
          isGoogle(provider) ? () => {} : clientAuthentication(client), // Google asks for the token alone
          token,
          options,
        ),
    },
    context,
  )
}
