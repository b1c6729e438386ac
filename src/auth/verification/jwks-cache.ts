/** Where public keys of issuers are kept. */
export interface JwksCache {
  readonly kind: 'JWKS cache'
}

/**
 * A cache of one's own for `verifyIdToken`, empty at first. Without one, verifications through one transport share theirs:
 * this is for those that have a transport each, and for those that must not share. To forget all keys, make another.
 *
 * ```ts
 * import { jwksCache, verifyIdToken } from 'discokit/auth'
 *
 * const keys = jwksCache()
 * const verify = (token: string) => verifyIdToken(token, { audience: 'my-client-id', keys })
 * ```
 */
export function jwksCache(): JwksCache {
  return Object.freeze({ kind: 'JWKS cache' })
}
