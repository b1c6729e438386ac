import { type Problem, ValidationError } from '../../errors.ts'
import type { Credentials } from '../../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../../transport/origin-policy.ts'
import { authorizedUser } from '../authorized-user.ts'
import { type CredentialFile, parseCredentialFile } from './credential-file.ts'
import type { DefaultOptions } from './default-credentials.ts'
import { externalAccount } from '../external-account.ts'
import { externalAccountFile, impersonation } from '../external-account-file.ts'
import { idTokenCredentials } from '../id-token-account.ts'
import { impersonated } from '../impersonated.ts'
import { checkUniverse, invalidKey, parseServiceAccountKey } from '../account/service-account-key.ts'
import { serviceAccount } from '../service-account.ts'
import { refreshTokenCredentials } from '../user/refresh-token-credentials.ts'

/** A credential, and what is known of it. */
export interface FoundCredentials {
  readonly credentials: Credentials
  /** For people: `the service account robot@my-project.iam.gserviceaccount.com`. */
  readonly what: string
  /** Its ID tokens, where it can have them. */
  readonly idToken?: ((audience: string) => Credentials) | undefined
  readonly projectId?: string | undefined
  /** Whether the machine knows the project and the universe. */
  readonly isMachine?: boolean
}

/**
 * The credential that stands in a file of Google's tools, whatever its kind.
 * @param content an object, or its JSON text
 * @param from what the file is, for errors
 * @throws {AuthError} reason `invalid_key_file`, or `origin_not_allowed` for an address outside. Nothing secret of the content is in
 * the message.
 */
export function credentialsOfFile(content: unknown, from: string, options: DefaultOptions): FoundCredentials {
  const file = parseCredentialFile(content, from)
  const type = file.content['type']
  const read = typeof type === 'string' && Object.hasOwn(KINDS, type) ? KINDS[type] : undefined
  if (!read) throw invalidKey(from, kindOf(type))
  const { universeDomain = DEFAULT_UNIVERSE } = options
  checkUniverse(file.text('universe_domain'), from, universeDomain)
  const quotaProject = options.quotaProject ?? file.text('quota_project_id')
  try {
    return read(file, from, { ...options, universeDomain, quotaProject })
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error
    // What stands in a file is no mistake of whoever called.
    throw invalidKey(from, `cannot be used: ${error.problems.map(inWords).join('; ')}`)
  }
}

function inWords({ path, message }: Problem): string {
  return `${path} ${message}`
}

type Options = DefaultOptions & { readonly universeDomain: string }
type ReadFile = (file: CredentialFile, from: string, options: Options) => FoundCredentials

const KINDS: Readonly<Record<string, ReadFile>> = {
  service_account({ content }, from, { scopes, quotaProject, universeDomain }) {
    const key = parseServiceAccountKey(content, from, universeDomain) // whose errors name the file
    const credentials = serviceAccount({ key, scopes, quotaProject, universeDomain })
    return {
      credentials,
      what: `the service account ${credentials.serviceAccountEmail}`,
      projectId: credentials.projectId,
      idToken: (targetAudience) => idTokenCredentials({ key, targetAudience, quotaProject, universeDomain }),
    }
  },
  authorized_user: user,
  external_account_authorized_user: user,
  external_account({ content }, from, { scopes, quotaProject, universeDomain }) {
    const options = externalAccountFile(content, from, universeDomain)
    const credentials = externalAccount({ ...options, scopes, quotaProject })
    const { serviceAccount: email, audience } = options
    return {
      credentials,
      what: email === undefined ? `the external account of ${audience}` : `${email}, by way of ${audience}`,
      idToken: credentials.idToken,
    }
  },
  impersonated_service_account(file, from, options) {
    const { scopes, quotaProject, universeDomain } = options
    const url = file.needed('service_account_impersonation_url')
    const { serviceAccount: email = '', iamEndpoint } = impersonation(url, from, universeDomain)
    const source = file.content['source_credentials'] as { type?: unknown } | undefined
    if (source?.type === 'impersonated_service_account')
      throw invalidKey(from, 'has source_credentials that are impersonated too; name delegates instead')
    const { credentials, what } = credentialsOfFile(source, `the source_credentials of ${from}`, {
      universeDomain,
    })
    const { delegates } = file.content
    const robot = impersonated({
      source: credentials,
      serviceAccount: email,
      scopes,
      quotaProject,
      universeDomain,
      iamEndpoint,
      delegates: delegatesOf(delegates, from),
    })
    return { credentials: robot, what: `${email}, for which ${what} speaks`, idToken: robot.idToken }
  },
}

/** Addresses, or the names of accounts that end with them. */
function delegatesOf(delegates: unknown, from: string): readonly string[] | undefined {
  if (delegates === undefined || delegates === null) return undefined
  if (!Array.isArray(delegates) || !delegates.every((delegate) => typeof delegate === 'string'))
    throw invalidKey(from, 'has delegates that are no list of names')
  return delegates.map((delegate) => delegate.replace(/^.*\/serviceAccounts\//, ''))
}

function user(
  { content }: CredentialFile,
  from: string,
  { scopes, quotaProject, universeDomain }: Options,
): FoundCredentials {
  const options = authorizedUser(content, from, universeDomain)
  const own = scopes && { scopes, token: undefined } // a token in the file is for the scopes there
  const credentials = refreshTokenCredentials({ ...options, ...own, quotaProject })
  return { credentials, what: `a user, of the OAuth client ${options.clientId}` }
}

function kindOf(type: unknown): string {
  if (typeof type !== 'string' || !/^[\w-]{1,60}$/.test(type)) return 'has no type'
  return type === 'gdch_service_account'
    ? `is of the type '${type}' (Google Distributed Cloud), which is not supported`
    : `is of the unknown type '${type}'; known are ${Object.keys(KINDS).join(', ')}`
}
