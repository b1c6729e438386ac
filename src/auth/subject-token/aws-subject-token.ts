import { isHeaderValue } from '../../protocol/header-value.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { AWS_REGION, type AwsMetadata, awsMetadata } from './aws-metadata.ts'
import { type AwsCredentials, signAwsRequest } from './aws-signature.ts'
import type { AwsSource } from './credential-source-aws.ts'
import type { SubjectTokenRequest } from './subject-token.ts'
import { noToken } from './subject-token-format.ts'
import { platform } from '#platform'

/**
 * The token of a machine or a program at Amazon: a signed request that asks Amazon who it is, which Google then sends. It
 * is the JSON of the request, encoded as part of an address. The credentials are those of the environment, or of the
 * machine's role. The audience is signed too, so that nobody can use it for another.
 * @throws {AuthError} reason `subject_token`, or that of the connection
 */
export async function awsSubjectToken(
  source: AwsSource,
  { audience }: SubjectTokenRequest,
  context: CredentialsContext,
): Promise<string> {
  const metadata = awsMetadata(source, context)
  const region = regionOf(source.verificationUrl) ?? (await findRegion(metadata))
  const credentials = environmentCredentials() ?? (await metadata.credentials())
  const url = source.verificationUrl.replace('{region}', region)
  const { authorization, ...headers } = await signAwsRequest(
    { method: 'POST', url, headers: { 'x-goog-cloud-target-resource': audience } },
    credentials,
    { region, service: 'sts', now: context.clock.now() },
  )
  const all = Object.entries({ Authorization: authorization!, ...headers })
  return encodeURIComponent(
    JSON.stringify({ url, method: 'POST', headers: all.map(([key, value]) => ({ key, value })) }),
  )
}

/** The region of an address that names one. The address that names none wants signatures for the first there was. */
function regionOf(verificationUrl: string): string | undefined {
  const [, region] = /^https:\/\/sts\.(?:([^.]+)\.)?amazonaws\./.exec(verificationUrl)!
  return region === '{region}' ? undefined : (region ?? 'us-east-1')
}

async function findRegion(metadata: AwsMetadata): Promise<string> {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = platform.environment(name)
    if (region === undefined) continue
    // It becomes part of an address.
    if (!AWS_REGION.test(region)) throw noToken(`${name} is not the name of a region, such as us-east-2`)
    return region
  }
  return metadata.region()
}

function environmentCredentials(): AwsCredentials | undefined {
  const [accessKeyId, secretAccessKey, sessionToken] = [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
  ].map(platform.environment)
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined
  if (!isHeaderValue(accessKeyId) || !isHeaderValue(sessionToken ?? ''))
    throw noToken('AWS_ACCESS_KEY_ID or AWS_SESSION_TOKEN has characters that it cannot have')
  return { accessKeyId, secretAccessKey, sessionToken }
}
