import type { WaitingCall } from '../../transport/transport.ts'
import { invalidKey, parseServiceAccountKey, type ServiceAccountKey } from './service-account-key.ts'
import type { ServiceAccountOptions } from './service-account-options.ts'
import type { Signer } from '../signer.ts'
import { platform } from '#platform'

/** Who signs, and with what. */
export interface Account {
  readonly email: string
  readonly signer: Signer
  readonly projectId?: string | undefined
  readonly tokenUri?: string | undefined
}

/** Where an account comes from: the options that name its key or its signer. */
export type AccountOptions = Pick<
  ServiceAccountOptions,
  'email' | 'key' | 'keyFile' | 'signer' | 'universeDomain'
>

/** An account whose key is read when it is first needed, for a credential and its copies. */
export class LazyAccount {
  readonly #options: { -readonly [Name in keyof AccountOptions]: AccountOptions[Name] }
  #loading: Promise<Account> | undefined
  #account: Account | undefined

  constructor(options: AccountOptions) {
    const { key, signer, email, universeDomain } = (this.#options = { ...options })
    if (signer) this.#account = { email: email!, signer }
    else if (typeof key === 'string' || typeof key === 'object') {
      const parsed = parseServiceAccountKey(key, 'the key', universeDomain)
      this.#options.key = parsed // what was looked at, and not what may become of it
      this.#account = accountOf(parsed, async (data) => (await this.load()).signer.sign(data))
    }
  }

  /** What is known without waiting. */
  get known(): Account | undefined {
    return this.#account
  }

  /**
   * The account, ready to sign. A failure is not kept: the file may be mended.
   * @param call whose end makes the next one begin anew
   * @throws {AuthError} reason `invalid_key_file`
   */
  async load(call?: WaitingCall): Promise<Account> {
    if (this.#options.signer) return this.#account!
    const loading = (this.#loading ??= readAccount(this.#options))
    const again = (): void => void (this.#loading = undefined)
    loading.catch(again)
    const forget = call?.onEnd(again) // a key that did not come in time may come later
    const account = await loading
    forget?.()
    return (this.#account = account)
  }
}

async function readAccount({ keyFile, key: given, universeDomain }: AccountOptions): Promise<Account> {
  const from = keyFile === undefined ? 'the key' : `the key file ${keyFile}`
  const content = await (keyFile === undefined
    ? typeof given === 'function'
      ? given()
      : given
    : platform.readTextFile(keyFile).catch((error: Error) => {
        throw invalidKey(from, error.message)
      }))
  const key = parseServiceAccountKey(content, from, universeDomain)
  try {
    return accountOf(key, await platform.importRs256Key(key.private_key))
  } catch {
    // The library's own text may repeat the key.
    throw invalidKey(from, 'has a private_key that is not an RSA key; others need keySigner()')
  }
}

function accountOf(key: ServiceAccountKey, sign: Signer['sign']): Account {
  const { client_email: email, project_id: projectId, token_uri: tokenUri, private_key_id: keyId } = key
  return { email, projectId, tokenUri, signer: { keyId, sign } }
}
