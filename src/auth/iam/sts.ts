import type { CredentialsContext } from '../../transport/credentials.ts'
import { basicLogin } from '../basic-login.ts'
import type { AccessToken } from '../tokens/token-cache.ts'
import { readToken, requestToken } from '../tokens/token-endpoint.ts'

/** A token of somebody's, to be exchanged for one of Google's. */
export interface StsExchange {
  /** Google's security token service: `https://sts.googleapis.com/v1/token`. */
  readonly tokenUri: string
  /** Whose token, for errors. */
  readonly what: string
  readonly subjectToken: string
  readonly subjectTokenType: string
  /** For whom: the provider as Google knows it. */
  readonly audience?: string | undefined
  readonly scopes?: readonly string[] | undefined
  /** Google's own further options, sent as JSON. */
  readonly options?: object | undefined
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
  /** Where the client says who it is: in a header, the default, or in the form (RFC 6749 section 2.3.1). */
  readonly clientAuthentication?: 'basic' | 'body' | undefined
  /** The life of the token where the answer does not say, in milliseconds. Default an hour. */
  readonly assumedLifetimeMs?: number
}

/** Exchanges a token (RFC 8693 section 2.1), as `requestToken` does. */
export function exchangeToken(exchange: StsExchange, context: CredentialsContext): Promise<AccessToken> {
  const { tokenUri, what, clientId, clientSecret, assumedLifetimeMs = 3_600_000 } = exchange
  const inForm = exchange.clientAuthentication === 'body'
  const fields = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: exchange.audience,
    scope: exchange.scopes?.join(' '),
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    subject_token: exchange.subjectToken,
    subject_token_type: exchange.subjectTokenType,
    options: exchange.options && JSON.stringify(exchange.options),
    ...(inForm && { client_id: clientId, client_secret: clientSecret }),
  }
  const form = Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => Boolean(field[1])),
  )
  return requestToken(
    {
      tokenUri,
      what,
      login: clientId === undefined || inForm ? undefined : basicLogin(clientId, clientSecret ?? ''),
      form: async () => form,
      read: (answer, bad) =>
        readToken({ ...answer, expires_in: answer['expires_in'] ?? assumedLifetimeMs / 1_000 }, bad),
    },
    context,
  )
}
