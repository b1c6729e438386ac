import type { Credentials } from '../../transport/credentials.ts'
import { charging, checkQuotaProject } from './quota-project.ts'
import { type FetchToken, TokenCache } from './token-cache.ts'

/** What a credential has besides its tokens. */
export interface TokenCredentials extends Pick<Credentials, 'kind' | 'idToken'> {
  readonly fetchToken: FetchToken
  /** The project that is charged. */
  readonly quotaProject?: string | undefined
  /** How long getting a token may take. Default 30,000. */
  readonly timeoutMs?: number | undefined
}

/**
 * A credential with one token at a time, which it keeps and renews.
 * @throws {ValidationError} for a project that cannot be charged.
 */
export function tokenCredentials({
  kind,
  fetchToken,
  quotaProject,
  idToken,
  timeoutMs,
}: TokenCredentials): Credentials {
  checkQuotaProject(quotaProject)
  const tokens = new TokenCache(fetchToken, timeoutMs)
  return {
    kind,
    headers: (_, context) => charging(quotaProject, tokens.headers(context)),
    refused: (headers) => tokens.refused(headers),
    endsAt: () => tokens.endsAt,
    ...(idToken && { idToken }),
  }
}
