import { type Problem, ValidationError } from '../../errors.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import { DEFAULT_UNIVERSE } from '../../transport/origin-policy.ts'
import { checkTokenUri } from '../account/service-account-key.ts'
import type { SavedLogin } from './login-store.ts'
import { checkRevokeUri } from './revoke-uri.ts'
import { isTokenText, type SuppliedToken } from './supplied-token.ts'

/** What a person's credential is made of: an OAuth client, and the refresh token that it was given. */
export interface UserCredentialsOptions {
  readonly clientId: string
  /** Of a client that has one. */
  readonly clientSecret?: string | undefined
  readonly refreshToken: string
  /** An access token that is at hand: it is used first, when it holds for more than 225 seconds. */
  readonly token?: SuppliedToken | undefined
  /** Fewer scopes than the person consented to. Default: all of them. */
  readonly scopes?: readonly string[] | undefined
  /** Default `https://oauth2.googleapis.com/token`. */
  readonly tokenUri?: string | undefined
  /** Where `revoke()` asks. Default `https://oauth2.googleapis.com/revoke`, or what is beside another `tokenUri`. */
  readonly revokeUri?: string | undefined
  /** Where the client says who it is: in the form, the default, or in a header (RFC 6749 section 2.3.1). */
  readonly clientAuthentication?: 'body' | 'basic' | undefined
  /** The domain whose token endpoints are trusted. Default `googleapis.com`. */
  readonly universeDomain?: string | undefined
  /** The project that is charged, sent as `x-goog-user-project` unless the call names one. */
  readonly quotaProject?: string | undefined
  /**
   * Told of a refresh token that takes the place of the one there was: keep it. When this throws, calls that wait for the
   * token fail, and it is told again before the next token is asked for.
   */
  readonly onRefreshToken?: ((refreshToken: string) => void | Promise<void>) | undefined
  /** Told of all that there is after each renewal, before it is used: keep it. When this throws, it is as with `onRefreshToken`. */
  readonly onTokens?: ((tokens: SavedLogin) => void | Promise<void>) | undefined
}

const WHAT = 'the user credentials cannot be used'
const OPTIONS = [
  'clientId',
  'clientSecret',
  'refreshToken',
  'token',
  'scopes',
  'tokenUri',
  'revokeUri',
  'clientAuthentication',
  'universeDomain',
  'quotaProject',
  'onRefreshToken',
  'onTokens',
]

/**
 * @throws {ValidationError} for options that cannot be used.
 * @throws {AuthError} for an endpoint that is not to be trusted.
 */
export function checkUserOptions(options: UserCredentialsOptions | undefined): void {
  checkOptionNames(WHAT, options ?? {}, OPTIONS)
  const {
    clientId,
    clientSecret,
    refreshToken,
    token,
    scopes,
    tokenUri,
    revokeUri,
    clientAuthentication = 'body',
    universeDomain = DEFAULT_UNIVERSE,
    onRefreshToken,
    onTokens,
  }: Partial<UserCredentialsOptions> = options ?? {}
  const problems: Problem[] = []
  const must = (holds: boolean, path: string, message: string): void => {
    if (!holds) problems.push({ path, message })
  }
  for (const [path, value] of Object.entries({ clientId, refreshToken }))
    must(typeof value === 'string' && value !== '', path, 'is required')
  must(clientSecret === undefined || typeof clientSecret === 'string', 'clientSecret', 'must be a text')
  if (token !== undefined) {
    must(isTokenText(token?.accessToken), 'token.accessToken', 'must be the text of a token')
    must(Number.isFinite(token?.expiresAt), 'token.expiresAt', 'must be a time in milliseconds since 1970')
  }
  must(isScopes(scopes), 'scopes', 'must be a list of scopes')
  must(/^(body|basic)$/.test(clientAuthentication), 'clientAuthentication', "must be 'body' or 'basic'")
  for (const [path, value] of Object.entries({ onRefreshToken, onTokens }))
    must(value === undefined || typeof value === 'function', path, 'must be a function')
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
  checkTokenUri(tokenUri, 'the credential of a user', universeDomain)
  checkRevokeUri(revokeUri, 'the credential of a user', universeDomain)
}

/** Whether a value is left out, or names one scope at least, each a word. */
export function isScopes(scopes: unknown): boolean {
  if (scopes === undefined) return true
  return (
    Array.isArray(scopes) &&
    scopes.length > 0 &&
    scopes.every((scope) => typeof scope === 'string' && /^[\x21-\x7e]+$/.test(scope))
  )
}
