import { AuthError } from '../../errors.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import type { AccessToken } from '../tokens/token-cache.ts'
import type { SavedLogin } from './login-store.ts'
import type { TokenClient } from './token-client.ts'

/** A person's login, wherever it is kept. */
export interface LoginSource {
  /** Whether others may put another login in its place. */
  readonly isShared: boolean
  /** The access token, where it holds; else a new one. */
  token(context: CredentialsContext): Promise<AccessToken>
  /** The login as it is now. */
  login(): Promise<SavedLogin>
  /** A server refused an access token: it is not given again. */
  refused(accessToken: string): void
  /**
   * Has the login taken back, and keeps it no longer. Nobody renews it meanwhile; what came in its place stays.
   * @returns what was taken back
   */
  end(context: CredentialsContext, takeBack: (login: SavedLogin) => Promise<void>): Promise<SavedLogin>
}

/** How logins are renewed. */
export interface LoginSettings {
  /**
   * The client that a login was given to.
   * @throws {AuthError} when nobody knows it.
   */
  readonly clientOf: (login: SavedLogin) => TokenClient
  /** Whose login it is, for errors. */
  readonly what: string
  /** Fewer scopes than the person consented to. */
  readonly scopes?: readonly string[] | undefined
  readonly onTokens?: ((tokens: SavedLogin) => void | Promise<void>) | undefined
  readonly onRefreshToken?: ((refreshToken: string) => void | Promise<void>) | undefined
}

/**
 * The access token of a login, where it is worth using: it holds for more than 225 seconds, or at all where no other can be had.
 * One of which nobody knows the end is used until a server refuses it.
 */
export function tokenAtHand(
  { accessToken, refreshToken, expiresAt }: SavedLogin,
  now: number,
  refused: RefusedTokens,
): AccessToken | undefined {
  if (accessToken === undefined || refused.has(accessToken)) return undefined
  const leftMs = expiresAt === undefined ? ASSUMED_LIFETIME_MS : expiresAt - now
  if (leftMs <= (refreshToken === undefined ? 0 : WORTH_USING_MS)) return undefined
  return { value: accessToken, lifetimeMs: Math.min(leftMs, LONGEST_MS) }
}

const WORTH_USING_MS = 225_000
const ASSUMED_LIFETIME_MS = 3_600_000
const LONGEST_MS = 43_200_000

/** @throws {AuthError} reason `no_refresh_token`. */
export function refreshTokenOf({ refreshToken, accessToken }: SavedLogin, what: string): string {
  if (refreshToken !== undefined) return refreshToken
  const why = accessToken === undefined ? '' : ', and its access token has ended or was refused'
  throw new AuthError(
    `${what} has no refresh token${why}. Ask for consent again, with offline access (accessType: 'offline', prompt: 'consent')`,
    { reason: 'no_refresh_token' },
  )
}

/** The last access tokens that servers refused. */
export class RefusedTokens {
  readonly #tokens = new Set<string>()
  has(token: string): boolean {
    return this.#tokens.has(token)
  }
  add(token: string): void {
    this.#tokens.add(token)
    if (this.#tokens.size > MOST_REFUSED) this.#tokens.delete(this.#tokens.values().next().value!)
  }
}

const MOST_REFUSED = 20

/** A login without its access token. */
export function withoutAccessToken({ accessToken: _, expiresAt: __, ...login }: SavedLogin): SavedLogin {
  return login
}
