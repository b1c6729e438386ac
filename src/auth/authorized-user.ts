import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { checkTokenUri, invalidKey } from './account/service-account-key.ts'
import { type CredentialFile, parseCredentialFile } from './default/credential-file.ts'
import { isTokenText, type SuppliedToken } from './user/supplied-token.ts'
import { isScopes, type UserCredentialsOptions } from './user/user-options.ts'

/**
 * The options that stand in a file of Google's tools: the one of `gcloud auth application-default login`, the one that the
 * same makes for people of a workforce pool (`external_account_authorized_user`), and the one that programs in Python keep
 * (`to_json()`), which has no `type`. A token in it that still holds is used first. Members that are not known are passed over.
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
  const file = parseCredentialFile(content, from)
  const { text, needed } = file
  const { type = 'authorized_user' } = file.content
  const isOfWorkforce = type === 'external_account_authorized_user'
  if (!isOfWorkforce && type !== 'authorized_user')
    throw invalidKey(from, "has not the type 'authorized_user'")
  const names = ['client_id', 'refresh_token', ...(isOfWorkforce ? ['client_secret'] : [])]
  const missing = names.filter((name) => text(name) === undefined)
  if (missing.length > 0) throw invalidKey(from, `lacks ${missing.join(' and ')}`)
  checkTokenUri(text(isOfWorkforce ? 'token_url' : 'token_uri'), from, universeDomain)
  return {
    clientId: needed('client_id'),
    clientSecret: text('client_secret'),
    refreshToken: needed('refresh_token'),
    token: tokenOf(file, from),
    scopes: scopesOf(file.content['scopes'], from),
    quotaProject: text('quota_project_id'),
    universeDomain,
    revokeUri: text('revoke_url'),
    ...(isOfWorkforce
      ? {
          tokenUri: text('token_url') ?? `https://sts.${universeDomain}/v1/oauthtoken`,
          clientAuthentication: 'basic',
        }
      : { tokenUri: text('token_uri') }),
  }
}

/** The token that is kept in the file, where its end is too: one that never ends is none. */
function tokenOf({ text }: CredentialFile, from: string): SuppliedToken | undefined {
  const [accessToken, expiry] = [text('token'), text('expiry')]
  if (accessToken === undefined || expiry === undefined) return undefined
  if (!isTokenText(accessToken)) throw invalidKey(from, 'has a token that is none')
  const [, time] = EXPIRY.exec(expiry) ?? []
  const expiresAt = time === undefined ? NaN : Date.parse(`${time}Z`)
  if (Number.isNaN(expiresAt)) throw invalidKey(from, 'has an expiry that is no time')
  return { accessToken, expiresAt }
}

/** ISO 8601 to the second, with or without a fraction and a Z: it is UTC in any case. */
const EXPIRY = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d{1,9})?Z?$/

/** A list, or a text with spaces between. */
function scopesOf(given: unknown, from: string): readonly string[] | undefined {
  const scopes: unknown = typeof given === 'string' ? given.split(' ').filter(Boolean) : given
  if (scopes === undefined || scopes === null) return undefined
  if (Array.isArray(scopes) && scopes.length === 0) return undefined
  if (!isScopes(scopes)) throw invalidKey(from, 'has scopes that are no list of scopes')
  return scopes as string[]
}
