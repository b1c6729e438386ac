import { toBase64Url } from '../../protocol/base64.ts'
import { TOKEN_LIFETIME_SECONDS } from '../access-tokens.ts'
import type { Identity } from '../identity.ts'
import type { Grant } from '../refresh-tokens.ts'
import { personClaims } from './people.ts'

/** What a token answer for a person has besides a refresh token: RFC 6749 section 5.1, OpenID Connect Core section 3.1.3.3. */
export async function personTokens(
  { tokens, idTokens, signIn }: Identity,
  grant: Grant,
  { scopes, clientId, nonce }: PersonTokenFacts,
): Promise<object> {
  const accessToken = tokens.issue({ email: grant.email }, scopes, { consent: grant })
  const answer = {
    access_token: accessToken,
    expires_in: TOKEN_LIFETIME_SECONDS,
    token_type: 'Bearer',
    scope: scopes.join(' '),
  }
  if (!scopes.includes('openid')) return answer
  const person = signIn.people.find(grant.email)
  const idToken = await idTokens.issue({
    audience: clientId,
    authorizedParty: clientId,
    subject: person.sub,
    claims: {
      ...personClaims(person, scopes),
      at_hash: await halfHash(accessToken),
      ...(nonce !== undefined && { nonce }),
    },
  })
  return { ...answer, id_token: idToken }
}

/** What else tokens tell, and for whom. */
export interface PersonTokenFacts {
  /** All that was consented to, or a part of it. */
  readonly scopes: readonly string[]
  readonly clientId: string
  readonly nonce?: string | undefined
}

/** The left half of a token's SHA-256, by which an ID token names it (OpenID Connect Core section 3.1.3.6). */
async function halfHash(token: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
  return toBase64Url(new Uint8Array(hash).subarray(0, 16))
}
