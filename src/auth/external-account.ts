import { type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { CLOUD_PLATFORM, impersonated, type ImpersonatedCredentials } from './impersonated.ts'
import { checkTokenUri } from './account/service-account-key.ts'
import { exchangeToken } from './iam/sts.ts'
import type { SubjectTokenSource } from './subject-token/subject-token.ts'
import { noToken } from './subject-token/subject-token-format.ts'
import type { AccessToken } from './tokens/token-cache.ts'
import { tokenCredentials } from './tokens/token-credentials.ts'

/** What an external account's credential is made of. `externalAccountFile` reads it of a file. */
export interface ExternalAccountOptions {
  /** The provider: `//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/POOL/providers/NAME`. */
  readonly audience: string
  /** Of what type the provider's tokens are: `urn:ietf:params:oauth:token-type:jwt` and others. */
  readonly subjectTokenType: string
  /** Gets the provider's token. */
  readonly subjectToken: SubjectTokenSource
  /** What the token may do. Default: `https://www.googleapis.com/auth/cloud-platform`. */
  readonly scopes?: readonly string[] | undefined
  /** The service account to speak for. Default: none, the external account is known to Google itself. */
  readonly serviceAccount?: string | undefined
  /** The life of the service account's tokens, in milliseconds. Default an hour. */
  readonly lifetimeMs?: number | undefined
  /** Default `https://sts.googleapis.com/v1/token`. */
  readonly tokenUri?: string | undefined
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /** Where the client says who it is: in a header, the default, or in the form (RFC 6749 section 2.3.1). */
  readonly clientAuthentication?: 'basic' | 'body' | undefined
  /** The project that a workforce's calls are charged to, where there is no OAuth client. */
  readonly workforcePoolUserProject?: string | undefined
  /** The project that is charged, sent as `x-goog-user-project` unless the call names one. */
  readonly quotaProject?: string | undefined
  readonly universeDomain?: string | undefined
  /** An address that stands in for `https://iamcredentials.googleapis.com`. */
  readonly iamEndpoint?: string | undefined
}

/**
 * The credential of a program that another provider vouches for, such as a cluster, a build service or another cloud
 * (workload and workforce identity federation): it exchanges that provider's token for one of Google's.
 *
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { createClient } from 'discokit'
 * import { externalAccount } from 'discokit/auth'
 *
 * const build = externalAccount({
 *   audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/ci/providers/builds',
 *   subjectTokenType: 'urn:ietf:params:oauth:token-type:jwt',
 *   subjectToken: () => readFile('/run/token', 'utf8'),
 *   serviceAccount: 'robot@my-project.iam.gserviceaccount.com',
 * })
 * const google = createClient({ auth: build })
 * ```
 *
 * With a `serviceAccount` it has ID tokens too.
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function externalAccount(options: ExternalAccountOptions): Credentials | ImpersonatedCredentials {
  check(options)
  const { serviceAccount, lifetimeMs, quotaProject, universeDomain, iamEndpoint } = options
  const scopes = options.scopes && [...options.scopes]
  if (serviceAccount === undefined) return federated({ ...options, scopes })
  return {
    ...impersonated({
      source: federated({ ...options, scopes: undefined, quotaProject: undefined }),
      serviceAccount,
      scopes,
      lifetimeMs,
      quotaProject,
      universeDomain,
      iamEndpoint,
      timeoutMs: timeoutOf(options) + TOKEN_TIMEOUT_MS,
    }),
    kind: 'external account',
  }
}

/** The account as its provider knows it. */
function federated(options: ExternalAccountOptions): Credentials {
  const { audience, subjectTokenType, serviceAccount, universeDomain = DEFAULT_UNIVERSE } = options
  const { scopes = CLOUD_PLATFORM, clientId, clientSecret, clientAuthentication, quotaProject } = options
  const { tokenUri = `https://sts.${universeDomain}/v1/token`, workforcePoolUserProject: userProject } =
    options
  // Where there is a client, its own project is charged.
  const charged = userProject !== undefined && clientId === undefined ? { userProject } : undefined

  async function fetchToken(context: CredentialsContext): Promise<AccessToken> {
    const request = { audience, subjectTokenType, impersonatedEmail: serviceAccount }
    const given: unknown = await options.subjectToken(request, context)
    const subjectToken = typeof given === 'string' ? given.trim() : ''
    if (subjectToken === '') throw noToken(`subjectToken gave no text for ${audience}`)
    return exchangeToken(
      {
        tokenUri,
        audience,
        subjectToken,
        subjectTokenType,
        scopes,
        clientId,
        clientSecret,
        clientAuthentication,
        what: `the external account of ${audience}`,
        options: charged,
      },
      context,
    )
  }
  return {
    ...tokenCredentials({
      kind: 'external account',
      fetchToken,
      quotaProject,
      timeoutMs: timeoutOf(options),
    }),
    grantedScopes: async () => scopes,
  }
}

/** A program that gives the provider's token may take its time. */
function timeoutOf({ subjectToken: { timeoutMs = 0 } }: ExternalAccountOptions): number {
  return timeoutMs + TOKEN_TIMEOUT_MS
}

const TOKEN_TIMEOUT_MS = 30_000
const WORKFORCE = /^\/\/iam\.[\w.-]+\/locations\/[^/]+\/workforcePools\//

const OPTIONS =
  'audience subjectTokenType subjectToken scopes serviceAccount lifetimeMs tokenUri clientId clientSecret clientAuthentication workforcePoolUserProject quotaProject universeDomain iamEndpoint'

function check(options: ExternalAccountOptions): void {
  const what = 'the external account cannot be used'
  checkOptionNames(what, options, OPTIONS.split(' '))
  const { audience, subjectTokenType, subjectToken, scopes, tokenUri, clientId, clientSecret } = options
  const problems: Problem[] = Object.entries({ audience, subjectTokenType }).flatMap(([path, value]) =>
    typeof value === 'string' && value !== '' ? [] : [{ path, message: 'is required' }],
  )
  if (typeof subjectToken !== 'function')
    problems.push({ path: 'subjectToken', message: 'must be a function that gets a token' })
  if (scopes !== undefined && (!Array.isArray(scopes) || scopes.length === 0))
    problems.push({ path: 'scopes', message: 'must be a list of scopes' })
  if (clientId === undefined && clientSecret !== undefined)
    problems.push({ path: 'clientSecret', message: 'goes with clientId' })
  if (!['basic', 'body', undefined].includes(options.clientAuthentication))
    problems.push({ path: 'clientAuthentication', message: "must be 'body' or 'basic'" })
  if (options.workforcePoolUserProject !== undefined && !WORKFORCE.test(audience))
    problems.push({
      path: 'workforcePoolUserProject',
      message: 'is for workforce pools, and the audience is none',
    })
  if (problems.length > 0) throw new ValidationError(what, problems)
  checkTokenUri(tokenUri, 'the external account', options.universeDomain ?? DEFAULT_UNIVERSE)
}
