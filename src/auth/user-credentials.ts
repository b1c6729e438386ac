import { ValidationError } from '../errors.ts'
import { clientOfLogin } from './user/client-of-login.ts'
import { heldLogin } from './user/held-login.ts'
import {
  type LoginCredentialsSettings,
  loginCredentials,
  type UserCredentials,
} from './user/login-credentials.ts'
import {
  type AnyUserOptions,
  checkLoginOptions,
  isOAuthClient,
  isOfLogin,
  type StoredLoginOptions,
  type UserTokensOptions,
} from './user/login-options.ts'
import { readSavedLogin } from './user/read-saved-login.ts'
import { refreshTokenCredentials } from './user/refresh-token-credentials.ts'
import { storedLogin } from './user/stored-login.ts'

/**
 * The credential of a person who has consented: exchanges a refresh token for access tokens (RFC 6749 section 6), keeps
 * them and renews them. It is made of a refresh token, of tokens, or of a login in a store.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { userCredentials } from 'discokit/auth'
 * import { memoryLoginStore } from 'discokit/login'
 *
 * const { CLIENT_ID = '', CLIENT_SECRET = '', REFRESH_TOKEN = '', TOKENS = '' } = process.env
 * const client = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET }
 * const ada = userCredentials({ ...client, refreshToken: REFRESH_TOKEN })
 * const grace = userCredentials({ client, tokens: TOKENS, onTokens: (tokens) => console.log(tokens.expiresAt) })
 * const kept = userCredentials({ client, store: memoryLoginStore(), account: 'ada@example.com' })
 * const google = createClient({ auth: ada })
 * ```
 *
 * Where `scopes` are asked for and the answer says that the token has not all of them, calls fail with an `AuthError` of the reason
 * `scope_shortfall`. Tokens and stored logins may also fail with `no_refresh_token`, `no_client` and `other_client`; a store with
 * `no_such_account`, `unreadable_login`, `store_failed` and `login_not_kept`.
 *
 * All who have the same atomic store make one renewal together: one does it, for at most 20 seconds, and the others wait for what comes
 * of it. New tokens are in the store before they are used. Where the store is not atomic each renews for itself.
 *
 * @throws {ValidationError} for options that cannot be used.
 * @throws {AuthError} reason `origin_not_allowed` for a client whose addresses are not Google's.
 */
export function userCredentials(options: AnyUserOptions): UserCredentials {
  if (!isOfLogin(options)) return refreshTokenCredentials(options)
  checkLoginOptions(options)
  return 'store' in options && options.store !== undefined ? ofStore(options) : ofTokens(options)
}

function ofTokens({ tokens, scopes, ...options }: UserTokensOptions): UserCredentials {
  const login = readSavedLogin(tokens)
  const { clientId } = login.client ?? {}
  const isRenewable = login.refreshToken !== undefined
  const what = clientId === undefined ? 'the login' : `the refresh token of the client ${clientId}`
  const settings = { ...settingsOf(options, what), scopes: scopes && [...scopes] }
  if (isRenewable && options.client === undefined && clientId === undefined)
    throw new ValidationError('the user credentials cannot be used', [
      { path: 'client', message: 'is required, as the tokens do not say it' },
    ])
  if (isRenewable) settings.clientOf(login)
  return loginCredentials(heldLogin(login, settings), settings)
}

function ofStore({ store, account, ...options }: StoredLoginOptions): UserCredentials {
  const settings = settingsOf(options, `the login of the account ${account}`)
  return loginCredentials(storedLogin(store, account, settings), settings)
}

function settingsOf(
  { client, universeDomain, ...more }: Omit<StoredLoginOptions, 'store' | 'account'>,
  what: string,
): LoginCredentialsSettings {
  return {
    ...more,
    what,
    clientOf: clientOfLogin(client, what, universeDomain),
    oauthClient: client && isOAuthClient(client) ? client : undefined,
  }
}
