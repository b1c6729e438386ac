import { DEFAULT_UNIVERSE, isAllowed } from '../transport/origin-policy.ts'
import { parseOrigin, splitOrigin } from '../transport/origin.ts'
import type { ExternalAccountOptions } from './external-account.ts'
import { parseCredentialFile } from './default/credential-file.ts'
import { checkTokenUri, invalidKey } from './account/service-account-key.ts'
import { subjectTokenSource } from './subject-token/subject-token-source.ts'

/**
 * The options that stand in a credential configuration file, as `gcloud iam workload-identity-pools create-cred-config` writes
 * it. Where the file names a program to run, the environment must allow that too.
 *
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { externalAccount, externalAccountFile } from 'discokit/auth'
 *
 * const build = externalAccount(externalAccountFile(await readFile('external.json', 'utf8')))
 * ```
 *
 * @param content an object, or its JSON text
 * @param from what the file is, for errors
 * @param universeDomain the domain whose endpoints are trusted; a file cannot name one of its own
 * @throws {AuthError} reason `invalid_key_file`, or `origin_not_allowed` for an address outside. Nothing secret of the content is
 * in the message.
 */
export function externalAccountFile(
  content: object | string,
  from = 'the file of an external account',
  universeDomain: string = DEFAULT_UNIVERSE,
): ExternalAccountOptions {
  const file = parseCredentialFile(content, from, 'external_account')
  const text = (name: string): string | undefined => file.text(name)
  checkTokenUri(text('token_url'), from, universeDomain)
  return {
    audience: file.needed('audience'),
    subjectTokenType: file.needed('subject_token_type'),
    subjectToken: subjectTokenSource(file.content, from),
    tokenUri: text('token_url'),
    clientId: text('client_id'),
    clientSecret: text('client_secret'),
    workforcePoolUserProject: text('workforce_pool_user_project'),
    quotaProject: text('quota_project_id'),
    universeDomain,
    ...impersonation(text('service_account_impersonation_url'), from, universeDomain),
    lifetimeMs: lifetime(file.content['service_account_impersonation'], from),
  }
}

/**
 * Whom to speak for, which the file says by an address of IAM. Of that only the account is used, and where it leads to this
 * machine the place.
 * @throws {AuthError} for an address that is none of IAM.
 */
export function impersonation(
  url: string | undefined,
  from: string,
  universeDomain: string,
): Pick<ExternalAccountOptions, 'serviceAccount' | 'iamEndpoint'> {
  if (url === undefined) return {}
  const [, base = '', serviceAccount = ''] = (url.length <= MAX_URL && IMPERSONATION.exec(url)) || []
  const { origin = '' } = splitOrigin(base) ?? {}
  const host = parseOrigin(origin)
  if (host?.loopback) return { serviceAccount, iamEndpoint: base }
  if (!isAllowed(origin, { universeDomain, origins: [] }) || !host?.hostname.startsWith('iamcredentials.'))
    throw invalidKey(
      from,
      `has a service_account_impersonation_url that is none of iamcredentials.${universeDomain}`,
    )
  return { serviceAccount }
}

const IMPERSONATION =
  /^(https?:\/\/[^/?#]+(?:\/[\w.-]+)?)\/v1\/projects\/-\/serviceAccounts\/([\w.+-]+@[\w.-]+):generateAccessToken$/
const MAX_URL = 512

function lifetime(value: unknown, from: string): number | undefined {
  const seconds = (value as { token_lifetime_seconds?: unknown } | undefined)?.token_lifetime_seconds
  if (seconds === undefined) return undefined
  if (typeof seconds === 'number' && seconds >= 600 && seconds <= 43_200) return seconds * 1_000
  throw invalidKey(from, 'has a token_lifetime_seconds that is not from 600 to 43200')
}
