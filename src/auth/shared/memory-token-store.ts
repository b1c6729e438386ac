import type { TokenStore, VersionedToken } from './token-store.ts'

/**
 * A store in this process, for tests and for credentials that are made anew again and again. It keeps the ten thousand tokens
 * that were put there last.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { memoryTokenStore, serviceAccount, sharedTokens } from 'discokit/auth'
 *
 * const tokenStore = sharedTokens(memoryTokenStore())
 * const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }), tokenStore })
 * ```
 */
export function memoryTokenStore(): TokenStore {
  const tokens = new Map<string, VersionedToken>()
  let puts = 0
  return {
    get: async (key) => tokens.get(key),
    async put(key, { value, expiresAt }, ifVersion) {
      if (tokens.get(key)?.version !== ifVersion) return false
      tokens.delete(key) // so that it becomes the last
      tokens.set(key, { value, expiresAt, version: String(++puts) })
      if (tokens.size > MOST_TOKENS) tokens.delete(tokens.keys().next().value!)
      return true
    },
  }
}

const MOST_TOKENS = 10_000
