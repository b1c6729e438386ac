import { fromBase64 } from '../protocol/base64.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import { formField } from './form.ts'
import { GrantFailure } from './grant-failure.ts'
import type { OauthClients } from './sign-in/oauth-clients.ts'

/** An OAuth client and what it proves itself with. */
export interface ClientSecret {
  readonly id: string
  readonly secret: string
}

/**
 * The client that asks, by its header or by its fields (RFC 6749 section 2.3.1), never by both.
 * @throws {GrantFailure} `invalid_client` for one that is not known here.
 */
export function authenticateClient(
  headers: HttpHeaders,
  fields: URLSearchParams,
  clients: Pick<OauthClients, 'knows'>,
): ClientSecret {
  const header = headers.authorization
  if (header !== undefined && fields.has('client_secret'))
    throw new GrantFailure('invalid_request', 'The client authenticates in more than one way.')
  const client =
    header === undefined
      ? { id: formField(fields, 'client_id'), secret: formField(fields, 'client_secret') }
      : readBasic(header)
  if (client && clients.knows(client.id, client.secret)) return client
  throw new GrantFailure('invalid_client', 'The OAuth client was not found.', 401)
}

/** Both halves are form-encoded first, which leaves those of Google's clients as they are. */
function readBasic(header: string): ClientSecret | undefined {
  const [, encoded] = /^Basic +(\S+)$/i.exec(header) ?? []
  try {
    const [, id, secret] = /^([^:]*):(.*)$/s.exec(new TextDecoder().decode(fromBase64(encoded ?? '')))!
    return { id: decode(id!), secret: decode(secret!) }
  } catch {
    return undefined
  }
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '))
}
