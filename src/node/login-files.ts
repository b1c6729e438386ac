import fs from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { checkAccount } from '../auth/user/account-name.ts'
import type { SavedLogin, VersionedLogin } from '../auth/user/login-store.ts'
import { readSavedLogin } from '../auth/user/read-saved-login.ts'
import { AuthError, DiscokitError, ValidationError } from '../errors.ts'
import type { FileLoginStore, LoginFolder } from './file-login-store.ts'
import { readKeyChoice } from './key-choice.ts'
import { loadKeyring } from './keychain.ts'
import type { KeySources } from './login-key.ts'
import { locked } from './login-lock.ts'
import { loginSeals } from './login-seals.ts'
import {
  isPrivateFolder,
  makePrivateFolder,
  readPrivateFile,
  removeUnfinished,
  unfit,
  writePrivateFile,
} from './private-file.ts'
import { syncFolder } from './save-file.ts'

/** Logins in the files of a folder, one for each; see `fileLoginStore`. */
export function openLoginFiles({
  folder,
  given,
  keyring = loadKeyring,
}: Pick<KeySources, 'folder' | 'given'> & Partial<KeySources>): FileLoginStore {
  const sources: KeySources = { folder, given, keyring }
  const { toRead, toWrite } = loginSeals(sources, async () => (await namesOf(folder)).length > 0)

  async function read(name: string): Promise<(VersionedLogin & { account: string }) | undefined> {
    const path = join(folder, name)
    const sealed = await readPrivateFile(path, MOST_BYTES)
    if (sealed === undefined) return undefined
    const seal = await toRead()
    const opened = parse(await seal.open(sealed, placeOf(name)))
    if (!opened) throw unreadable(path)
    return { ...opened, version: versionOf(sealed) }
  }

  async function contents(): Promise<LoginFolder> {
    const accounts: string[] = []
    const unreadable: DiscokitError[] = []
    const names = (await isPrivateFolder(folder)) ? await namesOf(folder) : []
    if (names.length > 0) await toRead() // without the key all of it fails
    for (const name of names) {
      try {
        const found = await read(name)
        if (found) accounts.push(found.account)
      } catch (error) {
        if (!(error instanceof DiscokitError)) throw error
        unreadable.push(error)
      }
    }
    return { accounts, unreadable }
  }

  return {
    atomic: true,
    folder,
    async keyPlace() {
      if (given) return 'given'
      return (await isPrivateFolder(folder)) ? (await readKeyChoice(folder))?.place : undefined
    },
    async get(account) {
      checkAccount(account, WHAT)
      if (!(await isPrivateFolder(folder))) return undefined
      const found = await read(nameOf(account))
      return found && { login: found.login, version: found.version }
    },
    async put(account, login, ifVersion) {
      checkAccount(account, WHAT)
      const text = JSON.stringify({ account, login: readSavedLogin(login) })
      await makePrivateFolder(folder)
      const seal = await toWrite()
      const name = nameOf(account)
      const sealed = await seal.close(text, placeOf(name))
      if (sealed.length > MOST_BYTES)
        throw new ValidationError(WHAT, [{ path: 'login', message: 'is too large: it must be under 700 KB' }])
      return locked(lockOf(folder, name), WAIT_MS, async (lock) => {
        await removeUnfinished(join(folder, name))
        if ((await read(name))?.version !== ifVersion) return false
        return writePrivateFile(join(folder, name), sealed, () => lock.isHeld())
      })
    },
    async delete(account, ifVersion) {
      checkAccount(account, WHAT)
      if (!(await isPrivateFolder(folder))) return false
      const name = nameOf(account)
      const path = join(folder, name)
      return locked(lockOf(folder, name), WAIT_MS, async () => {
        await removeUnfinished(path)
        // Without a version, what cannot be opened goes too.
        const isThere =
          ifVersion === undefined
            ? fs.lstatSync(path, { throwIfNoEntry: false }) !== undefined
            : (await read(name))?.version === ifVersion
        if (!isThere) return false
        await fs.promises.rm(path, { force: true })
        await syncFolder(folder)
        return true
      })
    },
    async accounts() {
      const { accounts, unreadable } = await contents()
      if (unreadable[0]) throw unreadable[0]
      return accounts
    },
    contents,
  }
}

const WHAT = 'the logins cannot be asked'
const MOST_BYTES = 1_048_576
/** A write takes some milliseconds. One that ended in the middle of making its lock costs ten seconds. */
const WAIT_MS = 30_000

/** Of the account, nothing that a file system does not take, or that tells who it is. */
function nameOf(account: string): string {
  return `${createHash('sha256').update(account).digest('hex')}.login`
}

const isName = (name: string): boolean => /^[\da-f]{64}\.login$/.test(name)

/** What a login is bound to: in another file it cannot be opened. */
const placeOf = (name: string): string => `discokit login ${name}`

/** The nonce of the seal: another one each time. */
const versionOf = (sealed: string): string => sealed.slice(0, 16)

const lockOf = (folder: string, name: string): string => join(folder, name.replace('.login', '.lock'))

async function namesOf(folder: string): Promise<string[]> {
  const names = await fs.promises.readdir(folder).catch((error: unknown) => {
    throw unfit(folder, `cannot be read (${(error as { code?: string }).code})`)
  })
  return names.filter(isName).sort()
}

/** What is none although the seal is whole was put there by a program that knows the key. */
function parse(text: string | undefined): { account: string; login: SavedLogin } | undefined {
  try {
    const { account, login } = JSON.parse(text ?? '') as { account: string; login: object }
    checkAccount(account, WHAT)
    return { account, login: readSavedLogin(login) }
  } catch {
    return undefined
  }
}

function unreadable(path: string): AuthError {
  return new AuthError(
    `the login in ${path} cannot be opened with the key of its folder: it was damaged, cut short, or put there from elsewhere; ` +
      'put back what was there, or remove it and log in again',
    { reason: 'unreadable_login' },
  )
}
