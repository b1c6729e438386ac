import { fromBase64, toBase64 } from '../../../protocol/base64.ts'
import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { invalid } from '../../api-failure.ts'
import { readRequestJson } from '../../request-json.ts'
import type { Call } from '../../service.ts'
import { signBytes } from '../../signing.ts'
import { actingAccount } from './acting-account.ts'

/** `iamcredentials.projects.serviceAccounts.signBlob`: bytes in base64, signed by the account's system key. */
export async function signBlob(call: Call): Promise<HttpResponse> {
  const { delegates, payload } = await readRequestJson(call)
  const bytes = readBytes(payload)
  const account = await actingAccount(call, delegates, 'signBlob')
  const keys = await account.systemKeys()
  return jsonAnswer({ keyId: keys.keyId, signedBlob: toBase64(await signBytes(keys, bytes)) })
}

function readBytes(payload: unknown): Uint8Array {
  if (typeof payload === 'string' && payload !== '') {
    try {
      return fromBase64(payload)
    } catch {
      throw invalid("Invalid value at 'payload' (TYPE_BYTES), Base64 decoding failed.")
    }
  }
  throw invalid('Request contains an invalid argument: payload is required.')
}
