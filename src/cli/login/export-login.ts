import { type AuthorizedUserFile, authorizedUserFile, type LoginStore } from 'discokit/auth'
import { AuthError } from '../../errors.ts'
import { accountOption } from './account-option.ts'

/**
 * A login as a file of Google's tools, for GOOGLE_APPLICATION_CREDENTIALS. It lets whoever has it in.
 * @throws {AuthError} reason `no_such_account` or `no_refresh_token`.
 */
export async function exportLogin(store: LoginStore, account: string): Promise<AuthorizedUserFile> {
  const login = (await store.get(account))?.login
  const again = `log in: discokit login${accountOption(account)}`
  if (login === undefined)
    throw new AuthError(`there is no login ${account}; ${again}`, { reason: 'no_such_account' })
  const { client, refreshToken } = login
  if (client === undefined || refreshToken === undefined)
    throw new AuthError(`the login ${account} has no refresh token and client; ${again}`, {
      reason: 'no_refresh_token',
    })
  return authorizedUserFile({ ...client, refreshToken })
}
