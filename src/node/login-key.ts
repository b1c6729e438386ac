import fs from 'node:fs'
import { createHash } from 'node:crypto'
import { basename, dirname, join } from 'node:path'
import { AuthError } from '../errors.ts'
import { toBase64Url } from '../protocol/base64.ts'
import { sealKey } from '../protocol/seal.ts'
import type { KeyPlace } from './file-login-store.ts'
import { type KeyChoice, readKeyChoice, writeKeyChoice } from './key-choice.ts'
import { type Keyring, putSecret, readSecret } from './keychain.ts'
import { makePrivateFile, readPrivateFile, whyUnfit } from './private-file.ts'
import { syncFolder } from './save-file.ts'

/** Where the key of a folder may come from. */
export interface KeySources {
  readonly folder: string
  /** What the program gives. */
  readonly given: Uint8Array | undefined
  readonly keyring: () => Promise<Keyring | undefined>
}

/**
 * The key that a folder remembers.
 * @throws {AuthError} reason `no_login_key` when it cannot be had where it is, `unreadable_login` when another one is there.
 */
export async function chosenKey(
  sources: KeySources,
  { place, check, id = '' }: KeyChoice,
): Promise<Uint8Array> {
  const { folder, given } = sources
  const key = given ?? (await KEPT[place](sources, id))
  if (checkOf(key) === check) return key
  const other = given ? 'the one given' : `that of the ${place}`
  throw new AuthError(
    `the logins in ${folder} cannot be opened: they are sealed with another key than ${other}; ${AGAIN}`,
    { reason: 'unreadable_login' },
  )
}

/**
 * The key of logins in a folder that remembers none any more: what the program gives, or what is in the key file.
 * @throws {AuthError} reason `no_login_key`
 */
export async function likelyKey({ folder, given }: KeySources): Promise<Uint8Array> {
  const key = given ?? (await readKeyFile(folder))
  if (key) return key
  throw noKey(folder, 'and the file key.json in it, which says where their key is, is not there: put it back')
}

/**
 * Chooses a key for a folder: what the program gives, a key file that is there, the keychain if it works, a new key file. The caller
 * has a lock on the choice.
 * @param isUsed whether there are logins, whose key it must be
 */
export async function chooseKey(sources: KeySources, isUsed: boolean): Promise<void> {
  const { folder, given } = sources
  if (await readKeyChoice(folder)) return // by who had the lock before
  if (given) return writeKeyChoice(folder, { place: 'given', check: checkOf(given) })
  const inFile = isUsed ? await likelyKey(sources) : await readKeyFile(folder)
  const inKeychain = inFile ? undefined : await putIntoKeychain(sources)
  if (inKeychain) return writeKeyChoice(folder, inKeychain)
  const key = inFile ?? (await writeKeyFile(folder))
  return writeKeyChoice(folder, { place: 'file', check: checkOf(key) })
}

/** A key that can be had from the keychain; undefined where none can. */
async function putIntoKeychain({ keyring }: KeySources): Promise<KeyChoice | undefined> {
  const key = newKey()
  const id = crypto.randomUUID()
  const loaded = await keyring()
  if (!loaded || !(await putSecret(loaded, id, toBase64Url(key)))) return undefined
  return { place: 'keychain', check: checkOf(key), id }
}

const newKey = (): Uint8Array => crypto.getRandomValues(new Uint8Array(32))

/** What tells keys from each other, and nothing about them. */
function checkOf(key: Uint8Array): string {
  const hash = createHash('sha256').update('discokit: which key of logins is it? ').update(key).digest()
  return toBase64Url(hash.subarray(0, 12))
}

const KEPT: Readonly<Record<KeyPlace, (sources: KeySources, id: string) => Promise<Uint8Array>>> = {
  async given({ folder }) {
    throw noKey(folder, 'with a key that a program gave: give the same as `key`')
  },
  async file({ folder }) {
    const bytes = await readKeyFile(folder)
    if (bytes) return bytes
    throw noKey(folder, `and their key is not in ${keyFile(folder)}: put it back`)
  },
  async keychain({ folder, keyring }, id) {
    const loaded = await keyring()
    if (!loaded)
      throw noKey(
        folder,
        'with a key in the keychain, and the package @napi-rs/keyring, which asks it, is not there or switched off (DISCOKIT_KEYCHAIN): install it, and switch it on',
      )
    let text: string | undefined
    try {
      text = await readSecret(loaded, id)
    } catch {
      throw noKey(folder, 'with a key in the keychain, and that does not answer: unlock it')
    }
    const bytes = sealKey(text)
    if (bytes) return bytes
    throw noKey(folder, 'with a key in the keychain, and that does not have it any more: bring it back')
  },
}

/** One that was not written to its end is none. */
async function readKeyFile(folder: string): Promise<Uint8Array | undefined> {
  return sealKey((await readPrivateFile(keyFile(folder), 1_024))?.trim())
}

/** @throws {ValidationError} when no file can be made there. */
async function writeKeyFile(folder: string): Promise<Uint8Array> {
  const path = keyFile(folder)
  const key = newKey()
  try {
    await fs.promises.rm(path, { force: true }) // one that a process had begun to write when it was killed
    await makePrivateFile(path, `${toBase64Url(key)}\n`)
  } catch (error) {
    throw whyUnfit(path, error)
  }
  await syncFolder(dirname(path))
  return key
}

/** Beside the folder, so that who copies the one has not the other. */
function keyFile(folder: string): string {
  return join(dirname(folder), `${basename(folder)}.key`)
}

function noKey(folder: string, why: string): AuthError {
  return new AuthError(`the logins in ${folder} are sealed, ${why}; ${AGAIN}`, { reason: 'no_login_key' })
}

const AGAIN = 'if the key is lost, remove the folder and log in again'
