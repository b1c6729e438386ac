import { fromBase64, toBase64Url } from '../../protocol/base64.ts'

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

const NONCE_BYTES = 12

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
