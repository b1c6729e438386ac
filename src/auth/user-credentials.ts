import { type AuthError, type Problem, TransportError, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { basicLogin } from './basic-login.ts'
import { checkTokenUri, GOOGLE_TOKEN_URI } from './account/service-account-key.ts'
import type { AccessToken } from './tokens/token-cache.ts'
import { tokenCredentials } from './tokens/token-credentials.ts'
import { readToken, requestToken } from './tokens/token-endpoint.ts'

/** What a person's credential is made of: an OAuth client, and the refresh token that it was given. */
export interface UserCredentialsOptions {
  readonly clientId: string
  /** Of a client that has one. */
  readonly clientSecret?: string | undefined
  readonly refreshToken: string
  /** Fewer scopes than the person consented to. Default: all of them. */
  readonly scopes?: readonly string[] | undefined
  /** Default `https://oauth2.googleapis.com/token`. */
  readonly tokenUri?: string | undefined
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
 * @throws {ValidationError} for options that cannot be used.
 */
export function userCredentials(options: UserCredentialsOptions): Credentials {
  check(options)
  const {
    clientId,
    clientSecret,
    scopes,
    tokenUri = GOOGLE_TOKEN_URI,
    quotaProject,
    onRefreshToken,
  } = options
  let { refreshToken } = options
  const login =
    options.clientAuthentication === 'basic' ? basicLogin(clientId, clientSecret ?? '') : undefined

  /** A refresh token of which nobody was told yet. */
  let untold: string | undefined
  async function tell(): Promise<void> {
    const token = untold
    if (token === undefined) return
    await onRefreshToken?.(token)
    if (untold === token) untold = undefined
  }

  async function fetchToken(context: CredentialsContext): Promise<AccessToken> {
    await tell() // before it may be replaced by yet another
    const used = refreshToken
    let given: unknown
    const token = await requestToken(
      {
        tokenUri,
        what: `the refresh token of the client ${clientId}`,
        login,
        identity: [clientId, clientSecret, used, scopes],
        mayRepeat: isUnspent, // where they rotate, a second use of one may end the consent
        form: async () => ({
          grant_type: 'refresh_token',
          ...(!login && { client_id: clientId }),
          ...(!login && clientSecret !== undefined && { client_secret: clientSecret }),
          refresh_token: used,
          ...(scopes && { scope: scopes.join(' ') }),
        }),
        read(answer, bad) {
          given = answer['refresh_token']
          return readToken(answer, bad)
        },
      },
      context,
    )
    if (typeof given !== 'string' || given === '' || given === used) return token
    refreshToken = untold = given // the old one may be worth nothing any more
    await tell()
    return token
  }

  return tokenCredentials({ kind: 'user', fetchToken, quotaProject })
}

/** Whether the server cannot have acted, or said that it did not. */
function isUnspent({ cause }: AuthError): boolean {
  return !(cause instanceof TransportError) || cause.progress === 'unsent'
}

const OPTIONS = [
  'clientId',
  'clientSecret',
  'refreshToken',
  'scopes',
  'tokenUri',
  'clientAuthentication',
  'universeDomain',
  'quotaProject',
  'onRefreshToken',
]

function check(options: UserCredentialsOptions): void {
  const what = 'the user credentials cannot be used'
  checkOptionNames(what, options, OPTIONS)
  const { clientId, refreshToken, scopes, tokenUri, clientAuthentication: place = 'body' } = options
  const problems: Problem[] = Object.entries({ clientId, refreshToken }).flatMap(([path, value]) =>
    typeof value === 'string' && value !== '' ? [] : [{ path, message: 'is required' }],
  )
  if (scopes !== undefined && (!Array.isArray(scopes) || scopes.length === 0))
    problems.push({ path: 'scopes', message: 'must be a list of scopes' })
  if (place !== 'body' && place !== 'basic')
    problems.push({ path: 'clientAuthentication', message: "must be 'body' or 'basic'" })
  if (problems.length > 0) throw new ValidationError(what, problems)
  checkTokenUri(tokenUri, 'the credential of a user', options.universeDomain ?? DEFAULT_UNIVERSE)
}
