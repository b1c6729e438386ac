import type { IdTokenClaims } from './id-token-claims.ts'
import { refusal, shown } from './refusal.ts'
import type { Settings } from './settings.ts'

/**
 * Holds the claims of a token whose signature is good against what they must say (OpenID Connect Core section 3.1.3.7).
 * @param now milliseconds since 1970
 * @throws {AuthError} with the first thing that is wrong
 */
export function checkClaims(
  found: Readonly<Record<string, unknown>>,
  settings: Settings,
  now: number,
): IdTokenClaims {
  const claims = readClaims(found)
  if (!settings.issuers.includes(claims.iss))
    throw refusal(
      'wrong_issuer',
      `it was issued by ${shown(claims.iss)}, and not by ${some(settings.issuers)}`,
    )
  checkAudience(claims, settings)
  checkTimes(claims, settings, now)
  const { nonce, hostedDomains } = settings
  if (nonce !== undefined && claims.nonce !== nonce)
    throw refusal('wrong_nonce', `it has ${claims.nonce === undefined ? 'no' : 'another'} nonce`)
  if (hostedDomains && !(claims.hd !== undefined && hostedDomains.includes(claims.hd))) {
    const whose = claims.hd === undefined ? 'no hosted domain' : shown(claims.hd)
    throw refusal('wrong_hosted_domain', `its account is of ${whose}, and not of ${some(hostedDomains)}`)
  }
  return claims
}

const TYPES: Readonly<Record<string, 'string' | 'number' | 'boolean'>> = {
  iss: 'string',
  sub: 'string',
  exp: 'number',
  iat: 'number',
  nbf: 'number',
  auth_time: 'number',
  azp: 'string',
  nonce: 'string',
  hd: 'string',
  email: 'string',
  email_verified: 'boolean',
  name: 'string',
  given_name: 'string',
  family_name: 'string',
  picture: 'string',
  locale: 'string',
}
const REQUIRED = ['iss', 'sub', 'aud', 'exp', 'iat']

/** What has a type has it: `"false"` would pass for true where nobody looks twice. */
function readClaims(found: Readonly<Record<string, unknown>>): IdTokenClaims {
  const claims = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== null))
  const { email_verified: verified } = claims
  if (verified === 'true' || verified === 'false') claims['email_verified'] = verified === 'true'
  for (const name of REQUIRED) {
    if (claims[name] === undefined || claims[name] === '') throw refusal('missing_claim', `it has no ${name}`)
  }
  for (const [name, type] of Object.entries(TYPES)) {
    const value = claims[name]
    // JSON has numbers that are too large for one.
    if (value !== undefined && (typeof value !== type || value === Infinity || value === -Infinity))
      throw refusal('missing_claim', `its ${name} is no ${type}`)
  }
  return claims as unknown as IdTokenClaims
}

/** One audience may stand alone or in a list. Of several, none may be a stranger, and one must have asked (`azp`). */
function checkAudience({ aud, azp }: IdTokenClaims, { audiences }: Settings): void {
  const named: readonly unknown[] = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? aud : []
  const stranger = named.find((name) => !audiences.includes(name as string))
  if (named.length === 0 || stranger !== undefined)
    throw refusal('wrong_audience', `it is for ${shown(stranger)}, and not for ${some(audiences)}`)
  if (named.length > 1 && !(azp !== undefined && audiences.includes(azp)))
    throw refusal('wrong_audience', `it is for several, and ${some(audiences)} did not ask for it (azp)`)
}

function checkTimes({ exp, iat, nbf = iat }: IdTokenClaims, settings: Settings, now: number): void {
  const { clockToleranceMs: tolerance, maxLifetimeMs, maxAgeMs } = settings
  const sinceEnd = now - exp * 1_000
  const untilBegin = Math.max(iat, nbf) * 1_000 - now
  const age = now - iat * 1_000
  if (sinceEnd >= tolerance) throw refusal('expired_token', `it expired ${seconds(sinceEnd)} ago`)
  if (untilBegin > tolerance) {
    const why = `it holds only in ${seconds(untilBegin)}; is this machine's clock right?`
    throw refusal('token_not_yet_valid', why)
  }
  if (exp - iat > maxLifetimeMs / 1_000)
    throw refusal('lifetime_too_long', `it lives ${exp - iat} s, more than ${seconds(maxLifetimeMs)}`)
  if (age > maxAgeMs + tolerance)
    throw refusal('expired_token', `it was issued ${seconds(age)} ago, more than ${seconds(maxAgeMs)}`)
}

function seconds(ms: number): string {
  return `${Math.ceil(ms / 1_000)} s`
}

/** What is expected, which the program itself says. */
function some(expected: readonly string[]): string {
  const [first = '', ...others] = expected
  return others.length === 0
    ? `'${first}'`
    : `'${first}' or ${others.length} other${others.length > 1 ? 's' : ''}`
}
