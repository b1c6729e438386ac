import { join } from 'node:path'
import type { LoginStore } from 'discokit/auth'
import { type FileLoginStore, fileLoginStore, type KeyPlace } from 'discokit/node'
import { configFolder } from '../../node/config-folder.ts'

/** Where this user's logins are kept. */
export interface LoginPlace {
  readonly store: FileLoginStore
  /** Where OAuth clients are kept, sealed as logins are. */
  readonly clients: LoginStore
}

/** The places that `savedAccount` looks at too. Nothing is opened before it is used. */
export function loginPlace(): LoginPlace {
  return {
    store: fileLoginStore(),
    clients: fileLoginStore({ folder: join(configFolder(), 'clients') }),
  }
}

/** How logins are kept from others, for people. */
export async function describeKey(store: FileLoginStore): Promise<string> {
  const place = await store.keyPlace()
  return `AES-256-GCM; the key is ${place === undefined ? 'nowhere' : WHERE[place](store.folder)}`
}

const WHERE: Readonly<Record<KeyPlace, (folder: string) => string>> = {
  keychain: () => "in the system's keychain",
  file: (folder) => `in ${folder}.key`,
  given: () => 'given by programs',
}
