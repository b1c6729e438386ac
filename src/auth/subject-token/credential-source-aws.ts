import { type Members, textMember } from './credential-source-members.ts'
import { isEc2Metadata, parseProviderAddress } from './provider-address.ts'
import { invalidKey } from '../account/service-account-key.ts'

/** Amazon's own credential of the machine, which vouches for it with a signed request that others may send. */
export interface AwsSource {
  readonly kind: 'aws'
  /** Where a machine says in which zone it is: `http://169.254.169.254/latest/meta-data/placement/availability-zone`. */
  readonly regionUrl: string | undefined
  /** Below which it gives out credentials of its role. */
  readonly credentialsUrl: string | undefined
  /** Where it gives out the token that the other two want to see (IMDSv2). */
  readonly sessionTokenUrl: string | undefined
  /** The request that is signed; `{region}` stands for the region. */
  readonly verificationUrl: string
}

/** @throws {AuthError} reason `invalid_key_file` */
export function parseAwsSource(source: Members, from: string): AwsSource {
  const id = textMember(source, 'environment_id', from)
  if (id !== 'aws1')
    throw invalidKey(
      from,
      /^aws\d{1,9}$/.test(id)
        ? `has a credential_source of the version ${id}; only aws1 is supported`
        : 'has a credential_source whose environment_id is not aws1',
    )
  const verificationUrl = textMember(source, 'regional_cred_verification_url', from)
  if (!VERIFICATION_URL.test(verificationUrl))
    throw invalidKey(
      from,
      'has a credential_source whose regional_cred_verification_url is not at https://sts.{region}.amazonaws.com',
    )
  return {
    kind: 'aws',
    regionUrl: metadataUrl(source, 'region_url', from),
    credentialsUrl: metadataUrl(source, 'url', from),
    sessionTokenUrl: metadataUrl(source, 'imdsv2_session_token_url', from),
    verificationUrl,
  }
}

/** The security token service of Amazon, in all regions or one, and what it is asked. */
const VERIFICATION_URL =
  /^https:\/\/sts\.(\{region\}\.|[a-z]{2}(-[a-z]+)+-\d\.)?amazonaws\.com(\.cn)?\/?\?[\w=&.-]{1,1000}$/

/** The machine's own credentials are asked for there and are sent nowhere else. */
function metadataUrl(source: Members, name: string, from: string): string | undefined {
  const value = source[name] ?? undefined
  if (value === undefined) return undefined
  const address = parseProviderAddress(value)
  if (!address) throw invalidKey(from, `has a credential_source whose ${name} is no plain address`)
  if (!isEc2Metadata(address.origin))
    throw invalidKey(
      from,
      `has a credential_source whose ${name} is at ${address.origin.host}, and not at 169.254.169.254 or [fd00:ec2::254]`,
    )
  return address.url
}
