import type { Credentials, CredentialsContext } from '../../transport/credentials.ts'
import type { IamAccount } from './iam-account.ts'
import { askIam, unreadable } from './iam.ts'
import { checkAudience, readIdToken } from '../id-token.ts'
import type { AccessToken } from '../tokens/token-cache.ts'
import { tokenCredentials } from '../tokens/token-credentials.ts'

/** The ID tokens of a service account for an audience, from IAM. They name its address. */
export function iamIdToken(account: IamAccount, audience: string): Credentials {
  checkAudience(audience)
  return tokenCredentials({
    kind: 'ID token',
    fetchToken: (context) => fetchIamIdToken(account, audience, context),
  })
}

/** Asks for one. */
export async function fetchIamIdToken(
  account: IamAccount,
  audience: string,
  context: CredentialsContext,
): Promise<AccessToken> {
  const body = { audience, includeEmail: true, useEmailAzp: true }
  const answer = await askIam(account, 'generateIdToken', body, context)
  return readIdToken(answer.text('token'), answer.at, (why) =>
    unreadable(`generateIdToken of ${account.serviceAccount}`, why),
  )
}
