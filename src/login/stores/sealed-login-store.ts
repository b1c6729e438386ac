import { isLoginStore, NO_STORE } from '../../auth/user/is-login-store.ts'
import type { LoginStore, SavedLogin, VersionedLogin } from '../../auth/user/login-store.ts'
import { readSavedLogin } from '../../auth/user/read-saved-login.ts'
import { AuthError, ValidationError } from '../../errors.ts'
import { createSeal, NO_SEAL_KEY, type Seal, sealKey } from '../../protocol/seal.ts'

/**
 * Logins in another store, each sealed (AES-256-GCM) for its account: for databases that others read. Whoever has the store has no
 * token, and cannot give one account what is another's. The names of accounts stand there as they are.
 *
 * ```ts
 * import { memoryLoginStore, sealedLoginStore } from 'discokit/login'
 *
 * const { LOGIN_SECRET = '', OLD_SECRET = '' } = process.env
 * const store = sealedLoginStore(memoryLoginStore(), [LOGIN_SECRET, OLD_SECRET])
 * console.log(await store.accounts())
 * ```
 *
 * Calls fail with an `AuthError` of the reason `unreadable_login` where something is that none of the secrets opens.
 *
 * @param secret 32 random bytes, or what `createSecret()` gave; or a list of them, of which the first seals, and all open
 * @throws {ValidationError} for secrets that cannot be used.
 */
export function sealedLoginStore(
  store: LoginStore,
  secret: Uint8Array | string | readonly (Uint8Array | string)[],
): LoginStore {
  const seals = sealsOf(secret)
  if (!isLoginStore(store)) throw new ValidationError(WHAT, [{ path: 'store', message: NO_STORE }])
  return {
    atomic: store.atomic,
    async get(account): Promise<VersionedLogin | undefined> {
      const found = await store.get(account)
      return found && { login: await open(found.login, account, seals), version: found.version }
    },
    async put(account, login, ifVersion) {
      const text = JSON.stringify(readSavedLogin(login))
      const sealed = await seals[0]!.close(text, placeOf(account))
      return store.put(account, carrying(sealed), ifVersion)
    },
    delete: (account, ifVersion) => store.delete(account, ifVersion),
    accounts: () => store.accounts(),
  }
}

const WHAT = 'the sealed store of logins cannot be made'

function sealsOf(secret: unknown): readonly Seal[] {
  const secrets: readonly unknown[] = Array.isArray(secret) ? secret : [secret]
  const keys = secrets.map(sealKey)
  const problems = keys.flatMap((key, i) =>
    key ? [] : { path: Array.isArray(secret) ? `secret[${i}]` : 'secret', message: NO_SEAL_KEY },
  )
  if (keys.length === 0) problems.push({ path: 'secret', message: 'must have one at least' })
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
  return keys.map((key) => createSeal(key!))
}

const placeOf = (account: string): string => `discokit login of ${account}`

/** What any store takes for a login: one with a token, and a member that it does not know. */
function carrying(sealed: string): SavedLogin {
  const login: SavedLogin & { readonly sealed: string } = { refreshToken: 'sealed', sealed }
  return login
}

async function open(login: SavedLogin, account: string, seals: readonly Seal[]): Promise<SavedLogin> {
  const { sealed } = login as { readonly sealed?: unknown }
  for (const seal of typeof sealed === 'string' ? seals : []) {
    const text = await seal.open(sealed as string, placeOf(account))
    if (text !== undefined) return readSavedLogin(text)
  }
  const why =
    typeof sealed === 'string'
      ? 'it was sealed with another secret, for another account, or damaged'
      : 'it is not sealed'
  throw new AuthError(
    `the login of ${account} in the sealed store cannot be opened: ${why}; give the secret that it was sealed with, or delete the login and log in again`,
    { reason: 'unreadable_login' },
  )
}
