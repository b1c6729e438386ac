import { AuthError } from '../../errors.ts'

/** Why an ID token was not accepted: the `reason` of the `AuthError`. */
export type IdTokenFailure =
  /** It is no signed JWT, its header asks for what nobody does here, or it is another kind of token. */
  | 'malformed_token'
  /** It is signed in a way that is not allowed, or that its key is not for. */
  | 'unexpected_algorithm'
  /** The issuer has no such key, or has several and the token names none. */
  | 'unknown_key'
  /** The keys could not be had; it may go better later. */
  | 'keys_unavailable'
  | 'bad_signature'
  /** A claim that must be there is not, or a claim has another type than it must. */
  | 'missing_claim'
  | 'wrong_issuer'
  | 'wrong_audience'
  /** It has ended, or was issued longer ago than it may. */
  | 'expired_token'
  | 'token_not_yet_valid'
  /** It lives longer than it may. */
  | 'lifetime_too_long'
  | 'wrong_nonce'
  | 'wrong_hosted_domain'

/** The error of a token that is not accepted. `why` goes on after a colon, and holds no piece of the token. */
export function refusal(
  reason: IdTokenFailure,
  why: string,
  fields: { status?: number; retryable?: boolean; cause?: unknown } = {},
): AuthError {
  return new AuthError(`the ID token was not accepted: ${why}`, { ...fields, reason })
}

/** A text out of a token as it may stand in an error: short, and nothing that a log takes for something else. */
export function shown(value: unknown): string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,100}$/.test(value) ? `'${value}'` : 'something else'
}
