import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { parseCredentialFile } from './default/credential-file.ts'
import { checkTokenUri, invalidKey } from './account/service-account-key.ts'
import type { UserCredentialsOptions } from './user-credentials.ts'

/**
 * The options that stand in a file of Google's tools: the one of `gcloud auth application-default login`, and the one that the
 * same makes for people of a workforce pool (`external_account_authorized_user`).
 *
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { authorizedUser, userCredentials } from 'discokit/auth'
 *
 * const ada = userCredentials(authorizedUser(await readFile('ada.json', 'utf8')))
 * ```
 *
 * @param content an object, or its JSON text
 * @param from what the file is, for errors
 * @throws {AuthError} reason `invalid_key_file`, or `origin_not_allowed` for an address outside. Nothing secret of the content is in
 * the message.
 */
export function authorizedUser(
  content: object | string,
  from = 'the file of a user',
  universeDomain: string = DEFAULT_UNIVERSE,
): UserCredentialsOptions {
  const { content: file, text, needed } = parseCredentialFile(content, from)
  const isOfWorkforce = file['type'] === 'external_account_authorized_user'
  if (!isOfWorkforce && file['type'] !== 'authorized_user')
    throw invalidKey(from, "has not the type 'authorized_user'")
  const names = ['client_id', 'refresh_token', ...(isOfWorkforce ? ['client_secret'] : [])]
  const missing = names.filter((name) => text(name) === undefined)
  if (missing.length > 0) throw invalidKey(from, `lacks ${missing.join(' and ')}`)
  checkTokenUri(text(isOfWorkforce ? 'token_url' : 'token_uri'), from, universeDomain)
  return {
    clientId: needed('client_id'),
    clientSecret: text('client_secret'),
    refreshToken: needed('refresh_token'),
    quotaProject: text('quota_project_id'),
    universeDomain,
    ...(isOfWorkforce
      ? {
          tokenUri: text('token_url') ?? `https://sts.${universeDomain}/v1/oauthtoken`,
          clientAuthentication: 'basic',
        }
      : { tokenUri: text('token_uri') }),
  }
}
