import { GOOGLE_TOKEN_URI } from '../account/service-account-key.ts'
import { basicLogin } from '../basic-login.ts'
import type { TokenRequest } from '../tokens/token-endpoint.ts'
import type { UserClient } from './login-store.ts'
import { revokeUriFor } from './revoke-uri.ts'

/** A client with all that it leaves open filled in. */
export interface TokenClient {
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly tokenUri: string
  readonly revokeUri: string
  /** Who it is, where that does not stand in forms. */
  readonly login: TokenRequest['login']
}

/** @param client whose addresses were checked */
export function tokenClient({
  clientId,
  clientSecret,
  clientAuthentication,
  ...at
}: UserClient): TokenClient {
  const { tokenUri = GOOGLE_TOKEN_URI, revokeUri = revokeUriFor(tokenUri) } = at
  const login = clientAuthentication === 'basic' ? basicLogin(clientId, clientSecret ?? '') : undefined
  return { clientId, clientSecret, tokenUri, revokeUri, login }
}
