import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { invalid } from '../../api-failure.ts'
import { readRequestJson } from '../../request-json.ts'
import type { Call } from '../../service.ts'
import { actingAccount } from './acting-account.ts'

/** `iamcredentials.projects.serviceAccounts.generateAccessToken`: the token ends by the emulator's clock. */
export async function generateAccessToken(call: Call): Promise<HttpResponse> {
  const { delegates, scope, lifetime } = await readRequestJson(call)
  const scopes = readScopes(scope)
  const lifetimeSeconds = readLifetime(lifetime)
  const { email } = await actingAccount(call, delegates, 'getAccessToken')
  const expiresAt = (Math.floor(call.clock.now() / 1000) + lifetimeSeconds) * 1000
  const accessToken = call.identity.tokens.issue({ email }, scopes, { expiresAt })
  return jsonAnswer({ accessToken, expireTime: new Date(expiresAt).toISOString().replace('.000Z', 'Z') })
}

function readScopes(scope: unknown): readonly string[] {
  const scopes: readonly string[] = Array.isArray(scope) ? scope : []
  const areScopes = scopes.every((each) => typeof each === 'string' && /^[\x21-\x7e]+$/.test(each))
  if (scopes.length > 0 && areScopes) return scopes
  throw invalid('Request contains an invalid argument: scope must name one scope at least.')
}

/** A longer one needs a policy of the organisation, which is not modelled. */
const LONGEST_LIFETIME_SECONDS = 3600

/** A duration such as `300s`, whose form was checked before; null is none. Fractions are dropped. */
function readLifetime(lifetime: unknown): number {
  const seconds = Math.floor(parseFloat((lifetime as string | null | undefined) ?? '3600s'))
  if (seconds > 0 && seconds <= LONGEST_LIFETIME_SECONDS) return seconds
  throw invalid(
    `Request contains an invalid argument: lifetime must be between 1s and ${LONGEST_LIFETIME_SECONDS}s.`,
  )
}
