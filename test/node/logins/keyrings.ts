import type { Keyring } from '../../../src/node/keychain.ts'
import { openLoginFiles } from '../../../src/node/login-files.ts'
import type { FileLoginStore } from 'discokit/node'

/** A keychain as the package `@napi-rs/keyring` shows one, in memory, that can be told to misbehave. */
export interface TestKeyring extends Keyring {
  readonly secrets: Map<string, string>
  asked: number
}

export function testKeyring(
  wrong: { put?: (text: string) => string | undefined; get?: () => string | null } = {},
): TestKeyring {
  const secrets = new Map<string, string>()
  const keyring: TestKeyring = {
    secrets,
    asked: 0,
    AsyncEntry: class {
      readonly #name: string
      constructor(service: string, account: string) {
        this.#name = `${service} ${account}`
      }
      async setPassword(text: string): Promise<void> {
        const put = wrong.put ? wrong.put(text) : text
        if (put !== undefined) secrets.set(this.#name, put)
      }
      async getPassword(): Promise<string | null> {
        keyring.asked++
        return wrong.get ? wrong.get() : (secrets.get(this.#name) ?? null)
      }
      async deletePassword(): Promise<boolean> {
        return secrets.delete(this.#name)
      }
    },
  }
  return keyring
}

/** A store that asks this keychain; undefined stands for a machine without the package. */
export function storeWith(folder: string, keyring: Keyring | undefined, given?: Uint8Array): FileLoginStore {
  return openLoginFiles({ folder, given, keyring: async () => keyring })
}
