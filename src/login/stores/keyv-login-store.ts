import { checkAccount } from '../../auth/user/account-name.ts'
import type { LoginStore } from '../../auth/user/login-store.ts'
import { ValidationError } from '../../errors.ts'
import { readStored, writeStored } from './stored-login.ts'

/** What is used of a `Keyv`. */
export interface LoginKeyv {
  get(key: string): Promise<unknown>
  set(key: string, value: string, ttlMs?: number): Promise<unknown>
  delete(key: string): Promise<unknown>
}

/**
 * A store over the program's own `Keyv`: files, SQL, Redis and others. It is not atomic, since a keyv looks and puts in two
 * steps: programs that renew a login at once may each use up its refresh token, which logs the person out where the provider
 * replaces them; and of what two put at once, one is lost. `accounts()` reads a list that is kept beside the logins: programs
 * that put new accounts at once may lose one from it, until it is put again. Have one program, or take a store that is atomic.
 *
 * Make the keyv with `throwOnErrors`: without it, what cannot be read counts as missing.
 *
 * ```ts
 * import { keyvLoginStore, type LoginKeyv } from 'discokit/login'
 *
 * declare const keyv: LoginKeyv // new Keyv({ store, namespace: 'logins', throwOnErrors: true })
 * const store = keyvLoginStore(keyv)
 * ```
 *
 * @throws {ValidationError} for what is no keyv.
 */
export function keyvLoginStore(keyv: LoginKeyv): LoginStore {
  if (![keyv?.get, keyv?.set, keyv?.delete].every((member) => typeof member === 'function'))
    throw new ValidationError('the store of logins cannot be made', [
      { path: 'keyv', message: 'must be a Keyv, with the functions get, set and delete' },
    ])
  const get: LoginStore['get'] = async (account) => readStored(await keyv.get(keyOf(account)))
  const readIndex = async (): Promise<readonly string[]> => readNames(await keyv.get(INDEX))

  // Within one program the list loses nothing: each change waits for the one before it.
  let changing: Promise<unknown> = Promise.resolve()
  function changeIndex(account: string, isThere: boolean): Promise<void> {
    const changed = changing.then(async () => {
      const names = new Set(await readIndex())
      if (names.has(account) === isThere) return
      if (isThere) names.add(account)
      else names.delete(account)
      await set(INDEX, JSON.stringify([...names]))
    })
    changing = changed.catch(() => {})
    return changed
  }

  async function set(key: string, value: string): Promise<void> {
    // It gives false, and tells only its listeners why. Zero: whatever the keyv does with others, logins do not end.
    if ((await keyv.set(key, value, 0)) === false)
      throw new Error('the login was not kept: set() of the keyv gave false; see its errors')
  }

  return {
    atomic: false,
    async get(account) {
      checkAccount(account, ASKED)
      return get(account)
    },
    async put(account, login, ifVersion) {
      checkAccount(account, ASKED)
      if ((await get(account))?.version !== ifVersion) return false
      await set(keyOf(account), writeStored(login))
      await changeIndex(account, true)
      return true
    },
    async delete(account, ifVersion) {
      checkAccount(account, ASKED)
      const kept = await get(account)
      if (ifVersion !== undefined && kept?.version !== ifVersion) return false
      const isGone = (await keyv.delete(keyOf(account))) !== false
      await changeIndex(account, false)
      return kept !== undefined && isGone
    },
    accounts: readIndex,
  }
}

const ASKED = 'the store of logins cannot be asked'
/** Backends differ in what may stand in a key. */
const keyOf = (account: string): string => `login-${encodeURIComponent(account)}`
const INDEX = 'logins'

function readNames(kept: unknown): readonly string[] {
  try {
    const names: unknown = JSON.parse(String(kept))
    return Array.isArray(names) ? names.filter((name): name is string => typeof name === 'string') : []
  } catch {
    return []
  }
}
