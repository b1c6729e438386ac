import type { Clock } from '../transport/clock.ts'
import type { Transport } from '../transport/transport.ts'
import type { WebAbortSignal } from '../web-types.ts'
import type { IdTokenClaims } from './verification/id-token-claims.ts'
import type { JwksCache } from './verification/jwks-cache.ts'
import type { SignatureAlgorithm } from './signer.ts'
import { verify } from './verification/verify.ts'

/** Which ID tokens are accepted. */
export interface VerifyIdTokenOptions {
  /**
   * Whom the token must be for: your client id, or the address of your service; of several, any one. A token for several
   * must be for none but these, and name one of them as `azp`.
   */
  readonly audience: string | readonly string[]
  /** Who may have issued it. Default: Google, `https://accounts.google.com` or `accounts.google.com`. */
  readonly issuers?: readonly string[] | undefined
  /**
   * Where the issuer's public keys are, as a JWKS (RFC 7517): https, or http on this machine.
   * Default `https://www.googleapis.com/oauth2/v3/certs`.
   */
  readonly jwksUri?: string | undefined
  /** The nonce that was sent with the request for the token. Leave it out where none was: undefined is refused. */
  readonly nonce?: string
  /** The domain, or one of the domains, of Google Workspace that the account must belong to. Undefined is refused. */
  readonly hostedDomain?: string | readonly string[]
  /** How long ago the token may have been issued, in milliseconds. Default: as long as it lives. */
  readonly maxAgeMs?: number | undefined
  /** How long the token may live in all, in milliseconds. Default 86,400,000: a day. */
  readonly maxLifetimeMs?: number | undefined
  /** How far the issuer's clock and this one may differ, in milliseconds, at most 60,000. Default 10,000. */
  readonly clockToleranceMs?: number | undefined
  /** Which signatures are accepted, as far as the key is one for them. Default `RS256`, `ES256` and `ES384`. */
  readonly algorithms?: readonly SignatureAlgorithm[] | undefined
  readonly clock?: Clock | undefined
  /** What asks for the keys. Default: the runtime's own. */
  readonly transport?: Transport | undefined
  /** Where the keys are kept. Default: a cache for each transport. */
  readonly keys?: JwksCache | undefined
  /** For the whole verification, in milliseconds. Default: none, but a request for keys is given up after 30,000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: WebAbortSignal | undefined
}

/**
 * Verifies an ID token (OpenID Connect Core section 3.1.3.7) of Google, or of any issuer that has its keys in a JWKS: its
 * signature, who issued it, for whom, and whether it holds now.
 *
 * ```ts
 * import { verifyIdToken } from 'discokit/auth'
 *
 * const token = process.env.ID_TOKEN ?? ''
 * const { sub, email } = await verifyIdToken(token, { audience: 'my-client-id.apps.googleusercontent.com' })
 * console.log(sub, email)
 * ```
 *
 * The key decides how the signature is checked; what the token's header says must agree, and keys in the header are never
 * used. Keys are kept for as long as their server says, between a minute and a day, five minutes when it says nothing; for
 * another hour when they cannot be had anew. A key that is not among them is asked for at most once a minute.
 *
 * @throws {ValidationError} for options that cannot be used. Nothing was asked then.
 * @throws {AuthError} when the token is not accepted, with an `IdTokenFailure` as `reason`. The token is not in the error.
 * @throws {TimeoutError} after `timeoutMs`.
 */
export function verifyIdToken(token: string, options: VerifyIdTokenOptions): Promise<IdTokenClaims> {
  return verify(token, options)
}
