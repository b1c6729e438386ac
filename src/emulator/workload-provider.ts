import type { Clock } from './clock.ts'
import { GrantFailure } from './grant-failure.ts'
import { decodeJwt, isSignedBy, signJwt } from './jwt.ts'
import type { JsonObject } from './service.ts'
import { createSigningKeys, type SigningKeys } from './signing.ts'

/** Where a provider other than Google vouches for programs: its pool, its own name, and its tokens. */
export interface WorkloadProvider {
  /** The provider as the Security Token Service knows it. */
  readonly audience: string
  /** A token for a program, valid for an hour; `claims` take the place of its own. */
  issue(subject: string, claims?: JsonObject): Promise<string>
  /**
   * For whom a token vouches.
   * @throws {GrantFailure} for a token that this provider has not signed, for this pool and for now.
   */
  verify(token: string): Promise<string>
  /** The name by which a program is granted things: `principal://…`. */
  principal(subject: string): string
}

const POOL = '//iam.googleapis.com/projects/123456/locations/global/workloadIdentityPools/pool'
const AUDIENCE = `${POOL}/providers/provider`
const ISSUER = 'https://provider.example.com'
const LIFETIME_SECONDS = 3600

/** The key is made when it is first needed. */
export function createWorkloadProvider(clock: Clock): WorkloadProvider {
  let made: Promise<SigningKeys> | undefined
  const keys = (): Promise<SigningKeys> => (made ??= createSigningKeys())
  return {
    audience: AUDIENCE,
    principal: (subject) => `principal:${POOL}/subject/${subject}`,
    async issue(sub, claims) {
      const iat = Math.floor(clock.now() / 1000)
      const own = { iss: ISSUER, sub, aud: `https:${AUDIENCE}`, iat, exp: iat + LIFETIME_SECONDS }
      return signJwt(await keys(), JSON.stringify({ ...own, ...claims }))
    },
    async verify(token) {
      const jwt = decodeJwt(token)
      const { header, claims } = jwt ?? {}
      if (!jwt || !claims || header?.alg !== 'RS256' || typeof header.kid !== 'string')
        throw refused('it is not a JWT whose header has the alg RS256 and a kid')
      if (!(await isSignedBy([await keys()], jwt))) throw refused('its signature does not hold')
      return checkClaims(claims, clock.now() / 1000)
    },
  }
}

const CLOCK_SKEW_SECONDS = 60
const OLDEST_SECONDS = 24 * 3600

function checkClaims({ iss, aud, sub, iat, exp }: JsonObject, now: number): string {
  if (iss !== ISSUER) throw refused('its issuer is not the one of the provider')
  if (![aud].flat().some((each) => each === AUDIENCE || each === `https:${AUDIENCE}`))
    throw refused('it is for another audience')
  const isYoung = typeof iat === 'number' && iat <= now + CLOCK_SKEW_SECONDS && iat > now - OLDEST_SECONDS
  if (!isYoung || typeof exp !== 'number' || exp <= now) throw refused('it is not for this time')
  if (typeof sub !== 'string' || !/^\S{1,127}$/.test(sub)) throw refused('it names no subject')
  return sub
}

function refused(why: string): GrantFailure {
  return new GrantFailure('invalid_grant', `The subject token cannot be used: ${why}.`)
}
