import type { Signer } from '../auth/signer.ts'
import { type Problem, ValidationError } from '../errors.ts'

/** Who signs an address or a policy. */
export type UrlSigner = SigningAccount | AccountSigner | HmacKey

/** A service account with its key at hand, as `serviceAccount()` gives it. */
export interface SigningAccount {
  /** Undefined until the key was read. */
  readonly signerEmail: string | undefined
  /** As `signerEmail`. */
  readonly signer?: Signer | undefined
  signBytes(data: Uint8Array): Promise<Uint8Array>
  load(): Promise<unknown>
}

/** A service account of which there is no key here: what `impersonated()` gives, or an address and an `iamSigner()`. */
export type AccountSigner =
  | { readonly serviceAccountEmail: string; readonly signer: Signer }
  | { readonly email: string; readonly signer: Signer }

/** The key that a program has which speaks to Cloud Storage as to other stores of objects (HMAC). */
export interface HmacKey {
  readonly accessId: string
  readonly secret: string
}

/** A signer, ready: what signatures of it begin with, whose they are, and how they are made. */
export interface ReadySigner {
  readonly algorithm: 'GOOG4-RSA-SHA256' | 'GOOG4-HMAC-SHA256'
  /** The address of the account, or the id of the HMAC key. */
  readonly id: string
  /**
   * The signature of a text, in hexadecimal digits.
   * @param day of the key: `20190201`
   */
  sign(text: string, day: string): Promise<string>
}

/** What is wrong with a signer, as far as can be seen. */
export function signerProblems(signer: UrlSigner): readonly Problem[] {
  const problem = (message: string): readonly Problem[] => [{ path: 'signer', message }]
  if (typeof signer !== 'object' || signer === null)
    return problem('must be serviceAccount(…), impersonated(…), { email, signer } or { accessId, secret }')
  if (isHmacKey(signer)) {
    const { accessId, secret } = signer
    if (typeof accessId !== 'string' || !/^[\w-]+$/.test(accessId))
      return problem('has an accessId of another form')
    return typeof secret === 'string' && secret !== '' ? [] : problem('has no secret')
  }
  if (isAccount(signer)) return []
  const { email, by } = named(signer)
  if (typeof by?.sign !== 'function' || typeof email !== 'string' || !/^[^\s@/]+@[^\s@/]+$/.test(email))
    return problem('must be serviceAccount(…), impersonated(…), { email, signer } or { accessId, secret }')
  return signsRs256(by) ? [] : problem(OTHER_ALGORITHM)
}

/**
 * A signer that knows its name.
 * @param what what cannot be done, for the error
 * @throws {AuthError} when its key cannot be read.
 */
export async function readySigner(what: string, signer: UrlSigner): Promise<ReadySigner> {
  if (isHmacKey(signer)) {
    const { accessId: id, secret } = signer
    return { algorithm: 'GOOG4-HMAC-SHA256', id, sign: (text, day) => signWithSecret(secret, text, day) }
  }
  if (!isAccount(signer)) {
    const { email: id, by } = named(signer)
    return { algorithm: 'GOOG4-RSA-SHA256', id, sign: async (text) => toHex(await by.sign(encode(text))) }
  }
  await signer.load()
  const { signerEmail: id } = signer
  if (id === undefined) throw new ValidationError(what, [{ path: 'signer', message: 'has no address' }])
  if (!signsRs256(signer.signer))
    throw new ValidationError(what, [{ path: 'signer', message: OTHER_ALGORITHM }])
  return {
    algorithm: 'GOOG4-RSA-SHA256',
    id,
    sign: async (text) => toHex(await signer.signBytes(encode(text))),
  }
}

const OTHER_ALGORITHM = 'signs with another algorithm than RS256, which is the one that Cloud Storage takes'

function signsRs256(signer: Signer | undefined): boolean {
  return (signer?.algorithm ?? 'RS256') === 'RS256'
}

/** Bytes as hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function isHmacKey(signer: UrlSigner): signer is HmacKey {
  return 'accessId' in signer || 'secret' in signer
}

function isAccount(signer: UrlSigner): signer is SigningAccount {
  return 'signBytes' in signer && 'load' in signer
}

function named(signer: AccountSigner): { email: string; by: Signer } {
  return { email: 'email' in signer ? signer.email : signer.serviceAccountEmail, by: signer.signer }
}

/** With a key for the day, made of the secret, so that what a day's key signed tells nothing of another's. */
async function signWithSecret(secret: string, text: string, day: string): Promise<string> {
  let key: Uint8Array = encode(`GOOG4${secret}`)
  for (const part of [day, 'auto', 'storage', 'goog4_request', text]) key = await hmac(key, part)
  return toHex(key)
}

async function hmac(key: Uint8Array, text: string): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const usable = await crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, algorithm, false, [
    'sign',
  ])
  return new Uint8Array(await crypto.subtle.sign('HMAC', usable, encode(text)))
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
