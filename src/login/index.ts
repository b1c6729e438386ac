/** Signing people in: OAuth 2.0 and OpenID Connect. */
export { oauthClient } from './oauth-client.ts'
export type { DeviceFlow, LoginCallOptions, OAuthClient } from './oauth-client.ts'
export type { OAuthClientOptions } from './client-options.ts'
export type { AuthorizationOptions, Prompt } from './authorization-options.ts'
export type { Authorization, AuthorizationRequest } from './authorization-url.ts'
export type { CallbackUrl } from './callback.ts'
export type { FinishOptions } from './finish.ts'
export type { HeldTokens, LoginTokens } from './tokens.ts'
export type { TokenInfo, UserInfo } from './person-facts.ts'
export type { DeviceFlowOptions, DeviceRequest } from './device-request.ts'
export type { MethodScopes } from './scopes.ts'
export { createSecret } from './create-secret.ts'
export { discoverProvider } from './discover-provider.ts'
export { GOOGLE_PROVIDER } from './provider.ts'
export type { OAuthProvider } from './provider.ts'
export { memoryLoginStore } from './stores/memory-login-store.ts'
export { webLogin } from './web-login.ts'
export type {
  FinishedLogin,
  LoginStore,
  SignedIn,
  StartOptions,
  WebLogin,
  WebLoginOptions,
} from './web-login.ts'
export { keyvLoginStore } from './stores/keyv-login-store.ts'
export type { LoginKeyv } from './stores/keyv-login-store.ts'
export { redisLoginStore } from './stores/redis-login-store.ts'
export type { RedisCall, RedisEval, RedisLoginClient } from './stores/redis-login-store.ts'
export { sqlLoginStore } from './stores/sql-login-store.ts'
export type { SqlLoginStore, SqlLoginStoreOptions, SqlQuery } from './stores/sql-login-store.ts'
