/**
 * Whether a query parameter is a credential: an API key or an access token. A request that was given one goes out with
 * that alone, whoever the client is.
 */
export function carriesCredential(name: string): boolean {
  return name === 'key' || name === 'access_token' || name === 'oauth_token'
}
