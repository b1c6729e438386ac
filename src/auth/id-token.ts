import { type AuthError, ValidationError } from '../errors.ts'
import { fromBase64 } from '../protocol/base64.ts'
import type { AccessToken } from './tokens/token-cache.ts'
import { isVisibleText } from './tokens/visible-text.ts'

/**
 * Takes an ID token from where it was asked for, so its signature is not looked at.
 * @param now milliseconds since 1970
 * @param bad makes the error of what is wrong with it
 */
export function readIdToken(value: unknown, now: number, bad: (why: string) => AuthError): AccessToken {
  if (!isVisibleText(value)) throw bad('it has no id_token')
  const lifetimeMs = lifetimeOf(value, now)
  if (!(lifetimeMs > 0)) throw bad('the token has expired already, or does not say when it does')
  return { value, lifetimeMs: Math.min(lifetimeMs, MAX_LIFETIME_MS) }
}

const MAX_LIFETIME_MS = 43_200_000

/**
 * How long a token lives: what is left to its end, and no longer than it lives in all. So one that was made a while ago ends
 * when it says, and one made just now, by a clock ahead of ours, not later than it should.
 */
function lifetimeOf(jwt: string, now: number): number {
  try {
    const claims = JSON.parse(new TextDecoder().decode(fromBase64(jwt.split('.')[1]!))) as Record<
      string,
      unknown
    >
    const { exp, iat = now / 1_000 } = claims
    if (typeof exp !== 'number' || typeof iat !== 'number') return NaN
    return Math.min(exp * 1_000 - now, (exp - iat) * 1_000)
  } catch {
    return NaN
  }
}

/** @throws {ValidationError} when it says nobody. */
export function checkAudience(audience: unknown, path = 'audience'): void {
  if (typeof audience === 'string' && audience !== '') return
  throw new ValidationError('the ID token cannot be had', [
    { path, message: 'must say whom the token is for' },
  ])
}
