import {
  type LoginStore,
  revokeToken,
  type SavedLogin,
  type UserClient,
  type VersionedLogin,
} from 'discokit/auth'
import type { FileLoginStore } from 'discokit/node'
import { AuthError, DiscokitError } from '../../errors.ts'
import { accountOption } from './account-option.ts'
import { isFrom, isOnThisMachine, type LoginProvider, loginProvider } from './login-provider.ts'
import { reworded } from './reworded.ts'

/** What became of a login. */
export interface LoggedOut {
  /** What was there; undefined where it could not be opened. */
  readonly login: SavedLogin | undefined
  /** What the provider did; `local` where it was not asked. */
  readonly consent: 'revoked' | 'revoked before' | 'local'
}

/**
 * Takes a consent back at the provider, and then the login out of the store. A login that somebody makes meanwhile stays.
 * @param local only takes it out of the store, also one that cannot be opened
 * @throws {AuthError} reason `no_such_account`, `another_provider`, `newer_login`, or why the provider did not revoke it: the login
 * is still there then.
 */
export async function logOut(
  store: LoginStore,
  account: string,
  to: LoginProvider,
  local: boolean,
): Promise<LoggedOut> {
  const there = await find(store, account, local)
  if (there === 'forgotten') return { login: undefined, consent: 'local' }
  if (there === undefined)
    throw new AuthError(`there is no login ${account}; discokit accounts shows those that there are`, {
      reason: 'no_such_account',
    })
  const consent = local ? 'local' : await takeBack(there.login, account, to)
  await deleteUnlessNewer(store, account, there.login)
  return { login: there.login, consent }
}

/** A login that cannot be opened cannot be revoked, but forgotten. */
async function find(
  store: LoginStore,
  account: string,
  local: boolean,
): Promise<VersionedLogin | 'forgotten' | undefined> {
  try {
    return await store.get(account)
  } catch (error) {
    if (!(error instanceof AuthError) || error.reason !== 'unreadable_login') throw error
    if (!local) throw reworded(error, `${error.message}. ${onlyHere(account)}`)
    await store.delete(account)
    return 'forgotten'
  }
}

async function takeBack(
  login: SavedLogin,
  account: string,
  to: LoginProvider,
): Promise<LoggedOut['consent']> {
  const { refreshToken, accessToken, client } = login
  const token = refreshToken ?? accessToken
  const only = onlyHere(account)
  if (!isFrom(client ?? {}, to))
    throw new AuthError(
      `the login ${account} is not one of ${to.name}, so that cannot revoke it. ${whereElse(client)}${only}`,
      { reason: 'another_provider' },
    )
  if (token === undefined) return 'revoked before'
  try {
    await revokeToken(token, { revokeUri: client?.revokeUri })
    return 'revoked'
  } catch (error) {
    if (!(error instanceof DiscokitError)) throw error
    if (error instanceof AuthError && error.reason === 'invalid_token') return 'revoked before'
    throw reworded(error, `the login ${account} is still there: ${error.message}. Try again; ${only}`)
  }
}

function onlyHere(account: string): string {
  return `discokit logout${accountOption(account)} --local only forgets it here`
}

/** The address may be of anything: only one of this machine is repeated. */
function whereElse(client: Partial<UserClient> = {}): string {
  if (isFrom(client, loginProvider(''))) return 'Unset DISCOKIT_EMULATOR to end it at Google; '
  if (!isOnThisMachine(client.tokenUri)) return ''
  return `Set DISCOKIT_EMULATOR=${new URL(client.tokenUri!).origin} to end it there; `
}

/**
 * Other logins that end with this one: at Google a consent is one person's to one client, whatever the logins are called.
 */
export async function endedToo(
  store: FileLoginStore,
  { claims, client }: SavedLogin = {},
): Promise<readonly string[]> {
  if (claims === undefined || client === undefined) return []
  const others = await Promise.all(
    (await store.contents()).accounts.map(async (account) => ({
      account,
      login: (await store.get(account))?.login,
    })),
  )
  return others
    .filter(({ login }) => login?.claims?.sub === claims.sub && login.client?.clientId === client.clientId)
    .map(({ account }) => account)
    .toSorted()
}

/** Renewals change the login all the time; another refresh token makes it another login. */
async function deleteUnlessNewer(store: LoginStore, account: string, gone: SavedLogin): Promise<void> {
  for (;;) {
    const there = await store.get(account)
    if (there === undefined) return
    if (there.login.refreshToken !== gone.refreshToken)
      throw new AuthError(
        `somebody logged in as ${account} meanwhile; that login was left. Run discokit logout again to end it too`,
        { reason: 'newer_login' },
      )
    if (await store.delete(account, there.version)) return
  }
}
