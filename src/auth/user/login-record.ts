import { AuthError, DiscokitError, ValidationError } from '../../errors.ts'
import type { LoginStore, SavedLogin, VersionedLogin } from './login-store.ts'
import { readSavedLogin } from './read-saved-login.ts'

/** What a store has of one account. What it gives is not trusted, and what it throws is not repeated. */
export interface LoginRecord {
  /** Undefined when nothing is there. */
  find(): Promise<VersionedLogin | undefined>
  /** @throws {AuthError} reason `no_such_account`. */
  get(): Promise<VersionedLogin>
  /** @returns whether it was put */
  put(login: SavedLogin, ifVersion: string): Promise<boolean>
  /** @returns whether it was deleted */
  delete(ifVersion: string): Promise<boolean>
}

/** All of it fails with an `AuthError`: `store_failed`, or `unreadable_login` for what is no login. */
export function loginRecord(store: LoginStore, account: string): LoginRecord {
  const what = `the login of the account ${account}`
  const asked = <Result>(verb: string, ask: () => Promise<Result>): Promise<Result> =>
    askStore(verb, account, ask)
  async function find(): Promise<VersionedLogin | undefined> {
    const found: Partial<VersionedLogin> | undefined | null = await asked('read', () => store.get(account))
    if (found === undefined || found === null) return undefined
    const { login, version } = found
    if (typeof version !== 'string') throw unreadable('it has no version')
    try {
      return { login: readSavedLogin(login!), version }
    } catch (error) {
      throw error instanceof ValidationError ? unreadable(error.message) : error
    }
  }
  const unreadable = (why: string): AuthError =>
    new AuthError(`the store gave something as ${what} that is none: ${why}. Log in again, or delete it`, {
      reason: 'unreadable_login',
    })
  return {
    find,
    async get() {
      const found = await find()
      if (found) return found
      throw new AuthError(`the store has no login of the account ${account}. Log in first`, {
        reason: 'no_such_account',
      })
    },
    put: (login, ifVersion) => asked('keep', () => store.put(account, login, ifVersion)),
    delete: (ifVersion) => asked('delete', () => store.delete(account, ifVersion)),
  }
}

/**
 * Asks a store. Errors of ours say nothing secret; what those of others say is not repeated, as it may be what they were to keep.
 * @param verb what the store could not do, if it fails
 * @throws {AuthError} reason `store_failed`.
 */
export async function askStore<Result>(
  verb: string,
  account: string,
  ask: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof DiscokitError) throw error
    throw new AuthError(
      `the store could not ${verb} the login of the account ${account}: it failed with ${kindOf(error)}`,
      { reason: 'store_failed', retryable: true },
    )
  }
}

/** The name of an error, and the system's word for it. */
function kindOf(error: unknown): string {
  const { name, code } = Object(error) as Readonly<Record<string, unknown>>
  const words = [name, code].filter((word) => typeof word === 'string' && /^\w{1,60}$/.test(word))
  return words.length > 0 ? words.join(' ') : 'something that is no error'
}
