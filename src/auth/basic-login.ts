import { toBase64 } from '../protocol/base64.ts'
import type { TokenRequest } from './tokens/token-endpoint.ts'

/** How an OAuth client says in a header who it is (RFC 6749 section 2.3.1): both parts encoded as in a form. */
export function basicLogin(clientId: string, clientSecret: string): NonNullable<TokenRequest['login']> {
  const encode = (part: string): string => new URLSearchParams({ '': part }).toString().slice(1)
  const pair = new TextEncoder().encode(`${encode(clientId)}:${encode(clientSecret)}`)
  const login = toBase64(pair)
  return { headers: { authorization: `Basic ${login}` }, secrets: [clientSecret, login] }
}
