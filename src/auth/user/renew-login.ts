import type { CredentialsContext } from '../../transport/credentials.ts'
import { readToken, requestToken } from '../tokens/token-endpoint.ts'
import { isVisibleText } from '../tokens/visible-text.ts'
import { checkGrantedScopes } from './granted-scopes.ts'
import { type LoginSettings, refreshTokenOf, withoutAccessToken } from './login-source.ts'
import type { SavedLogin } from './login-store.ts'
import { isUnspent } from './unspent.ts'
import { userAdvice } from './user-advice.ts'

/** What became of a renewal. */
export interface Renewal {
  /** The whole login, with what the answer replaced. */
  readonly login: SavedLogin
  /** Whether it has another refresh token: the old one may be worth nothing any more. */
  readonly isRotated: boolean
  /** Why it has no access token, though its refresh token was replaced. */
  readonly failure?: unknown
}

/**
 * Exchanges the refresh token of a login for an access token (RFC 6749 section 6).
 * @param isShared whether programs may share the token through the client's `tokenStore`
 * @throws {AuthError} with the endpoint's word as `reason`; `no_refresh_token`.
 */
export async function renewLogin(
  login: SavedLogin,
  { clientOf, what, scopes }: LoginSettings,
  context: CredentialsContext,
  isShared: boolean,
): Promise<Renewal> {
  const used = refreshTokenOf(login, what)
  const { clientId, clientSecret, tokenUri, login: shown } = clientOf(login)
  const asked = context.clock.now()
  let replaced: SavedLogin = {}
  try {
    const { value, lifetimeMs } = await requestToken(
      {
        tokenUri,
        what,
        login: shown,
        ...(isShared && { identity: [clientId, clientSecret, used, scopes] }),
        mayRepeat: isUnspent, // where they rotate, a second use of one may end the consent
        advice: userAdvice,
        form: async () => ({
          grant_type: 'refresh_token',
          ...(!shown && { client_id: clientId }),
          ...(!shown && clientSecret !== undefined && { client_secret: clientSecret }),
          refresh_token: used,
          ...(scopes && { scope: scopes.join(' ') }),
        }),
        read(answer, bad) {
          replaced = replacedBy(answer, asked, used, scopes === undefined)
          checkGrantedScopes(scopes, answer['scope'], what)
          return readToken(answer, bad)
        },
      },
      context,
    )
    const renewed = { ...login, ...replaced, accessToken: value, expiresAt: asked + lifetimeMs }
    return { login: renewed, isRotated: replaced.refreshToken !== undefined }
  } catch (failure) {
    if (replaced.refreshToken === undefined) throw failure
    return { login: { ...withoutAccessToken(login), ...replaced }, isRotated: true, failure }
  }
}

/** What an answer replaces besides the access token. Scopes that were asked for are not all that was consented to. */
function replacedBy(
  answer: Readonly<Record<string, unknown>>,
  asked: number,
  used: string,
  isForAll: boolean,
): SavedLogin {
  const { refresh_token: refreshToken, refresh_token_expires_in: lifetimeS, scope } = answer
  return {
    ...(isVisibleText(refreshToken) && refreshToken !== used && { refreshToken }),
    ...(typeof lifetimeS === 'number' &&
      lifetimeS > 0 && { refreshTokenExpiresAt: asked + lifetimeS * 1_000 }),
    ...(isForAll && typeof scope === 'string' && { scopes: scope.split(' ').filter(Boolean) }),
  }
}
