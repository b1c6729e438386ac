import type { Accounts } from './accounts.ts'
import { GrantFailure } from './grant-failure.ts'
import { decodeJwt, isSignedBy } from './jwt.ts'
import type { JsonObject } from './service.ts'

/** What an assertion that holds says. */
export interface AssertionClaims {
  readonly issuer: string
  readonly subject: string | undefined
  readonly scopes: readonly string[]
  /** Whom an ID token is asked for; then no scopes count. */
  readonly targetAudience: string | undefined
}

/**
 * Checks a service account's assertion as Google's endpoint does: a JWS with RS256, signed by the key of an account
 * that is not disabled, for this endpoint, now and for an hour at most. The header must name the algorithm; the type
 * and the key's id count when they are there.
 * @throws {GrantFailure}
 */
export async function verifyAssertion(
  assertion: string,
  accounts: Accounts,
  audiences: readonly string[],
  nowMs: number,
): Promise<AssertionClaims> {
  const { issuer, claims } = await verifySigned(assertion, accounts, nowMs)
  if (typeof claims.aud !== 'string' || !audiences.includes(claims.aud)) {
    throw new GrantFailure('invalid_grant', 'Invalid JWT: Failed audience check.')
  }
  const { target_audience: audience } = claims
  const targetAudience = typeof audience === 'string' && audience !== '' ? audience : undefined
  const scopes = targetAudience === undefined ? readScopes(claims) : []
  return { issuer, subject: readSubject(claims), scopes, targetAudience }
}

/** What an account has signed. */
export interface Signed {
  readonly issuer: string
  readonly claims: JsonObject
}

/**
 * Checks that an account signed something that holds now.
 * @throws {GrantFailure}
 */
export async function verifySigned(assertion: string, accounts: Accounts, nowMs: number): Promise<Signed> {
  const jwt = decodeJwt(assertion)
  if (!jwt) throw new GrantFailure('invalid_grant', 'Bad Request')
  const { header, claims } = jwt
  if (header?.alg !== 'RS256' || (header.typ ?? 'JWT') !== 'JWT') {
    throw new GrantFailure(
      'invalid_grant',
      'Invalid JWT: the header must say alg RS256 and, if any, typ JWT.',
    )
  }
  const issuer = typeof claims?.iss === 'string' ? claims.iss : ''
  const account = accounts.isDisabled(issuer) ? undefined : await accounts.find(issuer)
  if (!claims || !account) throw new GrantFailure('invalid_grant', 'Invalid grant: account not found')
  if (!(await isSignedBy(await account.keys(), jwt)))
    throw new GrantFailure('invalid_grant', 'Invalid JWT Signature.')
  checkTimes(claims, nowMs / 1000)
  return { issuer, claims }
}

/** How far ahead of ours the sender's clock may be. */
const CLOCK_SKEW_SECONDS = 60
const LONGEST_LIFETIME_SECONDS = 3600

function checkTimes({ iat, exp }: JsonObject, now: number): void {
  const reasonable =
    typeof iat === 'number' &&
    typeof exp === 'number' &&
    iat <= now + CLOCK_SKEW_SECONDS &&
    exp > now &&
    iat <= exp &&
    exp - iat <= LONGEST_LIFETIME_SECONDS
  if (reasonable) return
  throw new GrantFailure(
    'invalid_grant',
    'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. ' +
      'Check your iat and exp values in the JWT claim.',
  )
}

function readSubject({ sub }: JsonObject): string | undefined {
  return typeof sub === 'string' && sub !== '' ? sub : undefined
}

function readScopes(claims: JsonObject): readonly string[] {
  const scopes = typeof claims.scope === 'string' ? claims.scope.split(/\s+/).filter(Boolean) : []
  if (scopes.length > 0) return scopes
  throw new GrantFailure('invalid_scope', 'Empty or missing scope not allowed.')
}
