import { AuthError } from '../errors.ts'
import { originOf, parseOrigin, splitOrigin } from './origin.ts'

/** The places that may see a credential. */
export interface OriginPolicy {
  /** The domain of the universe, `googleapis.com` unless told otherwise: itself and names below it, over https. */
  readonly universeDomain: string
  /** Further origins named by the caller: https ones, or http on this machine. */
  readonly origins: readonly string[]
}

/** The universe everybody is in unless told otherwise. */
export const DEFAULT_UNIVERSE = 'googleapis.com'

/**
 * A function that throws when an address may not see a credential. Addresses come from discovery documents and
 * credential files, which are untrusted, so this is asked for each request.
 * @throws {AuthError} reason `origin_not_allowed`
 */
export function originGuard(policy: OriginPolicy): (url: string, what: string) => void {
  const verdicts = new Map<string, boolean>()
  return (url, what) => {
    const origin = splitOrigin(url)?.origin ?? ''
    let allowed = verdicts.get(origin)
    if (allowed === undefined) {
      allowed = isAllowed(origin, policy)
      if (verdicts.size > 1_000) verdicts.clear()
      verdicts.set(origin, allowed)
    }
    if (!allowed) {
      throw new AuthError(
        `${what} would go to ${originOf(url)?.host ?? 'no plain address'}, which is not ` +
          `below ${policy.universeDomain} over https: not sent. Name the origin (endpoint, allowedOrigins) to allow it`,
        { reason: 'origin_not_allowed' },
      )
    }
  }
}

/** Whether an origin is one of the places. */
export function isAllowed(origin: string, { universeDomain, origins }: OriginPolicy): boolean {
  const parsed = parseOrigin(origin)
  if (parsed === undefined) return false
  const { hostname, host, protocol, loopback, port } = parsed
  // A domain without a dot would hold everybody.
  const inUniverse = universeDomain.includes('.') && `.${hostname}`.endsWith(`.${universeDomain}`)
  if (inUniverse) return protocol === 'https:' && port === 443
  const named = origins.some((candidate) => {
    const other = originOf(candidate)
    return other?.protocol === protocol && other.host === host
  })
  return named && (protocol === 'https:' || loopback)
}
