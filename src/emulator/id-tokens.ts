import { toBase64Url } from '../protocol/base64.ts'
import { RS256 } from './accounts.ts'
import type { Clock } from './clock.ts'

/** Who an ID token tells of, and whom. */
export interface IdTokenFacts {
  /** Whom it is for. */
  readonly audience: string
  /** The lasting id of the account or the person. */
  readonly subject: string
  readonly email: string
}

/** ID tokens, signed with a key of the emulator's. */
export interface IdTokens {
  issue(facts: IdTokenFacts): Promise<string>
  /** The public key as a JWKS (RFC 7517 section 5). */
  keys(): Promise<object>
}

/** The key is made when it is first needed. */
export function createIdTokens(clock: Clock): IdTokens {
  let made: ReturnType<typeof makeKey> | undefined
  const key = (): ReturnType<typeof makeKey> => (made ??= makeKey())
  return {
    async issue({ audience, subject, email }) {
      const { privateKey, jwk } = await key()
      const iat = Math.floor(clock.now() / 1000)
      const claims = {
        iss: 'https://accounts.google.com',
        azp: subject,
        aud: audience,
        sub: subject,
        email,
        email_verified: true,
        iat,
        exp: iat + LIFETIME_S,
      }
      const header = { alg: 'RS256', kid: jwk.kid, typ: 'JWT' }
      const signed = `${toBase64Url(JSON.stringify(header))}.${toBase64Url(JSON.stringify(claims))}`
      const signature = await crypto.subtle.sign(RS256.name, privateKey, new TextEncoder().encode(signed))
      return `${signed}.${toBase64Url(new Uint8Array(signature))}`
    },
    keys: async () => ({ keys: [(await key()).jwk] }),
  }
}

const LIFETIME_S = 3600

async function makeKey() {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(
    { ...RS256, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) },
    true,
    ['sign', 'verify'],
  )
  const { n, e } = await crypto.subtle.exportKey('jwk', publicKey)
  const kid = toBase64Url(crypto.getRandomValues(new Uint8Array(20)))
  return { privateKey, jwk: { kty: 'RSA', alg: 'RS256', use: 'sig', kid, n, e } }
}
