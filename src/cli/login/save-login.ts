import type { LoginStore, SavedLogin } from 'discokit/auth'
import type { LoginTokens } from 'discokit/login'
import { AuthError } from '../../errors.ts'
import type { LoginClient } from './client-file.ts'
import { isFrom, isOnThisMachine, type LoginProvider } from './login-provider.ts'
import { clientMembers } from './saved-client.ts'
import { whoIs } from './who-is.ts'

/** What a login has come to. */
export interface NewLogin {
  readonly tokens: LoginTokens
  readonly client: LoginClient
  readonly from: LoginProvider
  /** Whether a login of somebody else may be written over. */
  readonly replace: boolean
}

/**
 * Keeps a login under an account, unless it is somebody else's there. When others put something there at the same time, it is
 * looked at again.
 * @returns what is there now, as the store gives it
 * @throws {AuthError} reason `another_person`, `no_refresh_token`, or `store_busy` where others do not let go.
 */
export async function saveLogin(store: LoginStore, account: string, made: NewLogin): Promise<SavedLogin> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const there = await store.get(account)
    const before = made.replace ? undefined : loginToAddTo(there?.login, account, made.from)
    if (before) checkPerson(before, account, made.tokens)
    const login = merge(before, made)
    if (!(await store.put(account, login, there?.version))) continue
    const back = (await store.get(account))?.login
    if (back?.accessToken === login.accessToken) return back!
  }
  throw new AuthError(
    `the login could not be saved: other programs change the account ${account} all the time. Try again`,
    { reason: 'store_busy' },
  )
}

/**
 * The login that a new one adds to. What an emulator gave that is gone is nothing to keep.
 * @throws {AuthError} reason `another_provider` for one that is worth something elsewhere.
 */
export function loginToAddTo(
  there: SavedLogin | undefined,
  account: string,
  to: LoginProvider,
): SavedLogin | undefined {
  if (there === undefined || isFrom(there.client ?? {}, to)) return there
  if (isOnThisMachine(there.client?.tokenUri)) return undefined
  throw new AuthError(`the account ${account} holds a login at another provider than ${to.name}. ${CHOOSE}`, {
    reason: 'another_provider',
  })
}

/** Whose login it is decides what programs with this account do: nobody changes that by mistake. */
function checkPerson(before: SavedLogin, account: string, tokens: LoginTokens): void {
  if (before.claims === undefined || before.claims.sub === tokens.claims?.sub) return
  throw new AuthError(
    `the account ${account} is ${whoIs(before)}, and ${whoIs(tokens)} has logged in now; nothing was saved. ${CHOOSE}`,
    { reason: 'another_person' },
  )
}

function merge(before: SavedLogin | undefined, { tokens, client }: NewLogin): SavedLogin {
  const isSame =
    before?.client?.clientId === client.clientId &&
    tokens.claims !== undefined &&
    before.claims?.sub === tokens.claims.sub
  // Where a person consented before, the provider may give none.
  const kept = tokens.refreshToken === undefined && isSame ? before : undefined
  const { refreshToken, refreshTokenExpiresAt } = kept ?? tokens
  if (refreshToken === undefined)
    throw new AuthError(
      'the provider gave no refresh token, so the login would end within the hour; nothing was saved. Take the consent back at https://myaccount.google.com/connections, and log in anew',
      { reason: 'no_refresh_token' },
    )
  return {
    ...tokens,
    refreshToken,
    ...(refreshTokenExpiresAt !== undefined && { refreshTokenExpiresAt }),
    ...clientMembers(client),
  }
}

const ATTEMPTS = 5
const CHOOSE = 'Choose another name with --account NAME, or write over it with --replace'
