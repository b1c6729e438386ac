import type { RestMethod } from '../discovery/document.ts'
import type { HttpHeaders } from '../protocol/http.ts'

/** What a request shows of who makes it, not yet checked. */
export interface ShownCredentials {
  /** The `Authorization` header, or what it would be for a token in the query. */
  readonly authorization: string | undefined
  readonly apiKey: string | undefined
}

/**
 * Looks for credentials where Google takes them: a bearer token in the header, or as `access_token` or `oauth_token`
 * in the query; an API key in `x-goog-api-key`, or as `key` in the query. Headers go first.
 */
export function shownCredentials(
  method: RestMethod,
  headers: HttpHeaders,
  query: URLSearchParams,
): ShownCredentials {
  const inQuery = (name: string): string | undefined =>
    // Such as the token that `oauth2.tokeninfo` is asked about.
    method.parameters?.[name]?.location === 'query' ? undefined : query.get(name) || undefined
  const token = inQuery('access_token') ?? inQuery('oauth_token')
  return {
    authorization: headers.authorization ?? (token === undefined ? undefined : `Bearer ${token}`),
    apiKey: headers['x-goog-api-key'] ?? inQuery('key'),
  }
}
