import { basicLogin } from '../../auth/basic-login.ts'
import type { ClientSettings } from '../client-options.ts'

/** Adds to a form, or to its headers, who the client is. */
export type ClientAuthentication = (
  as: object,
  client: object,
  body: URLSearchParams,
  headers: Headers,
) => void

/** How a client says who it is (RFC 6749 section 2.3). */
export function clientAuthentication({
  clientId,
  clientSecret = '',
  clientAuthentication: place,
}: ClientSettings): ClientAuthentication {
  return (_as, _client, body, headers) => {
    if (place === 'basic') {
      for (const [name, value] of Object.entries(basicLogin(clientId, clientSecret).headers))
        headers.set(name, value)
      return
    }
    body.set('client_id', clientId)
    if (place === 'body') body.set('client_secret', clientSecret)
  }
}

/** What of a client nobody may see. */
export function clientSecrets({ clientId, clientSecret }: ClientSettings): readonly string[] {
  return clientSecret === undefined ? [] : basicLogin(clientId, clientSecret).secrets
}
