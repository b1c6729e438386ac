import type { LoginStore } from '../auth/user/login-store.ts'
import { type DiscokitError, type Problem, ValidationError } from '../errors.ts'
import { NO_SEAL_KEY, sealKey } from '../protocol/seal.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { configFolder } from './config-folder.ts'

/** Logins in files. */
export interface FileLoginStore extends LoginStore {
  readonly folder: string
  /** Where the key is that the logins are sealed with; undefined when there is none yet. */
  keyPlace(): Promise<KeyPlace | undefined>
  /** What is in the folder. Where a file cannot be opened, this tells which and goes on; `accounts()` fails there. */
  contents(): Promise<LoginFolder>
}

/** What is in a folder of logins. */
export interface LoginFolder {
  /** Those whose files can be opened. */
  readonly accounts: readonly string[]
  /** Why the others cannot: each names its file. Whose login is in it, only its content tells. */
  readonly unreadable: readonly DiscokitError[]
}

/** The keychain of the system, a file beside the folder, or the program. */
export type KeyPlace = 'keychain' | 'file' | 'given'

export interface FileLoginStoreOptions {
  /** Default: `logins` in the folder where `discokit login` keeps its own. Made when first needed. */
  readonly folder?: string | undefined
  /** 32 random bytes, or what `createSecret()` gave. Default: a key of the folder's own. */
  readonly key?: Uint8Array | string | undefined
}

/**
 * Keeps logins in files that only this user can read, each sealed (AES-256-GCM) for its place. Writing is one step for all processes: there
 * is the old login or the new one, after a crash too.
 *
 * The key is in the keychain of the system where the optional package `@napi-rs/keyring` is installed and works, else in the file
 * `FOLDER.key`; the variable `DISCOKIT_KEYCHAIN=off` leaves the keychain out. The folder remembers which: a key that cannot be had is
 * an error, and never a second key.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { userCredentials } from 'discokit/auth'
 * import { fileLoginStore } from 'discokit/node'
 *
 * const store = fileLoginStore({ folder: '.logins' })
 * console.log(await store.accounts(), await store.keyPlace())
 * const google = createClient({ auth: userCredentials({ store, account: 'ada' }) })
 * ```
 *
 * Calls fail with a `ValidationError` for a folder or a file that others may read or write, of another user, or that is a link, and with an
 * `AuthError` of the reasons `no_login_key`, `unreadable_login` and `login_locked`.
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function fileLoginStore(options: FileLoginStoreOptions = {}): FileLoginStore {
  checkOptionNames(WHAT, options, ['folder', 'key'])
  const { folder: place, key } = options
  const given = sealKey(key)
  const problems: Problem[] = []
  if (place !== undefined && (typeof place !== 'string' || !/^[^\0]+$/.test(place)))
    problems.push({ path: 'folder', message: 'must be the path of a folder' })
  if (key !== undefined && !given) problems.push({ path: 'key', message: NO_SEAL_KEY })
  if (problems.length > 0) throw new ValidationError(WHAT, problems)

  const { join, resolve } = process.getBuiltinModule('node:path')
  const folder = place === undefined ? join(configFolder(), 'logins') : resolve(place)
  let opened: Promise<FileLoginStore> | undefined
  const open = (): Promise<FileLoginStore> =>
    (opened ??= import('./login-files.ts').then(({ openLoginFiles }) => openLoginFiles({ folder, given })))
  return {
    atomic: true,
    folder,
    keyPlace: async () => (await open()).keyPlace(),
    get: async (account) => (await open()).get(account),
    put: async (account, login, ifVersion) => (await open()).put(account, login, ifVersion),
    delete: async (account, ifVersion) => (await open()).delete(account, ifVersion),
    accounts: async () => (await open()).accounts(),
    contents: async () => (await open()).contents(),
  }
}

const WHAT = 'the logins cannot be kept'
