import type { UserClient } from '../auth/user/login-store.ts'
import { ValidationError } from '../errors.ts'
import type { ClientSettings } from './client-options.ts'

/**
 * A client as token endpoints know it.
 * @throws {ValidationError} when its provider has none: the refresh token would go to another.
 */
export function registration({
  clientId,
  clientSecret,
  clientAuthentication,
  provider,
}: ClientSettings): UserClient {
  const { token_endpoint: tokenUri, revocation_endpoint: revokeUri } = provider
  if (tokenUri === undefined)
    throw new ValidationError('tokens cannot be renewed with this client', [
      { path: 'provider.token_endpoint', message: 'is required' },
    ])
  return {
    clientId,
    ...(clientAuthentication !== 'none' && { clientSecret, clientAuthentication }),
    tokenUri,
    ...(revokeUri !== undefined && { revokeUri }),
  }
}
