import { fromBase64, toBase64Url } from './base64.ts'

/** Makes texts that only it can read, and that nobody can change or use in another place. */
export interface Seal {
  /** @param place where the text is for: opened with another, it is none */
  close(text: string, place: string): Promise<string>
  /** The text; undefined for what was not sealed for this place with this key. */
  open(sealed: string, place: string): Promise<string | undefined>
}

/**
 * A seal: AES-256-GCM with a fresh nonce of 96 bits for each text (NIST SP 800-38D).
 * @param key 32 bytes
 */
export function createSeal(key: Uint8Array): Seal {
  // Imported once; the promise is awaited wherever it is used.
  let imported: Promise<CryptoKey> | undefined
  const load = (): Promise<CryptoKey> =>
    (imported ??= crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]))
  return {
    async close(text, place) {
      const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
      const algorithm = { name: 'AES-GCM', iv, additionalData: bytesOf(place) }
      const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, await load(), bytesOf(text)))
      const all = new Uint8Array(NONCE_BYTES + sealed.length)
      all.set(iv)
      all.set(sealed, NONCE_BYTES)
      return toBase64Url(all)
    },
    async open(sealed, place) {
      try {
        const all = fromBase64(sealed) as Uint8Array<ArrayBuffer>
        const iv = all.subarray(0, NONCE_BYTES)
        const algorithm = { name: 'AES-GCM', iv, additionalData: bytesOf(place) }
        const opened = await crypto.subtle.decrypt(algorithm, await load(), all.subarray(NONCE_BYTES))
        return new TextDecoder().decode(opened)
      } catch {
        return undefined
      }
    },
  }
}

/**
 * A key of a seal: a copy, so that what the program does to its own afterwards changes nothing. Undefined for what is neither
 * 32 bytes nor what `createSecret()` gives.
 */
export function sealKey(secret: unknown): Uint8Array | undefined {
  if (secret instanceof Uint8Array) return secret.length === KEY_BYTES ? secret.slice() : undefined
  if (typeof secret !== 'string' || !/^[\w-]{43}$/.test(secret)) return undefined
  return fromBase64(secret)
}

export const NO_SEAL_KEY = 'must be 32 random bytes, or what createSecret() gave'
const KEY_BYTES = 32
const NONCE_BYTES = 12

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
