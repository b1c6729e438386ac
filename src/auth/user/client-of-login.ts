import { AuthError } from '../../errors.ts'
import type { OAuthClient } from '../../login/oauth-client.ts'
import { DEFAULT_UNIVERSE } from '../../transport/origin-policy.ts'
import { checkTokenUri } from '../account/service-account-key.ts'
import { isOAuthClient } from './login-options.ts'
import type { LoginSettings } from './login-source.ts'
import type { UserClient } from './login-store.ts'
import { checkRevokeUri } from './revoke-uri.ts'
import { tokenClient } from './token-client.ts'

/**
 * Gives the client that a login was given to: that of the options, else that in the login. Where an `OAuthClient` asks, the program has
 * said itself; the addresses of others must be Google's.
 * @param what whose login it is, for errors
 * @throws {AuthError} reason `origin_not_allowed`; that which it gives fails with `no_client` and `other_client`, too.
 */
export function clientOfLogin(
  given: UserClient | OAuthClient | undefined,
  what: string,
  universeDomain: string = DEFAULT_UNIVERSE,
): LoginSettings['clientOf'] {
  const checked = (client: UserClient): UserClient => {
    checkTokenUri(client.tokenUri, what, universeDomain)
    checkRevokeUri(client.revokeUri, what, universeDomain)
    return client
  }
  const own = given && tokenClient(isOAuthClient(given) ? given.registration() : checked({ ...given }))
  return ({ client }) => {
    const named = client?.clientId
    if (own === undefined) {
      if (client !== undefined) return tokenClient(checked(client))
      throw new AuthError(`${what} does not say which client it was given to; pass client`, {
        reason: 'no_client',
      })
    }
    if (named === undefined || named === own.clientId) return own
    throw new AuthError(
      `${what} was given to the client ${named}, and is worth nothing with ${own.clientId}`,
      {
        reason: 'other_client',
      },
    )
  }
}
