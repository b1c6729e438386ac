import { checkAccount } from '../../auth/user/account-name.ts'
import type { LoginStore, VersionedLogin } from '../../auth/user/login-store.ts'

/**
 * Logins in this process: for tests, and for programs that ask people anew after each start.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { userCredentials } from 'discokit/auth'
 * import { memoryLoginStore } from 'discokit/login'
 *
 * const store = memoryLoginStore()
 * const { CLIENT_ID = '', REFRESH_TOKEN = '' } = process.env
 * await store.put('ada', { refreshToken: REFRESH_TOKEN, client: { clientId: CLIENT_ID } }, undefined)
 * const google = createClient({ auth: userCredentials({ store, account: 'ada' }) })
 * ```
 *
 * Calls fail with a `ValidationError` for an account that is no text of 1 to 200 characters.
 */
export function memoryLoginStore(): LoginStore {
  const logins = new Map<string, { readonly text: string; readonly version: string }>()
  let puts = 0
  /** Whether what is there is what somebody last saw there. */
  const isStill = (account: string, version: string | undefined): boolean =>
    logins.get(account)?.version === version
  return {
    atomic: true,
    async get(account): Promise<VersionedLogin | undefined> {
      checkAccount(account, WHAT)
      const { text, version } = logins.get(account) ?? {}
      return text === undefined
        ? undefined
        : { login: JSON.parse(text) as VersionedLogin['login'], version: version! }
    },
    async put(account, login, ifVersion) {
      checkAccount(account, WHAT)
      if (!isStill(account, ifVersion)) return false
      logins.set(account, { text: JSON.stringify(login), version: String(++puts) })
      return true
    },
    async delete(account, ifVersion) {
      checkAccount(account, WHAT)
      return (ifVersion === undefined || isStill(account, ifVersion)) && logins.delete(account)
    },
    accounts: async () => [...logins.keys()],
  }
}

const WHAT = 'the store of logins cannot be asked'
