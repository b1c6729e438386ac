import { toBase64Url } from '../protocol/base64.ts'
import type { AccessBoundary } from './access-boundary.ts'
import type { Clock } from './clock.ts'

/** Who a token stands for. */
export interface Principal {
  /** The address of a service account or of a person, or the name of a federated identity. */
  readonly email: string
  /** The user it acts for, when the assertion named one. */
  readonly subject?: string
  /** What the token was narrowed to; default everything. */
  readonly boundary?: AccessBoundary
}

/** What the emulator remembers of a token it gave out. */
export interface AccessToken {
  readonly principal: Principal
  readonly scopes: ReadonlySet<string>
  /** By the emulator's clock, in milliseconds since 1970. */
  readonly expiresAt: number
}

/** The tokens given out and not yet expired or revoked. */
export interface AccessTokens {
  /** @param expiresAt by the emulator's clock, in milliseconds since 1970; default in an hour less a second */
  issue(principal: Principal, scopes: readonly string[], expiresAt?: number): string
  /** The token, when it is one of ours and valid now. */
  find(token: string): AccessToken | undefined
  revokeAll(): void
}

/** One second less than the hour that tokens live, as Google answers. */
export const TOKEN_LIFETIME_SECONDS = 3599

export function createAccessTokens(clock: Clock): AccessTokens {
  const tokens = new Map<string, AccessToken>()
  return {
    issue(principal, scopes, expiresAt = clock.now() + TOKEN_LIFETIME_SECONDS * 1000) {
      const now = clock.now()
      if (tokens.size >= PRUNE_AT) {
        for (const [text, { expiresAt }] of tokens) if (expiresAt <= now) tokens.delete(text)
      }
      const text = `ya29.${toBase64Url(crypto.getRandomValues(new Uint8Array(48)))}`
      tokens.set(text, { principal, scopes: new Set(scopes), expiresAt })
      return text
    },
    find(text) {
      const token = tokens.get(text)
      return token && token.expiresAt > clock.now() ? token : undefined
    },
    revokeAll: () => tokens.clear(),
  }
}

const PRUNE_AT = 10_000
