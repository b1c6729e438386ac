import type { RestMethod } from '../discovery/document.ts'
import type { AccessToken } from './access-tokens.ts'
import type { Accounts } from './accounts.ts'
import { verifySigned } from './assertion.ts'
import { GrantFailure } from './grant-failure.ts'

/** What a token that an account signed itself is held against. */
export interface SelfSignedCheck {
  readonly accounts: Accounts
  /** The addresses of the API that is called, as tokens name it: `https://storage.googleapis.com/`. */
  readonly audiences: readonly string[]
  readonly method: RestMethod
  readonly nowMs: number
}

/**
 * What a token stands for that a service account signed itself (AIP-4111): it speaks for its own account, and is for one API
 * or for scopes, never for both. Gives undefined for one that does not hold.
 */
export async function selfSignedToken(jwt: string, check: SelfSignedCheck): Promise<AccessToken | undefined> {
  const { accounts, audiences, method, nowMs } = check
  try {
    const { issuer, claims } = await verifySigned(jwt, accounts, nowMs)
    const { sub, aud, scope, exp, target_audience: isForService } = claims
    const isForApi = typeof aud === 'string' && audiences.includes(aud) && scope === undefined
    const isForScopes = aud === undefined && typeof scope === 'string'
    if (sub !== issuer || isForService !== undefined || !(isForApi || isForScopes)) return undefined
    const scopes = isForScopes ? scope.split(' ') : (method.scopes ?? [])
    return { principal: { email: issuer }, scopes: new Set(scopes), expiresAt: Number(exp) * 1000 }
  } catch (error) {
    if (error instanceof GrantFailure) return undefined
    throw error
  }
}
