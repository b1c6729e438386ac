/** The library that knows the protocol. */
export type OAuthLibrary = typeof import('oauth4webapi')

/** A provider, as the library names one. */
export type AuthorizationServer = import('oauth4webapi').AuthorizationServer

/** How the library is to send a request. */
export type SendOptions = import('oauth4webapi').HttpRequestOptions<'POST', URLSearchParams> &
  import('oauth4webapi').HttpRequestOptions<'GET'>

/** Loads it with the first login. */
export function loadOAuth(): Promise<OAuthLibrary> {
  return import('oauth4webapi')
}
