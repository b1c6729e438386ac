import { checkUserOptions, type UserCredentialsOptions } from './user/user-options.ts'

/** The content of a file with the credentials of a person, in the words of Google's tools. It holds secrets. */
export interface AuthorizedUserFile {
  readonly type: 'authorized_user' | 'external_account_authorized_user'
  readonly client_id: string
  readonly client_secret?: string
  readonly refresh_token: string
  readonly scopes?: readonly string[]
  readonly token_uri?: string
  readonly token_url?: string
  readonly revoke_url?: string
  readonly quota_project_id?: string
  readonly universe_domain?: string
}

/**
 * The content of a file from which `authorizedUser` reads the same options again, and Google's own libraries too. An access token is
 * not in it, as it ends within the hour.
 *
 * ```ts
 * import { writeFile } from 'node:fs/promises'
 * import { authorizedUserFile, type UserCredentialsOptions, userCredentials } from 'discokit/auth'
 *
 * const { CLIENT_ID = '', REFRESH_TOKEN = '' } = process.env
 * const options: UserCredentialsOptions = { clientId: CLIENT_ID, refreshToken: REFRESH_TOKEN }
 * const ada = userCredentials({
 *   ...options,
 *   onRefreshToken: (refreshToken) =>
 *     writeFile('ada.json', JSON.stringify(authorizedUserFile({ ...options, refreshToken })), { mode: 0o600 }),
 * })
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function authorizedUserFile(options: UserCredentialsOptions): AuthorizedUserFile {
  checkUserOptions(options)
  const { clientId, clientSecret, refreshToken, scopes, tokenUri, revokeUri } = options
  const { quotaProject, universeDomain, clientAuthentication } = options
  const isOfWorkforce = clientAuthentication === 'basic'
  return {
    type: isOfWorkforce ? 'external_account_authorized_user' : 'authorized_user',
    client_id: clientId,
    ...(clientSecret !== undefined && { client_secret: clientSecret }),
    refresh_token: refreshToken,
    ...(scopes && { scopes: [...scopes] }),
    ...(tokenUri !== undefined && { [isOfWorkforce ? 'token_url' : 'token_uri']: tokenUri }),
    ...(revokeUri !== undefined && { revoke_url: revokeUri }),
    ...(quotaProject !== undefined && { quota_project_id: quotaProject }),
    ...(universeDomain !== undefined && { universe_domain: universeDomain }),
  }
}
