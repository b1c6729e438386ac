import type { CredentialsContext } from '../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import type { Account } from './account/account.ts'
import { exchangeAssertion } from './account/exchange-assertion.ts'
import { fetchIamIdToken } from './iam/iam-id-token.ts'
import { readIdToken } from './id-token.ts'
import { serviceAccount } from './service-account.ts'
import type { AccessToken } from './tokens/token-cache.ts'

/** What an ID token of an account is asked for with. */
export interface AccountIdToken {
  readonly targetAudience: string
  /** Where an assertion is exchanged for it. */
  readonly tokenUri?: string | undefined
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  readonly universeDomain?: string | undefined
}

/**
 * Gets an ID token for an account that signs: for an assertion that names the audience, or in another universe than Google's
 * own from IAM.
 */
export function fetchAccountIdToken(
  account: Account,
  { targetAudience, tokenUri, claims, universeDomain = DEFAULT_UNIVERSE }: AccountIdToken,
  context: CredentialsContext,
): Promise<AccessToken> {
  if (universeDomain !== DEFAULT_UNIVERSE) {
    const { signer, email } = account
    const source = serviceAccount({ signer, email, scopes: IAM, universeDomain })
    return fetchIamIdToken({ source, serviceAccount: email, universeDomain }, targetAudience, context)
  }
  return exchangeAssertion(
    {
      account,
      tokenUri,
      claims: { claims: { ...claims, target_audience: targetAudience } },
      read: ({ id_token }, bad) => readIdToken(id_token, context.clock.now(), bad),
    },
    context,
  )
}

const IAM = ['https://www.googleapis.com/auth/iam']
