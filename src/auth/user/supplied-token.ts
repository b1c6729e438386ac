import { AuthError } from '../../errors.ts'
import type { AccessToken } from '../tokens/token-cache.ts'

/** An access token that the program has from elsewhere, and its end. */
export interface SuppliedToken {
  readonly accessToken: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Whether a value is the text of a token: it can stand in a header. */
export function isTokenText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

/**
 * Takes what a function of the program's gave for a token.
 * @param now milliseconds since 1970
 * @param from what gave it, for errors
 * @throws {AuthError} reason `invalid_token` for what is none, `token_expired` for one that has ended.
 */
export function readSuppliedToken(given: unknown, now: number, from: string): AccessToken {
  const { accessToken, expiresAt } = (given ?? {}) as Partial<Record<keyof SuppliedToken, unknown>>
  const bad = (why: string, reason: string): AuthError =>
    new AuthError(`${from} ${why}; it must give { accessToken, expiresAt }`, { reason })
  if (!isTokenText(accessToken)) throw bad('gave no access token', 'invalid_token')
  if (typeof expiresAt !== 'number' || !Number.isFinite(expiresAt))
    throw bad('gave a token whose expiresAt is no time in milliseconds since 1970', 'invalid_token')
  if (expiresAt <= now)
    throw bad(
      'gave a token that has expired already (expiresAt is in milliseconds since 1970)',
      'token_expired',
    )
  return { value: accessToken, lifetimeMs: expiresAt - now }
}
