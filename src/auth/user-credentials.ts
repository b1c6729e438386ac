import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { GOOGLE_TOKEN_URI } from './account/service-account-key.ts'
import { basicLogin } from './basic-login.ts'
import { revokeAt } from './revoke-token.ts'
import type { AccessToken } from './tokens/token-cache.ts'
import { tokenCredentials } from './tokens/token-credentials.ts'
import { readToken, requestToken } from './tokens/token-endpoint.ts'
import type { AskOptions } from './user/ask-options.ts'
import { checkGrantedScopes } from './user/granted-scopes.ts'
import { revokeUriFor } from './user/revoke-uri.ts'
import { isUnspent } from './user/unspent.ts'
import { userAdvice } from './user/user-advice.ts'
import { checkUserOptions, type UserCredentialsOptions } from './user/user-options.ts'

/** The credential of a person. */
export interface UserCredentials extends Credentials {
  /**
   * Takes the consent back (RFC 7009): the refresh token and all access tokens that came of it are worth nothing from then on.
   * @throws {AuthError} with the endpoint's word as `reason`: `invalid_token` when it was taken back already.
   */
  revoke(options?: AskOptions): Promise<void>
}

/**
 * The credential of a person who has consented: exchanges a refresh token for access tokens (RFC 6749 section 6), keeps
 * them and renews them.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { userCredentials } from 'discokit/auth'
 *
 * const { CLIENT_ID = '', CLIENT_SECRET = '', REFRESH_TOKEN = '' } = process.env
 * const ada = userCredentials({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, refreshToken: REFRESH_TOKEN })
 * const google = createClient({ auth: ada })
 * ```
 *
 * Where `scopes` are asked for and the answer says that the token has not all of them, calls fail with an `AuthError` of the reason
 * `scope_shortfall`.
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function userCredentials(options: UserCredentialsOptions): UserCredentials {
  checkUserOptions(options)
  const { clientId, clientSecret, tokenUri = GOOGLE_TOKEN_URI, quotaProject, onRefreshToken } = options
  const { revokeUri = revokeUriFor(tokenUri) } = options
  const scopes = options.scopes && [...options.scopes]
  const what = `the refresh token of the client ${clientId}`
  const login =
    options.clientAuthentication === 'basic' ? basicLogin(clientId, clientSecret ?? '') : undefined
  let { refreshToken } = options
  let atHand = options.token && { ...options.token }
  let latest: string | undefined

  /** A refresh token of which nobody was told yet. */
  let untold: string | undefined
  async function tell(): Promise<void> {
    const token = untold
    if (token === undefined) return
    await onRefreshToken?.(token)
    if (untold === token) untold = undefined
  }

  async function fetchToken(context: CredentialsContext): Promise<AccessToken> {
    const first = atHand
    atHand = undefined
    const lifetimeMs = first ? first.expiresAt - context.clock.now() : 0
    const token =
      first && lifetimeMs > WORTH_USING_MS ? { value: first.accessToken, lifetimeMs } : await refresh(context)
    latest = token.value
    return token
  }

  async function refresh(context: CredentialsContext): Promise<AccessToken> {
    await tell() // before it may be replaced by yet another
    const used = refreshToken
    try {
      return await requestToken(
        {
          tokenUri,
          what,
          login,
          identity: [clientId, clientSecret, used, scopes],
          mayRepeat: isUnspent, // where they rotate, a second use of one may end the consent
          advice: userAdvice,
          form: async () => ({
            grant_type: 'refresh_token',
            ...(!login && { client_id: clientId }),
            ...(!login && clientSecret !== undefined && { client_secret: clientSecret }),
            refresh_token: used,
            ...(scopes && { scope: scopes.join(' ') }),
          }),
          read(answer, bad) {
            const given = answer['refresh_token']
            // The old one may be worth nothing any more, whatever the token is like.
            if (typeof given === 'string' && given !== '' && given !== used) refreshToken = untold = given
            checkGrantedScopes(scopes, answer['scope'], what)
            return readToken(answer, bad)
          },
        },
        context,
      )
    } finally {
      await tell()
    }
  }

  const credentials = tokenCredentials({ kind: 'user', fetchToken, quotaProject })
  return {
    ...credentials,
    async revoke(asking = {}) {
      await revokeAt(revokeUri, refreshToken, login, asking)
      atHand = undefined
      if (latest !== undefined) credentials.refused?.({ authorization: `Bearer ${latest}` })
    },
  }
}

/** A token whose end is nearer than this is renewed in any case. */
const WORTH_USING_MS = 225_000
