import { toBase64 } from '../protocol/base64.ts'
import type { WebCryptoKey } from '../web-types.ts'

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

/** A service account that the emulator made, with the key that its signatures are checked by. */
export interface Account {
  readonly email: string
  readonly keyId: string
  readonly publicKey: WebCryptoKey
  readonly key: Omit<ServiceAccountKey, 'token_uri'>
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
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { ...RS256, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ['sign', 'verify'],
  )
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey))
  const keyId = randomHex(20)
  const key: Account['key'] = {
    type: 'service_account',
    project_id: project,
    private_key_id: keyId,
    private_key: toPem(pkcs8),
    client_email: email,
    client_id: randomDigits(21),
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    auth_provider_x509_cert_url: 'https://www.googleapis.com/oauth2/v1/certs',
    client_x509_cert_url: `https://www.googleapis.com/robot/v1/metadata/x509/${encodeURIComponent(email)}`,
    universe_domain: 'googleapis.com',
  }
  return { email, keyId, publicKey, key }
}

/** The algorithm of service accounts' signatures, in the words of WebCrypto. */
export const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

function toPem(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g)!
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

function randomDigits(count: number): string {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(count - 1)), (byte) => byte % 10)
  return `1${digits.join('')}`
}
