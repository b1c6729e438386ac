import type { CredentialsContext } from '../../transport/credentials.ts'

/** What an external account asks its own provider for. */
export interface SubjectTokenRequest {
  /** For whom: the provider as Google's security token service knows it. */
  readonly audience: string
  /** Of what type: `urn:ietf:params:oauth:token-type:jwt` and others. */
  readonly subjectTokenType: string
  /** The service account that is used in the end, if there is one. */
  readonly impersonatedEmail?: string | undefined
}

/**
 * Gets the token by which a provider other than Google vouches for this program: Google exchanges it for one of its own
 * (RFC 8693).
 */
export interface SubjectTokenSource {
  (request: SubjectTokenRequest, context: CredentialsContext): Promise<string>
  /** How long it may take, in milliseconds, where it says so itself: a program does. */
  readonly timeoutMs?: number
}
