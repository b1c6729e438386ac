/**
 * Where programs keep tokens that they share: a table, a cache server. `sharedTokens()` makes a client use one. What it keeps
 * lets in whoever reads it, so protect it as you protect passwords.
 *
 * Nothing breaks without it: when it fails, or takes longer than two seconds, calls go on as if there were none. So it
 * should fail rather than try for long.
 *
 * ```ts
 * import type { TokenStore, VersionedToken } from 'discokit/auth'
 *
 * const tokens = new Map<string, VersionedToken>()
 * const store: TokenStore = {
 *   get: async (key) => tokens.get(key),
 *   async put(key, token, ifVersion) {
 *     if (tokens.get(key)?.version !== ifVersion) return false
 *     tokens.set(key, { ...token, version: crypto.randomUUID() })
 *     return true
 *   },
 * }
 * ```
 */
export interface TokenStore {
  /**
   * What is there under a key; undefined when nothing is.
   * @param key 64 hexadecimal digits: a hash (SHA-256) of all that it takes to be given the token
   */
  get(key: string): Promise<VersionedToken | undefined>
  /**
   * Puts a token there, if what is there still has a version, or if nothing is there when that is undefined. Looking
   * and putting must be one step that nobody else can come between. What has ended may be deleted at any time.
   * @returns whether it was put
   */
  put(key: string, token: StoredToken, ifVersion: string | undefined): Promise<boolean>
}

/** What is kept of a token: this, and nothing else. */
export interface StoredToken {
  /** The token. A secret. */
  readonly value: string
  /** When it ends, in milliseconds since 1970. */
  readonly expiresAt: number
}

/** A token as a store gives it. */
export interface VersionedToken extends StoredToken {
  /** Another one each time that something is put there. */
  readonly version: string
}
