import type { CredentialsContext } from '../transport/credentials.ts'

/** What signs for an account: a key at hand, a key management service, IAM. */
export interface Signer {
  /** Names the key in what is signed. */
  readonly keyId?: string | undefined
  /** How it signs (RFC 7518 section 3.1). Default `RS256`. */
  readonly algorithm?: SignatureAlgorithm | undefined
  /**
   * The signature of some bytes: for RSA as it is, for ECDSA both numbers one after the other.
   * @param context what to ask others through, when this is for a token: the client's own transport, clock and time
   */
  sign(data: Uint8Array, context?: CredentialsContext): Promise<Uint8Array>
}

/** RSA with PKCS #1 v1.5, ECDSA on P-256 and P-384, and RSA with PSS. */
export type SignatureAlgorithm = 'RS256' | 'ES256' | 'ES384' | 'PS256'
