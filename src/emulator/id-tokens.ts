import type { Clock } from './clock.ts'
import { signJwt } from './jwt.ts'
import type { JsonObject } from './service.ts'
import { createSigningKeys, type SigningKeys } from './signing.ts'

/** Who an ID token tells of, and whom. */
export interface IdTokenFacts {
  /** Whom it is for. */
  readonly audience: string
  /** The lasting id of the account or the person. */
  readonly subject: string
  /** The address, where the token is to tell it. */
  readonly email?: string | undefined
  /** To whom the token was given; default the subject. */
  readonly authorizedParty?: string | undefined
  /** What else it tells. */
  readonly claims?: JsonObject
}

/** ID tokens, signed with a key of the emulator's. */
export interface IdTokens {
  issue(facts: IdTokenFacts): Promise<string>
  keys(): Promise<SigningKeys>
}

/** The key is made when it is first needed. */
export function createIdTokens(clock: Clock): IdTokens {
  let made: Promise<SigningKeys> | undefined
  const keys = (): Promise<SigningKeys> => (made ??= createSigningKeys())
  return {
    async issue({ audience, subject, email, authorizedParty = subject, claims: more }) {
      const iat = Math.floor(clock.now() / 1000)
      const claims = {
        iss: 'https://accounts.google.com',
        azp: authorizedParty,
        aud: audience,
        sub: subject,
        ...(email !== undefined && { email, email_verified: true }),
        iat,
        exp: iat + LIFETIME_S,
        ...more,
      }
      return signJwt(await keys(), JSON.stringify(claims))
    },
    keys,
  }
}

const LIFETIME_S = 3600
