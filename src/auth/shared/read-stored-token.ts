import type { AccessToken } from '../tokens/token-cache.ts'
import { isVisibleText } from '../tokens/visible-text.ts'
import type { StoredToken } from './token-store.ts'

/** By how much the clocks of programs may differ. */
export const SKEW_MS = 300_000
/** What has no more life left than this is neither put there nor taken. */
export const SHORTEST_LEFT_MS = 600_000

/**
 * Reads strictly what a store gives, since it goes into a header: undefined for what is no token, or has too little life left.
 * Its end was noted by another clock than ours, so it is used as if it ended earlier.
 * @param now in milliseconds since 1970
 */
export function readStoredToken(stored: unknown, now: number): AccessToken | undefined {
  const { value, expiresAt } = (stored ?? {}) as Partial<StoredToken>
  if (!isVisibleText(value)) return undefined
  const leftMs = Math.min(Number(expiresAt) - now, LONGEST_MS) // some databases give numbers as texts
  return leftMs > SHORTEST_LEFT_MS ? { value, lifetimeMs: leftMs - SKEW_MS } : undefined // an end that is no number is not
}

/** Twelve hours: no token of Google's lives longer. */
const LONGEST_MS = 43_200_000
