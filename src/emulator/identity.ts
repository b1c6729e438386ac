import { type AccessTokens, createAccessTokens } from './access-tokens.ts'
import { type Accounts, createAccounts } from './accounts.ts'
import type { Clock } from './clock.ts'
import { createHmacKeys, type HmacKeys } from './xml/hmac-keys.ts'
import { createIdTokens, type IdTokens } from './id-tokens.ts'
import { createImpersonation, type Impersonation } from './impersonation.ts'
import { createRefreshTokens, type RefreshTokenLifetimes, type RefreshTokens } from './refresh-tokens.ts'
import { createOauthClients, type OauthClients } from './sign-in/oauth-clients.ts'
import { createSignIn, type SignIn } from './sign-in/sign-in.ts'
import { createWorkloadProvider, type WorkloadProvider } from './workload-provider.ts'

/** Who there is in one emulator, and what was given to them. */
export interface Identity {
  readonly accounts: Accounts
  readonly tokens: AccessTokens
  readonly idTokens: IdTokens
  readonly refreshTokens: RefreshTokens
  readonly oauthClients: OauthClients
  readonly signIn: SignIn
  readonly impersonation: Impersonation
  readonly provider: WorkloadProvider
  readonly hmacKeys: HmacKeys
}

/** @param project of the accounts that it makes */
export function createIdentity(project: string, clock: Clock, lifetimes: RefreshTokenLifetimes): Identity {
  const oauthClients = createOauthClients()
  return {
    accounts: createAccounts(project),
    tokens: createAccessTokens(clock),
    idTokens: createIdTokens(clock),
    refreshTokens: createRefreshTokens(clock, oauthClients.own, lifetimes),
    oauthClients,
    signIn: createSignIn(clock),
    impersonation: createImpersonation(),
    provider: createWorkloadProvider(clock),
    hmacKeys: createHmacKeys(),
  }
}
