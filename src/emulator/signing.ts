import type { WebCryptoKey } from '../web-types.ts'

/** The algorithm of every signature here, in the words of WebCrypto. */
export const RS256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

/** A key pair that signs, and the name that verifiers find it by. */
export interface SigningKeys {
  readonly keyId: string
  readonly privateKey: WebCryptoKey
  readonly publicKey: WebCryptoKey
}

/** A fresh RSA key pair of 2048 bits. */
export async function createSigningKeys(): Promise<SigningKeys> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { ...RS256, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ['sign', 'verify'],
  )
  return { keyId: randomHex(20), privateKey, publicKey }
}

/** An RSASSA-PKCS1-v1_5 signature with SHA-256. */
export async function signBytes({ privateKey }: SigningKeys, bytes: Uint8Array): Promise<Uint8Array> {
  // The bytes are freshly made and not shared, which the type cannot say.
  return new Uint8Array(await crypto.subtle.sign(RS256.name, privateKey, bytes as Uint8Array<ArrayBuffer>))
}

/** A public key as a JWK (RFC 7517 section 4) for signatures. */
export async function publicJwk({ keyId: kid, publicKey }: SigningKeys): Promise<object> {
  const { n, e } = await crypto.subtle.exportKey('jwk', publicKey)
  return { kty: 'RSA', alg: 'RS256', use: 'sig', kid, n, e }
}

function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
