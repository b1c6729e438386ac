import { fromBase64, toBase64 } from '../../protocol/base64.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { checkIamAccount, type IamAccount } from './iam-account.ts'
import { askIam, unreadable } from './iam.ts'
import type { Signer } from '../signer.ts'
import { standAlone } from '../tokens/stand-alone.ts'

/**
 * Signs as a service account of which there is no key: IAM does it, with a key of its own (`signBlob`). The assertions of
 * `serviceAccount({ signer, email })` may be signed by it, and addresses of Cloud Storage.
 *
 * ```ts
 * import { adc, iamSigner, serviceAccount } from 'discokit/auth'
 *
 * const email = 'robot@my-project.iam.gserviceaccount.com'
 * const signer = iamSigner({ source: adc(), serviceAccount: email })
 * const asAda = serviceAccount({ signer, email, subject: 'ada@example.com', scopes: ['https://www.googleapis.com/auth/drive'] })
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 * @throws {AuthError} when it signs, with IAM's word as `reason`.
 */
export function iamSigner(account: IamAccount): Signer {
  checkIamAccount('nothing can be signed', account)
  const what = `signBlob of ${account.serviceAccount}`
  async function sign(data: Uint8Array, context: CredentialsContext): Promise<Uint8Array> {
    const answer = await askIam(account, 'signBlob', { payload: toBase64(data) }, context)
    try {
      return fromBase64(answer.text('signedBlob'))
    } catch {
      throw unreadable(what, 'its signedBlob is not base64')
    }
  }
  return {
    sign: (data, context) => (context ? sign(data, context) : standAlone(what, (own) => sign(data, own))),
  }
}
