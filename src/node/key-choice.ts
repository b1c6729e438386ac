import { join } from 'node:path'
import type { KeyPlace } from './file-login-store.ts'
import { readPrivateFile, removeUnfinished, unfit, writePrivateFile } from './private-file.ts'

/** What a folder of logins remembers of its key, so that a keychain that comes or goes does not make a second one. */
export interface KeyChoice {
  readonly place: KeyPlace
  /** Tells keys from each other. */
  readonly check: string
  /** The name that the key has in the keychain. */
  readonly id?: string
}

/**
 * What was chosen; undefined when nothing was yet.
 * @throws {ValidationError} when what is there says nothing.
 */
export async function readKeyChoice(folder: string): Promise<KeyChoice | undefined> {
  const path = placeOf(folder)
  const text = await readPrivateFile(path, 4_096)
  if (text === undefined) return undefined
  const choice = parse(text)
  if (choice) return choice
  throw unfit(
    path,
    'does not say where the key of the logins is; put back what was there, or remove the folder',
  )
}

/** Written before the first login is. The caller has the lock. */
export async function writeKeyChoice(folder: string, choice: KeyChoice): Promise<void> {
  await removeUnfinished(placeOf(folder))
  await writePrivateFile(placeOf(folder), JSON.stringify({ version: 1, ...choice }))
}

function placeOf(folder: string): string {
  return join(folder, 'key.json')
}

function parse(text: string): KeyChoice | undefined {
  try {
    const { version, place, check, id } = JSON.parse(text) as Record<string, unknown>
    const isGood =
      version === 1 &&
      /^(keychain|file|given)$/.test(String(place)) &&
      typeof check === 'string' &&
      (place !== 'keychain' || (typeof id === 'string' && /^[\da-f-]{36}$/.test(id)))
    return isGood ? { place: place as KeyPlace, check, ...(typeof id === 'string' && { id }) } : undefined
  } catch {
    return undefined
  }
}
