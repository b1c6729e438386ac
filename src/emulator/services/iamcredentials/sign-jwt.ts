import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { invalid } from '../../api-failure.ts'
import { signJwt as sign } from '../../jwt.ts'
import { readRequestJson } from '../../request-json.ts'
import { type Call, parseJsonObject } from '../../service.ts'
import { actingAccount } from './acting-account.ts'

/** `iamcredentials.projects.serviceAccounts.signJwt`: claims as they are, signed by the account's system key. */
export async function signJwt(call: Call): Promise<HttpResponse> {
  const { delegates, payload } = await readRequestJson(call)
  if (typeof payload !== 'string' || payload === '')
    throw invalid('Request contains an invalid argument: payload is required.')
  checkExpiry(parseJsonObject(payload).exp, call.clock.now() / 1000)
  const account = await actingAccount(call, delegates, 'signJwt')
  const keys = await account.systemKeys()
  return jsonAnswer({ keyId: keys.keyId, signedJwt: await sign(keys, payload) })
}

const LONGEST_AHEAD_SECONDS = 12 * 3600

function checkExpiry(exp: unknown, now: number): void {
  if (exp === undefined) return
  if (typeof exp === 'number' && Number.isInteger(exp) && exp >= now && exp <= now + LONGEST_AHEAD_SECONDS)
    return
  throw invalid(
    'Request contains an invalid argument: exp must be a time that is not past and 12 hours ahead at most.',
  )
}
