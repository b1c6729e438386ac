import { toPem } from './pem.ts'
import { createSigningKeys, type SigningKeys } from './signing.ts'

/** The content of a service account's key file, as Google writes it. */
export interface ServiceAccountKey {
  readonly type: 'service_account'
  readonly project_id: string
  readonly private_key_id: string
  /** PKCS #8 in PEM. */
  readonly private_key: string
  readonly client_email: string
  readonly client_id: string
  readonly auth_uri: string
  readonly token_uri: string
  readonly auth_provider_x509_cert_url: string
  readonly client_x509_cert_url: string
  readonly universe_domain: string
}

/** A service account that the emulator made. */
export interface Account {
  readonly email: string
  /** Its key file. */
  readonly key: Omit<ServiceAccountKey, 'token_uri'>
  /** What signs for it where nobody has a key file; made when it is first needed, and never given out. */
  systemKeys(): Promise<SigningKeys>
  /** What its signatures are checked by: the key of the file and, once there is one, the system's. */
  keys(): Promise<readonly SigningKeys[]>
}

/** The service accounts of one emulator. */
export interface Accounts {
  /** The account of an address, made on first need. */
  open(email?: string): Promise<Account>
  /** An account that was made before. */
  find(email: string): Promise<Account> | undefined
  disable(email: string): void
  isDisabled(email: string): boolean
  /** Makes disabled accounts usable again. */
  enableAll(): void
}

export function createAccounts(project: string): Accounts {
  const accounts = new Map<string, Promise<Account>>()
  const disabled = new Set<string>()
  return {
    open(email = `emulator@${project}.iam.gserviceaccount.com`) {
      let account = accounts.get(email)
      if (!account) accounts.set(email, (account = makeAccount(email, project)))
      return account
    },
    find: (email) => accounts.get(email),
    disable: (email) => void disabled.add(email),
    isDisabled: (email) => disabled.has(email),
    enableAll: () => disabled.clear(),
  }
}

async function makeAccount(email: string, project: string): Promise<Account> {
  const own = await createSigningKeys()
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', own.privateKey))
  const key: Account['key'] = {
    type: 'service_account',
    project_id: project,
    private_key_id: own.keyId,
    private_key: toPem('PRIVATE KEY', pkcs8),
    client_email: email,
    client_id: randomDigits(21),
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
    client_x509_cert_url: `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(email)}`,
    universe_domain: 'googleapis.com',
  }
  let system: Promise<SigningKeys> | undefined
  return {
    email,
    key,
    systemKeys: () => (system ??= createSigningKeys()),
    keys: async () => [own, ...(system ? [await system] : [])],
  }
}

function randomDigits(count: number): string {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(count - 1)), (byte) => byte % 10)
  return `1${digits.join('')}`
}
