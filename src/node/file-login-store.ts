import type { LoginStore } from '../auth/user/login-store.ts'
import { ValidationError } from '../errors.ts'
import { NO_SEAL_KEY, sealKey } from '../protocol/seal.ts'
import { checkOptionNames } from '../request/option-names.ts'

/** Logins in files. */
export interface FileLoginStore extends LoginStore {
  readonly folder: string
  /** Where the key is that the logins are sealed with; undefined when there is none yet. */
  keyPlace(): Promise<KeyPlace | undefined>
}

/** The keychain of the system, a file beside the folder, or the program. */
export type KeyPlace = 'keychain' | 'file' | 'given'

export interface FileLoginStoreOptions {
  /** Default: `logins` in the folder where `discokit login` keeps its own. Made when first needed. */
  readonly folder?: string | undefined
  /** 32 random bytes, or what `createSecret()` gave. Default: a key of the folder's own. */
  readonly key?: Uint8Array | string | undefined
}
