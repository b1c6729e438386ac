/** What is used of the package `@napi-rs/keyring`, which a program may have installed. */
export interface Keyring {
  readonly AsyncEntry: new (service: string, account: string, options?: object) => KeyringEntry
}

interface KeyringEntry {
  setPassword(password: string, signal?: AbortSignal): Promise<unknown>
  getPassword(signal?: AbortSignal): Promise<string | null | undefined>
  deletePassword?(signal?: AbortSignal): Promise<unknown>
}

/** The keychain of the system; undefined without the package, and where the variable `DISCOKIT_KEYCHAIN` is `off`. */
export async function loadKeyring(): Promise<Keyring | undefined> {
  if (process.env['DISCOKIT_KEYCHAIN'] === 'off') return undefined
  try {
    // Not by import(): bundlers would look for a package that most programs do not have.
    const require = process.getBuiltinModule('node:module').createRequire(import.meta.url)
    return require(PACKAGE) as typeof import('@napi-rs/keyring')
  } catch {
    return undefined
  }
}

const PACKAGE = '@napi-rs/keyring'

/**
 * Puts a text into the keychain.
 * @returns whether it can be had from there again
 */
export async function putSecret(keyring: Keyring, id: string, text: string): Promise<boolean> {
  try {
    await inTime((signal) => entryOf(keyring, id).setPassword(text, signal))
    if ((await readSecret(keyring, id)) === text) return true
  } catch {
    // There is no keychain, it is locked, or nobody may write to it.
  }
  try {
    await inTime(async (signal) => entryOf(keyring, id).deletePassword?.(signal))
  } catch {
    // Nor may it be left without.
  }
  return false
}

/** A text of the keychain; undefined when it has none. Throws what the keychain throws. */
export async function readSecret(keyring: Keyring, id: string): Promise<string | undefined> {
  return (await inTime((signal) => entryOf(keyring, id).getPassword(signal))) ?? undefined
}

/** Each time anew: what was put must be read from the keychain, not from an object. */
function entryOf({ AsyncEntry }: Keyring, id: string): KeyringEntry {
  return new AsyncEntry(SERVICE, id, ON_DISK)
}

const SERVICE = 'discokit logins'
/** On Linux the package would otherwise fall back to the kernel's keys, which end when the machine is switched off. */
const ON_DISK = { linux: { store: 'secret-service' } }

/** People may have to type in a password. What the package has begun it does to the end, whatever the signal says. */
async function inTime<Result>(ask: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const ending = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      ending.abort()
      reject(new Error('the keychain does not answer'))
    }, TIMEOUT_MS)
  })
  try {
    return await Promise.race([ask(ending.signal), late])
  } finally {
    clearTimeout(timer)
  }
}

const TIMEOUT_MS = 60_000
