import { toBase64Url } from '../protocol/base64.ts'
import type { AccessBoundary } from './access-boundary.ts'
import type { Clock } from './clock.ts'
import type { Grant } from './refresh-tokens.ts'

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
  /** What a person consented to, where the token comes of that. */
  readonly consent?: Grant | undefined
}

/** The tokens given out and not yet expired or revoked. */
export interface AccessTokens {
  /** It expires in an hour less a second, where nothing else is said. */
  issue(
    principal: Principal,
    scopes: readonly string[],
    more?: Partial<Pick<AccessToken, 'expiresAt' | 'consent'>>,
  ): string
  /** The token, when it is one of ours and valid now. */
  find(token: string): AccessToken | undefined
  /** Makes some tokens invalid. */
  revoke(isMeant: (token: AccessToken) => boolean): void
  revokeAll(): void
}

/** One second less than the hour that tokens live, as Google answers. */
export const TOKEN_LIFETIME_SECONDS = 3599

export function createAccessTokens(clock: Clock): AccessTokens {
  const tokens = new Map<string, AccessToken>()
  return {
    issue(principal, scopes, { expiresAt, consent } = {}) {
      const now = clock.now()
      if (tokens.size >= PRUNE_AT) {
        for (const [text, { expiresAt }] of tokens) if (expiresAt <= now) tokens.delete(text)
      }
      const text = `ya29.${toBase64Url(crypto.getRandomValues(new Uint8Array(48)))}`
      tokens.set(text, {
        principal,
        scopes: new Set(scopes),
        expiresAt: expiresAt ?? now + TOKEN_LIFETIME_SECONDS * 1000,
        consent,
      })
      return text
    },
    find(text) {
      const token = tokens.get(text)
      return token && token.expiresAt > clock.now() ? token : undefined
    },
    revoke(isMeant) {
      for (const [text, token] of tokens) if (isMeant(token)) tokens.delete(text)
    },
    revokeAll: () => tokens.clear(),
  }
}

const PRUNE_AT = 10_000
