import type { Problem } from '../errors.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { checkIamAccount, type IamAccount } from './iam/iam-account.ts'
import { askIam, unreadable } from './iam/iam.ts'
import { iamIdToken } from './iam/iam-id-token.ts'
import { iamSigner } from './iam/iam-signer.ts'
import { checkTokenUri, GOOGLE_TOKEN_URI } from './account/service-account-key.ts'
import type { Signer } from './signer.ts'
import type { AccessToken } from './tokens/token-cache.ts'
import { tokenCredentials } from './tokens/token-credentials.ts'
import { assertionAudience, requestToken } from './tokens/token-endpoint.ts'
import { isVisibleText } from './tokens/visible-text.ts'

/** What an impersonated service account's credential is made of. */
export interface ImpersonatedOptions extends IamAccount {
  /** What the token may do. Default: `https://www.googleapis.com/auth/cloud-platform`. */
  readonly scopes?: readonly string[] | undefined
  /** How long a token lives, in milliseconds: at most an hour, the default, unless the organisation allows twelve. */
  readonly lifetimeMs?: number | undefined
  /** The user to act for, with domain-wide delegation. */
  readonly subject?: string | undefined
  /** Where the assertion for a `subject` is exchanged. Default `https://oauth2.googleapis.com/token`. */
  readonly tokenUri?: string | undefined
  /** The project that is charged, sent as `x-goog-user-project` unless the call names one. */
  readonly quotaProject?: string | undefined
  /** How long getting a token may take, that of the source included, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
}

/** A service account that somebody else speaks for. */
export interface ImpersonatedCredentials extends Credentials {
  readonly serviceAccountEmail: string
  /** Signs as the account, by IAM: for signed addresses, or for `serviceAccount({ signer, email })`. */
  readonly signer: Signer
  idToken(audience: string): Credentials
}

/**
 * The credential of a service account of which there is no key: another credential asks IAM for its tokens.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { adc, impersonated } from 'discokit/auth'
 *
 * const robot = impersonated({ source: adc(), serviceAccount: 'robot@my-project.iam.gserviceaccount.com' })
 * const google = createClient({ auth: robot })
 * ```
 *
 * With a `subject`, IAM signs an assertion for the user, and that is exchanged for a token of theirs.
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function impersonated(options: ImpersonatedOptions): ImpersonatedCredentials {
  check(options)
  const {
    scopes: given,
    lifetimeMs = HOUR_MS,
    subject,
    tokenUri = GOOGLE_TOKEN_URI,
    quotaProject,
    timeoutMs,
    ...rest
  } = options
  const scopes = [...(given ?? CLOUD_PLATFORM)]
  const account: IamAccount = { ...rest, delegates: [...(rest.delegates ?? [])] }
  const { serviceAccount } = account

  async function ownToken(context: CredentialsContext): Promise<AccessToken> {
    const body = { scope: scopes, lifetime: `${Math.round(lifetimeMs / 1_000)}s` }
    const answer = await askIam(account, 'generateAccessToken', body, context)
    const what = `generateAccessToken of ${serviceAccount}`
    const value = answer.text('accessToken')
    const expires = answer.text('expireTime')
    if (!isVisibleText(value)) throw unreadable(what, 'it has no accessToken')
    const endMs = RFC_3339.test(expires) ? Date.parse(expires) : NaN
    if (!(endMs > answer.at)) throw unreadable(what, 'its expireTime is no time to come')
    return { value, lifetimeMs: Math.min(endMs - answer.at, lifetimeMs) }
  }

  async function tokenOf(sub: string, context: CredentialsContext): Promise<AccessToken> {
    const form = async (): Promise<Record<string, string>> => {
      const iat = Math.floor(context.clock.now() / 1_000)
      const times = { iat, exp: iat + HOUR_MS / 1_000 }
      const aud = assertionAudience(tokenUri)
      const payload = JSON.stringify({ iss: serviceAccount, sub, aud, scope: scopes.join(' '), ...times })
      const signed = await askIam(account, 'signJwt', { payload }, context)
      return {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: signed.text('signedJwt'),
      }
    }
    return requestToken({ tokenUri, what: `the service account ${serviceAccount}`, form }, context)
  }

  return {
    ...tokenCredentials({
      kind: 'impersonated service account',
      fetchToken: (context) => (subject === undefined ? ownToken(context) : tokenOf(subject, context)),
      quotaProject,
      timeoutMs,
    }),
    grantedScopes: async () => scopes,
    serviceAccountEmail: serviceAccount,
    signer: iamSigner(account),
    idToken: (audience) => iamIdToken(account, audience),
  }
}

/** What a service account may do through others unless told otherwise. */
export const CLOUD_PLATFORM: readonly string[] = ['https://www.googleapis.com/auth/cloud-platform']
const HOUR_MS = 3_600_000
const MAX_LIFETIME_MS = 12 * HOUR_MS
/** As JSON has a `google.protobuf.Timestamp`. */
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/
const OPTIONS = ['scopes', 'lifetimeMs', 'subject', 'tokenUri', 'quotaProject', 'timeoutMs']

function check(options: ImpersonatedOptions): void {
  const {
    scopes,
    lifetimeMs = HOUR_MS,
    tokenUri,
    subject,
    timeoutMs,
    universeDomain = DEFAULT_UNIVERSE,
  } = options
  const problems: Problem[] = []
  const add = (path: string, message: string): void => void problems.push({ path, message })
  if (scopes !== undefined && (!Array.isArray(scopes) || scopes.length === 0))
    add('scopes', 'must be a list of scopes')
  if (!(lifetimeMs >= 1_000 && lifetimeMs <= MAX_LIFETIME_MS))
    add('lifetimeMs', 'must be from a second to twelve hours')
  if (subject !== undefined && universeDomain !== DEFAULT_UNIVERSE)
    add('subject', `cannot be acted for in ${universeDomain}`)
  if (timeoutMs !== undefined && !(timeoutMs > 0)) add('timeoutMs', 'must be a number of milliseconds')
  checkIamAccount('the service account cannot be impersonated', options, OPTIONS, problems)
  checkTokenUri(tokenUri, 'the impersonated service account', DEFAULT_UNIVERSE)
}
