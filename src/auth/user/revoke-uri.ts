import { AuthError } from '../../errors.ts'
import { isAllowed } from '../../transport/origin-policy.ts'
import { parseOrigin, splitOrigin } from '../../transport/origin.ts'
import { invalidKey } from '../account/service-account-key.ts'

/** Where Google takes tokens back (RFC 7009). */
export const GOOGLE_REVOKE_URI = 'https://oauth2.googleapis.com/revoke'

/** Where a token is taken back that an endpoint gave: beside that. */
export function revokeUriFor(tokenUri: string): string {
  const { origin = '', target = '' } = splitOrigin(tokenUri) ?? {}
  if (parseOrigin(origin)?.loopback) return `${origin}/revoke`
  // Google's older address has nothing beside it.
  return target.startsWith('/oauth2/') ? GOOGLE_REVOKE_URI : tokenUri.replace(/(oauth)?token$/, 'revoke')
}

/** @throws {AuthError} for an address that may not see a refresh token. */
export function checkRevokeUri(revokeUri: unknown, from: string, universeDomain: string): void {
  if (revokeUri === undefined) return
  const { origin = '' } = (typeof revokeUri === 'string' && splitOrigin(revokeUri)) || {}
  if (!origin || !/^[^?#]*\/revoke$/.test(revokeUri as string))
    throw invalidKey(from, 'has a revokeUri that is no address for revoking tokens')
  if (!parseOrigin(origin)?.loopback && !isAllowed(origin, { universeDomain, origins: [] }))
    throw new AuthError(
      `${from} has a revokeUri at ${parseOrigin(origin)?.host ?? 'no plain address'}, which is not below ${universeDomain} over https`,
      { reason: 'origin_not_allowed' },
    )
}
