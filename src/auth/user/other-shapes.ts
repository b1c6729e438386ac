import type { Problem } from '../../errors.ts'
import { utcTime } from './utc-time.ts'

/** Whether a login is written in the words of other libraries, and not in ours. */
export function isOfOthers(members: Members): boolean {
  return !OURS.some((name) => members[name] !== undefined) && OTHERS.some((name) => isThere(members[name]))
}

type Members = Readonly<Record<string, unknown>>

const OURS = ['accessToken', 'refreshToken']
const OTHERS = ['access_token', 'refresh_token', 'token']

/**
 * A login in our words that other libraries wrote in theirs: aiogoogle's `UserCreds`, the `authorized_user` of gcloud and google-auth,
 * `Credentials` of googleapis, the answer of a token endpoint. What none of them knows is kept.
 * @param problems takes what is wrong with it
 */
export function fromOthers(members: Members, problems: Problem[]): Record<string, unknown> {
  const { access_token, token, refresh_token, id_token, id_token_jwt, scope, scopes, ...more } = members
  const { token_type, expiry_date, expires_at, expiry, expires_in, refresh_token_expires_in, ...others } =
    more
  const { type, client_id, client_secret, token_uri, token_url, revoke_uri, revoke_url, ...unknown } = others
  if (isThere(token_type) && !/^bearer$/i.test(String(token_type)))
    problems.push({ path: 'token_type', message: 'must be Bearer' })
  const end = [expires_at, expiry].find(isThere)
  const expiresAt = isThere(expiry_date) ? expiry_date : end === undefined ? undefined : utcTime(end)
  const isOfWorkforce = type === 'external_account_authorized_user'
  return {
    ...unknown,
    accessToken: access_token ?? token,
    expiresAt,
    refreshToken: refresh_token,
    refreshTokenExpiresAt: endOfRefreshToken(expiresAt, expires_in, refresh_token_expires_in),
    scopes: scopes ?? scope,
    idToken: id_token_jwt ?? (typeof id_token === 'string' ? id_token : undefined),
    claims: typeof id_token === 'string' ? undefined : id_token,
    client: isThere(client_id)
      ? {
          clientId: client_id,
          clientSecret: client_secret ?? undefined,
          tokenUri: token_uri ?? token_url ?? undefined,
          revokeUri: revoke_uri ?? revoke_url ?? undefined,
          ...(isOfWorkforce && { clientAuthentication: 'basic' }),
        }
      : undefined,
  }
}

/** The lives of both tokens were counted from the same moment. */
function endOfRefreshToken(
  expiresAt: unknown,
  lifetimeS: unknown,
  refreshLifetimeS: unknown,
): number | undefined {
  const end = Number(expiresAt) + (Number(refreshLifetimeS ?? NaN) - Number(lifetimeS ?? NaN)) * 1_000
  return Number.isFinite(end) ? end : undefined
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}
