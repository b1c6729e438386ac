import type { IdTokenClaims } from '../verification/id-token-claims.ts'

/**
 * Where the logins of people are kept, by account. It holds what lets others in as these people: protect it as you protect
 * passwords.
 */
export interface LoginStore {
  /**
   * Whether looking and putting are one step that nobody else can come between, for all that have the same store. Where they are
   * not, two programs that renew a login at once may log the person out.
   */
  readonly atomic: boolean
  /** What is there under an account; undefined when nothing is. */
  get(account: string): Promise<VersionedLogin | undefined>
  /**
   * Puts a login there, if what is there still has a version, or if nothing is there when that is undefined. A store that is not
   * atomic may put it in any case.
   * @returns whether it was put
   */
  put(account: string, login: SavedLogin, ifVersion: string | undefined): Promise<boolean>
  /**
   * Takes a login away, if what is there still has a version; whatever is there when that is undefined.
   * @returns whether nothing is there any more because of this call
   */
  delete(account: string, ifVersion?: string): Promise<boolean>
  /** The accounts of which something is there, in any order. */
  accounts(): Promise<readonly string[]>
}

/** A login as a store gives it. */
export interface VersionedLogin {
  readonly login: SavedLogin
  /** Another one each time that something is put there. */
  readonly version: string
}

/** What is kept of a login: plain JSON. Members that are not named here are kept as they are. */
export interface SavedLogin {
  readonly accessToken?: string
  /** When the access token ends, in milliseconds since 1970. */
  readonly expiresAt?: number
  readonly refreshToken?: string
  /** What the person consented to. */
  readonly scopes?: readonly string[]
  readonly idToken?: string
  /** What the ID token says, verified. */
  readonly claims?: IdTokenClaims
  /** When the refresh token ends, where the provider said so: milliseconds since 1970. */
  readonly refreshTokenExpiresAt?: number
  /** The client that the tokens were given to: they are worth nothing with another. */
  readonly client?: UserClient
  /** Who renews the tokens at the moment, so that nobody else does: see `userCredentials`. */
  readonly refreshing?: { readonly by: string; readonly until: number }
}

/** An OAuth client, as token endpoints know it. */
export interface UserClient {
  readonly clientId: string
  /** Of a client that has one. */
  readonly clientSecret?: string | undefined
  /** Default `https://oauth2.googleapis.com/token`. */
  readonly tokenUri?: string | undefined
  /** Default `https://oauth2.googleapis.com/revoke`, or what is beside another `tokenUri`. */
  readonly revokeUri?: string | undefined
  /** Default `body`. */
  readonly clientAuthentication?: 'body' | 'basic' | undefined
}
