import { unleased } from './login-lease.ts'
import type { SavedLogin } from './login-store.ts'

/**
 * What to keep after a renewal, where others may have put something there meanwhile.
 * @param there what is there now
 * @param before what was renewed
 * @param renewed what came of it
 */
export function newerLogin(there: SavedLogin, before: SavedLogin, renewed: SavedLogin): SavedLogin {
  // The person logged in again: that is newer than all that came of the old refresh token.
  if (there.refreshToken !== before.refreshToken) return there
  const { accessToken, expiresAt, refreshToken, refreshTokenExpiresAt, scopes } = renewed
  const ofRefreshToken = {
    ...(refreshToken !== undefined && { refreshToken }),
    ...(refreshTokenExpiresAt !== undefined && { refreshTokenExpiresAt }),
  }
  // A login brought another access token and no refresh token: only that was replaced.
  if (there.accessToken !== before.accessToken) return { ...there, ...ofRefreshToken }
  const { accessToken: _, expiresAt: __, ...others } = unleased(there)
  return {
    ...others,
    ...ofRefreshToken,
    ...(accessToken !== undefined && { accessToken }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(scopes && { scopes }),
  }
}
