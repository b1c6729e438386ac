/**
 * What a verified ID token says (OpenID Connect Core section 2), under the token's own names. Claims that are named here
 * have the type that they have here; what else the issuer says stands beside them. A claim that is null is left out.
 */
export interface IdTokenClaims {
  /** The issuer. */
  readonly iss: string
  /** The lasting id of the person or the account at the issuer: what to keep, for addresses change hands. */
  readonly sub: string
  /** Whom the token is for. */
  readonly aud: string | readonly string[]
  /** When it ends, in seconds since 1970. */
  readonly exp: number
  /** When it was issued, in seconds since 1970. */
  readonly iat: number
  /** From when on it holds, in seconds since 1970. */
  readonly nbf?: number
  /** When the person signed in, in seconds since 1970. */
  readonly auth_time?: number
  /** The client that asked for the token. */
  readonly azp?: string
  readonly nonce?: string
  /** The domain of the organisation that manages the account (Google Workspace). */
  readonly hd?: string
  readonly email?: string
  /** Issuers that write it as a text, `"true"`, are understood. */
  readonly email_verified?: boolean
  readonly name?: string
  readonly given_name?: string
  readonly family_name?: string
  /** The address of a picture. */
  readonly picture?: string
  readonly locale?: string
  readonly [claim: string]: unknown
}
