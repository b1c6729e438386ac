import { AuthError } from '../../errors.ts'
import type { Signer } from '../signer.ts'

/** The same signer, which fails with an `AuthError` (reason `invalid_signature`) where it gives something else than bytes. */
export function checkedSigner(signer: Signer): Signer {
  return {
    keyId: signer.keyId,
    algorithm: signer.algorithm,
    async sign(data, context) {
      const signature: unknown = await signer.sign(data, context)
      if (signature instanceof ArrayBuffer) return new Uint8Array(signature) // as WebCrypto gives it
      if (ArrayBuffer.isView(signature)) return signature as Uint8Array
      throw new AuthError('the signer gave no signature: it must give a Uint8Array', {
        reason: 'invalid_signature',
      })
    },
  }
}
