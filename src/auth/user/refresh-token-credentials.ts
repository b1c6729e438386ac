import { heldLogin } from './held-login.ts'
import { loginCredentials, type UserCredentials } from './login-credentials.ts'
import { tokenClient } from './token-client.ts'
import { checkUserOptions, type UserCredentialsOptions } from './user-options.ts'

/**
 * The credential that a client and a refresh token make.
 * @throws {ValidationError} for options that cannot be used.
 */
export function refreshTokenCredentials(options: UserCredentialsOptions): UserCredentials {
  checkUserOptions(options)
  const { refreshToken, token, scopes, ...more } = options
  const client = tokenClient(options)
  const login = {
    refreshToken,
    ...(token && { accessToken: token.accessToken, expiresAt: token.expiresAt }),
  }
  const settings = {
    ...more,
    clientOf: () => client,
    what: `the refresh token of the client ${client.clientId}`,
    scopes: scopes && [...scopes],
  }
  return loginCredentials(heldLogin(login, settings), settings)
}
