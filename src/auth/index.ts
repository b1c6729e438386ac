/** Credentials: the ways to be let in, and a `fetch` that uses one. */
export { serviceAccount } from './service-account.ts'
export type { ServiceAccountOptions } from './service-account.ts'
export { anonymous } from './anonymous.ts'
export { authorizedFetch } from './authorized-fetch.ts'
export type { AuthorizedFetch, AuthorizedFetchOptions, AuthorizedRequest } from './authorized-fetch.ts'
export type { Credentials, CredentialsContext, CredentialsTarget } from '../transport/credentials.ts'
