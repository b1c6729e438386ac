import type { Credentials } from '../../transport/credentials.ts'
import type { OAuthClient } from '../../login/oauth-client.ts'
import { revokeAt } from '../revoke-token.ts'
import { tokenCredentials } from '../tokens/token-credentials.ts'
import { askAlone, type AskOptions } from './ask-options.ts'
import type { LoginSettings, LoginSource } from './login-source.ts'
import type { SavedLogin } from './login-store.ts'

/** The credential of a person. */
export interface UserCredentials extends Credentials {
  /**
   * What the person consented to, where the tokens, the store or the last answer say so; the scopes of the options, where they are fewer.
   * Where the store has another login by now, that is used from then on.
   * @throws {AuthError} when the store cannot be read, or has nothing (`no_such_account`).
   */
  grantedScopes(): Promise<readonly string[] | undefined>
  /**
   * Takes the consent back (RFC 7009): the refresh token and all access tokens that came of it are worth nothing from then on. What
   * a store has of it is deleted after that.
   * @throws {AuthError} with the endpoint's word as `reason`: `invalid_token` when it was taken back already.
   */
  revoke(options?: AskOptions): Promise<void>
}

/** How a login lets in. */
export interface LoginCredentialsSettings extends LoginSettings {
  readonly quotaProject?: string | undefined
  /** What can ask the person for more. */
  readonly oauthClient?: Pick<OAuthClient, 'authorizationUrl' | 'revoke'> | undefined
}

/** The credential that a login makes. */
export function loginCredentials(source: LoginSource, settings: LoginCredentialsSettings): UserCredentials {
  const { quotaProject, oauthClient, clientOf, scopes } = settings
  /** The access token that is used until it is renewed. */
  let held: string | undefined
  const fetchToken: LoginSource['token'] = async (context) => {
    const token = await source.token(context)
    held = token.value
    return token
  }
  const credentials = tokenCredentials({ kind: 'user', fetchToken, quotaProject })
  const refused: Credentials['refused'] = (headers) => {
    source.refused((headers['authorization'] ?? '').replace('Bearer ', ''))
    return credentials.refused!(headers)
  }
  async function takeBack(login: SavedLogin, asking: AskOptions): Promise<void> {
    const { accessToken, refreshToken = accessToken } = login
    const { revokeUri, login: shown } = clientOf(login) // others may not see its tokens
    const { signal, timeoutMs } = asking
    if (oauthClient) await oauthClient.revoke(login, { signal, timeoutMs })
    else await revokeAt(revokeUri, refreshToken!, shown, asking)
  }
  return {
    ...credentials,
    refused,
    async grantedScopes() {
      if (scopes) return scopes
      const login = await source.login()
      // What is granted is said of the login that is there now, so its token is used from now on: the other may do for less.
      if (source.isShared && held !== undefined && login.accessToken !== held)
        credentials.refused!({ authorization: `Bearer ${held}` })
      return login.scopes
    },
    ...(oauthClient && { authorizationUrl: async (options) => oauthClient.authorizationUrl(options) }),
    async revoke(asking = {}) {
      const { accessToken } = await askAlone('revoke', asking, (context) =>
        source.end(context, (login) => takeBack(login, asking)),
      )
      for (const token of [accessToken, held])
        if (token !== undefined) refused({ authorization: `Bearer ${token}` })
    },
  }
}
