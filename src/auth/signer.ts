/** What signs for an account: a key at hand, a key management service, IAM. */
export interface Signer {
  /** Names the key in what is signed. */
  readonly keyId?: string | undefined
  /** Signs with RSASSA-PKCS1-v1_5 and SHA-256. */
  sign(data: Uint8Array): Promise<Uint8Array>
}
