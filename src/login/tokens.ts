import type { UserTokens } from '../auth/exchange-code.ts'
import { readToken } from '../auth/tokens/token-endpoint.ts'
import { isVisibleText } from '../auth/tokens/visible-text.ts'
import { isTokenText } from '../auth/user/supplied-token.ts'
import type { IdTokenClaims } from '../auth/verification/id-token-claims.ts'
import { ValidationError } from '../errors.ts'
import type { Answer } from './protocol/ask-provider.ts'

/** What a login gave: plain JSON, to be kept where secrets are kept. Unknown members are let be. */
export interface LoginTokens extends UserTokens {
  /** What the person consented to. It may be less than was asked for, and more. */
  readonly scopes: readonly string[]
  /** What the ID token says, verified. `claims.sub` is the person: addresses change hands. */
  readonly claims?: IdTokenClaims
  /** When the refresh token ends, where the provider says so: milliseconds since 1970. */
  readonly refreshTokenExpiresAt?: number
}

/**
 * Reads the answer of a token endpoint (RFC 6749 section 5.1).
 * @param asked milliseconds since 1970
 * @param scopes what was asked for: an answer that says nothing grants them all
 * @throws {AuthError} for an answer that cannot be used.
 */
export function readTokens(
  { json, bad }: Answer,
  asked: number,
  scopes: readonly string[],
): Omit<LoginTokens, 'claims'> {
  const { value, lifetimeMs } = readToken(json, bad)
  const { refresh_token, id_token, scope } = json
  const { refresh_token_expires_in: refreshLifetime } = json
  if (scope !== undefined && typeof scope !== 'string') throw bad('its scope is no text')
  if (refresh_token !== undefined && !isVisibleText(refresh_token))
    throw bad('its refresh_token is none that can be sent')
  if (id_token !== undefined && (typeof id_token !== 'string' || id_token === ''))
    throw bad('its id_token is no text')
  return {
    accessToken: value,
    expiresAt: asked + lifetimeMs,
    scopes: scope === undefined ? [...scopes] : scope.split(' ').filter(Boolean),
    ...(refresh_token !== undefined && { refreshToken: refresh_token }),
    ...(id_token !== undefined && { idToken: id_token }),
    ...(typeof refreshLifetime === 'number' &&
      refreshLifetime > 0 && { refreshTokenExpiresAt: asked + refreshLifetime * 1_000 }),
  }
}

/** Those tokens that a program has at hand, of which some suffice. */
export type HeldTokens = Partial<LoginTokens>

/** @throws {ValidationError} when there is no such token. */
export function heldToken(
  tokens: HeldTokens,
  name: 'accessToken' | 'refreshToken' | 'idToken',
  what: string,
): string {
  const token: unknown = (tokens as HeldTokens | undefined)?.[name]
  if (isTokenText(token)) return token
  throw new ValidationError(what, [{ path: `tokens.${name}`, message: 'must be the text of a token' }])
}

/** A token that ends within 225 seconds is renewed by credentials too. One whose end is not known has ended. */
export function isExpired({ expiresAt }: HeldTokens, now: number): boolean {
  return !(typeof expiresAt === 'number' && expiresAt - now > RENEW_AHEAD_MS)
}

const RENEW_AHEAD_MS = 225_000
