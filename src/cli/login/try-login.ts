import type { SavedLogin } from 'discokit/auth'
import type { OAuthClient } from 'discokit/login'
import { AuthError, DiscokitError } from '../../errors.ts'
import { accountOption } from './account-option.ts'
import { reworded } from './reworded.ts'

/**
 * Calls the provider once with a token that was saved: who the person is, where that was asked for, else what the token stands for.
 * @returns what answered: `userinfo` or `tokeninfo`
 * @throws {AuthError} with the provider's word as `reason`, or `wrong_audience` for a token of another client.
 */
export async function tryLogin(oauth: OAuthClient, saved: SavedLogin, account: string): Promise<string> {
  try {
    if (saved.claims) {
      await oauth.userInfo(saved)
      return 'userinfo'
    }
    const { aud } = await oauth.tokenInfo(saved)
    if (aud === oauth.clientId) return 'tokeninfo'
    throw new AuthError('the token info is about a token of another client', { reason: 'wrong_audience' })
  } catch (error) {
    if (!(error instanceof DiscokitError)) throw error
    const again = `It stays saved as ${account}: try it, or take it away with: discokit logout${accountOption(account)}`
    throw reworded(error, `the login was saved, but does not work: ${error.message}. ${again}`)
  }
}
