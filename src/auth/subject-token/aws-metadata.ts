import { isHeaderValue } from '../../protocol/header-value.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { askProvider } from './ask-provider.ts'
import type { AwsCredentials } from './aws-signature.ts'
import type { AwsSource } from './credential-source-aws.ts'
import { type Members, membersOf } from './credential-source-members.ts'
import { noToken } from './subject-token-format.ts'

/** What a machine of Amazon EC2 says of itself. */
export interface AwsMetadata {
  /** `us-east-2` of a machine in the zone `us-east-2b`. */
  region(): Promise<string>
  /** Those of the role that the machine has. They may change, so they are asked for each time. */
  credentials(): Promise<AwsCredentials>
}

/**
 * Asks the metadata server of Amazon EC2. Where the source names an address for it, a session token (IMDSv2) is got first,
 * once for all questions.
 * @throws {AuthError} reason `subject_token`, or that of the connection
 */
export function awsMetadata(source: AwsSource, context: CredentialsContext): AwsMetadata {
  let session: Promise<HttpHeaders> | undefined

  async function get(url: string, what: string): Promise<string> {
    const headers = await (session ??= openSession(source.sessionTokenUrl, context))
    return (await askProvider({ method: 'GET', url, headers, what }, context)).trim()
  }

  return {
    async region() {
      if (source.regionUrl === undefined)
        throw noToken(
          'the region of Amazon is not known: set AWS_REGION, or name region_url in credential_source',
        )
      const zone = await get(source.regionUrl, 'the zone of this machine')
      const region = zone.slice(0, -1)
      if (!AWS_REGION.test(region)) throw noToken(`what ${hostOf(source.regionUrl)} calls its zone is none`)
      return region
    },
    async credentials() {
      const { credentialsUrl: url } = source
      if (url === undefined)
        throw noToken(
          'there are no credentials of Amazon: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name url in credential_source',
        )
      const role = await get(url, 'the role of this machine')
      if (!ROLE.test(role)) throw noToken(`what ${hostOf(url)} calls the role of this machine is none`)
      const address = new URL(url)
      address.pathname = `${address.pathname.replace(/\/$/, '')}/${role}`
      return parseCredentials(await get(address.href, 'the credentials of its role'), hostOf(url))
    },
  }
}

/** The name of a region: `us-east-2`, `us-gov-west-1`. */
export const AWS_REGION: RegExp = /^[a-z]{2,8}(-[a-z]{2,16}){1,3}-\d{1,2}$/
const ROLE = /^[\w+=,.@-]{1,128}$/
const SESSION_TTL_S = '300'

async function openSession(url: string | undefined, context: CredentialsContext): Promise<HttpHeaders> {
  if (url === undefined) return {}
  const headers = { 'x-aws-ec2-metadata-token-ttl-seconds': SESSION_TTL_S }
  const question = { method: 'PUT', url, headers, what: 'a session token' } as const
  const token = (await askProvider(question, context)).trim()
  if (!isWord(token)) throw noToken(`${hostOf(url)} gave no session token`)
  return { 'x-aws-ec2-metadata-token': token }
}

function parseCredentials(text: string, host: string): AwsCredentials {
  let answer: Members = {}
  try {
    answer = membersOf(JSON.parse(text)) ?? {}
  } catch {
    // The error's own text repeats a piece of the answer.
  }
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken } = answer
  if (
    !isWord(accessKeyId) ||
    !isWord(secretAccessKey) ||
    !(sessionToken === undefined || isWord(sessionToken))
  )
    throw noToken(`${host} gave no credentials of a role: AccessKeyId, SecretAccessKey or Token is missing`)
  return { accessKeyId, secretAccessKey, sessionToken }
}

/** Whether it may stand in a header, in one piece. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && isHeaderValue(value) && !/\s/.test(value)
}

function hostOf(url: string): string {
  return new URL(url).host
}
