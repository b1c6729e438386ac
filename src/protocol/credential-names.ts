/**
 * The query parameters that are credentials: an API key, or an access token. A request that was given one goes out with
 * that alone, whoever the client is.
 */
export const CREDENTIAL_NAMES: readonly string[] = ['key', 'access_token', 'oauth_token']
