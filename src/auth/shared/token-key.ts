import type { CredentialsContext } from '../../transport/credentials.ts'
import type { TokenRequest } from '../tokens/token-endpoint.ts'

/**
 * What a token is kept under: a hash (SHA-256, hexadecimal) of all that it takes to be given the token. An account signs what
 * is hashed: who knows its name and has not its key, such as another tenant of the program, does not find its tokens. The text
 * cannot be taken for an assertion, which has no spaces.
 * @returns undefined for a token that is nobody else's, and where the account signs differently each time, so that nobody would
 * find what was put there
 */
export async function tokenKey(
  { tokenUri, identity, signer }: Pick<TokenRequest, 'tokenUri' | 'identity' | 'signer'>,
  context: CredentialsContext,
): Promise<string | undefined> {
  if (!identity || (signer && (signer.algorithm ?? 'RS256') !== 'RS256')) return undefined
  const text = new TextEncoder().encode(`discokit token store ${JSON.stringify([tokenUri, identity])}`)
  const proof = signer ? await signer.sign(text, context) : text
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', proof as Uint8Array<ArrayBuffer>))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
