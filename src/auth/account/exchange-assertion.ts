import type { CredentialsContext } from '../../transport/credentials.ts'
import type { Account } from './account.ts'
import { type AssertionClaims, signAssertion } from './assertion.ts'
import { GOOGLE_TOKEN_URI } from './service-account-key.ts'
import type { AccessToken } from '../tokens/token-cache.ts'
import { assertionAudience, requestToken, type TokenRequest } from '../tokens/token-endpoint.ts'

/** An assertion of an account, and what is read of the answer to it. */
export interface AssertionExchange extends Pick<TokenRequest, 'read'> {
  readonly account: Account
  /** Where it is exchanged, in place of the key's own `token_uri`. */
  readonly tokenUri?: string | undefined
  readonly claims: Omit<AssertionClaims, 'iss' | 'aud'>
}

/**
 * Exchanges an assertion for a token (RFC 7523 section 2.1).
 * @throws {AuthError} with the endpoint's word as `reason`.
 */
export function exchangeAssertion(
  { account, tokenUri = account.tokenUri ?? GOOGLE_TOKEN_URI, claims, ...rest }: AssertionExchange,
  context: CredentialsContext,
): Promise<AccessToken> {
  const { email: iss, signer } = account
  const assertion = { iss, aud: assertionAudience(tokenUri), ...claims }
  return requestToken(
    {
      ...rest,
      tokenUri,
      what: `the service account ${iss}`,
      identity: assertion,
      signer,
      form: async () => ({
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: await signAssertion(assertion, signer, context),
      }),
    },
    context,
  )
}
