import type { UserCredentials } from '../auth/user/login-credentials.ts'
import type { StoredLoginOptions } from '../auth/user/login-options.ts'
import { userCredentials } from '../auth/user-credentials.ts'
import { AuthError } from '../errors.ts'
import { fileLoginStore, type FileLoginStoreOptions } from './file-login-store.ts'

/** Whose login it is, and where it is kept. */
export interface SavedAccountOptions
  extends FileLoginStoreOptions, Omit<StoredLoginOptions, 'store' | 'account'> {}

/**
 * The credential of a person who has logged in on this machine, with `discokit login` or a program of yours: `userCredentials` of a
 * `fileLoginStore`. All programs of this user share what is there, and renew it one at a time.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { savedAccount } from 'discokit/node'
 *
 * const google = createClient({ auth: savedAccount() })
 * const work = google.as(savedAccount('work'))
 * ```
 *
 * Calls fail as with both; where nobody has logged in, with an `AuthError` of the reason `no_such_account` that says how to.
 *
 * @param name the account that `discokit login --account NAME` was told. Default `default`
 * @throws {ValidationError} for options that cannot be used.
 */
export function savedAccount(name: string = 'default', options: SavedAccountOptions = {}): UserCredentials {
  const { folder, key, ...more } = options
  const store = fileLoginStore({ folder, key })
  const credentials = userCredentials({ ...more, store, account: name })

  /** Where it is missing, or worth nothing any more, says how to come by another. */
  function explained(error: unknown): unknown {
    if (!(error instanceof AuthError)) return error
    const { reason, status, message } = error
    const command = `npx discokit login --account ${/^[\w.@-]+$/.test(name) ? name : JSON.stringify(name)}`
    if (reason === 'no_such_account') {
      const how =
        folder === undefined
          ? `Log in: ${command}`
          : 'Put one there (fileLoginStore), or leave the folder out to use that of discokit login'
      return new AuthError(`there is no login of the account ${name} in ${store.folder}. ${how}`, { reason })
    }
    if (folder !== undefined || !OVER.test(reason)) return error
    const said = message
      .replace(/\. (The person has to|Ask for consent again).*$/, '')
      .replace(/[^.?]$/, '$&.')
    const another = reason === 'invalid_client' ? ' --client FILE' : ''
    return new AuthError(`${said} To log in again: ${command}${another}`, {
      reason,
      ...(status !== undefined && { status }),
      cause: error,
    })
  }
  async function asked<Result>(work: PromiseLike<Result>): Promise<Result> {
    try {
      return await work
    } catch (error) {
      throw explained(error)
    }
  }
  return {
    ...credentials,
    headers(target, context) {
      const headers = credentials.headers(target, context)
      return headers instanceof Promise ? asked(headers) : headers
    },
    grantedScopes: () => asked(credentials.grantedScopes()),
    revoke: (asking) => asked(credentials.revoke(asking)),
  }
}

/** Reasons that no other call takes away. */
const OVER = /^(invalid_grant|invalid_client|no_refresh_token)$/
