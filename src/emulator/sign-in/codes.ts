import { toBase64Url } from '../../protocol/base64.ts'
import type { Clock } from '../clock.ts'
import type { ClientGrant } from '../refresh-tokens.ts'

/** What a code stands for. */
export interface AuthorizationCode {
  readonly clientId: string
  readonly redirectUri: string
  readonly grant: ClientGrant
  /** Whether a refresh token comes with it. */
  readonly givesRefreshToken: boolean
  readonly challenge?: CodeChallenge | undefined
  readonly nonce?: string | undefined
}

/** What the request showed of the verifier that the code's exchange must have (RFC 7636). */
export interface CodeChallenge {
  readonly value: string
  readonly method: 'S256' | 'plain'
}

/** The codes that were given out and not forgotten. */
export interface Codes {
  /** Good once, for ten minutes by the emulator's clock. */
  issue(code: AuthorizationCode): string
  find(
    text: string,
  ): (AuthorizationCode & { readonly isUsed: boolean; readonly isExpired: boolean }) | undefined
  use(text: string): void
}

export function createCodes(clock: Clock): Codes {
  const codes = new Map<
    string,
    { readonly code: AuthorizationCode; readonly expiresAt: number; used: boolean }
  >()
  return {
    issue(code) {
      // The oldest go first: a map keeps the order.
      if (codes.size >= MOST) codes.delete(codes.keys().next().value!)
      const text = `4/0${toBase64Url(crypto.getRandomValues(new Uint8Array(45)))}`
      codes.set(text, { code, expiresAt: clock.now() + LIFETIME_MS, used: false })
      return text
    },
    find(text) {
      const found = codes.get(text)
      return found && { ...found.code, isUsed: found.used, isExpired: found.expiresAt <= clock.now() }
    },
    use(text) {
      const found = codes.get(text)
      if (found) found.used = true
    },
  }
}

const LIFETIME_MS = 600_000
const MOST = 10_000
