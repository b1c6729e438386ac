import { join } from 'node:path'
import { createSeal, type Seal } from '../protocol/seal.ts'
import { type KeyChoice, readKeyChoice } from './key-choice.ts'
import { chooseKey, chosenKey, type KeySources, likelyKey } from './login-key.ts'
import { locked } from './login-lock.ts'

/** What opens and closes the logins of a folder. */
export interface LoginSeals {
  /** With the key that is there. */
  toRead(): Promise<Seal>
  /** With a new key where none is. */
  toWrite(): Promise<Seal>
}

/**
 * The seals of a folder. What it remembers of its key is read each time: others may have made it anew.
 * @param isUsed whether there are logins
 */
export function loginSeals(sources: KeySources, isUsed: () => Promise<boolean>): LoginSeals {
  const { folder } = sources
  let kept: { readonly check: string; readonly seal: Promise<Seal> } | undefined

  /** The seal with the key that the folder remembers, looked for once. */
  function sealOf(choice: KeyChoice): Promise<Seal> {
    if (kept?.check === choice.check) return kept.seal
    const seal = chosenKey(sources, choice).then(createSeal)
    const looking = (kept = { check: choice.check, seal })
    seal.catch(() => {
      if (kept === looking) kept = undefined
    })
    return seal
  }
  async function toRead(): Promise<Seal> {
    const choice = await readKeyChoice(folder)
    return choice ? sealOf(choice) : createSeal(await likelyKey(sources))
  }
  async function toWrite(): Promise<Seal> {
    if (!(await readKeyChoice(folder)))
      await locked(join(folder, 'key.lock'), KEY_WAIT_MS, async () => chooseKey(sources, await isUsed()))
    return toRead()
  }

  return { toRead, toWrite }
}

/** Somebody may have to unlock the keychain. */
const KEY_WAIT_MS = 130_000
