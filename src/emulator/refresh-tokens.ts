import { toBase64Url } from '../protocol/base64.ts'
import type { Clock } from './clock.ts'
import type { OauthClient } from './sign-in/oauth-clients.ts'
import { isIdentityScope } from './sign-in/scopes.ts'

/** A refresh token and the client that it is for, in the words of Google's files. */
export interface RefreshGrant {
  readonly client_id: string
  readonly client_secret: string
  readonly refresh_token: string
}

/** The content of a file with the credentials of a person, as Google's tools write it. */
export interface AuthorizedUser extends RefreshGrant {
  readonly type: 'authorized_user'
  /** Where it is exchanged: the emulator. */
  readonly token_uri: string
}

/** The content of a file with the credentials of a person for whom another provider vouches (workforce identity). */
export interface ExternalAuthorizedUser extends RefreshGrant {
  readonly type: 'external_account_authorized_user'
  readonly audience: string
  /** Where it is exchanged: the emulator. */
  readonly token_url: string
  readonly token_info_url: string
  readonly universe_domain: 'googleapis.com'
}

/** What a person has consented to. */
export interface Grant {
  readonly email: string
  readonly scopes: readonly string[]
  /** Whether each use of the token gives another in its place. */
  readonly rotating: boolean
  /** The client that asked, where the consent was asked for. */
  readonly clientId?: string
  /** Whether a refresh token was given for it, where the consent was asked for. */
  readonly offline?: boolean
}

/** What a person has consented to who was asked by a client. */
export interface ClientGrant extends Grant {
  readonly clientId: string
}

/** How long refresh tokens live. */
export interface RefreshTokenLifetimes {
  /** After the last use. */
  readonly idleMs: number
  /** After the consent, where it is for more than who somebody is; default: for ever. */
  readonly lifetimeMs?: number | undefined
}

/** Refresh tokens and the OAuth clients that they belong to. */
export interface RefreshTokens {
  /** A new one for a person, of the emulator's own client. */
  issue(grant: Grant): RefreshGrant
  /** A new one of the client that asked. */
  give(grant: ClientGrant): string
  /** How long a token lives whatever happens, if there is an end to it. */
  lifetimeMsOf(grant: Grant): number | undefined
  /** What the token stands for, when it is one of ours and the client is the one it was given to. It counts as used. */
  find(token: string, clientId: string): Grant | undefined
  /** What a token stands for, whoever shows it. */
  consentOf(token: string): Grant | undefined
  /** Gives a token in place of another, which is worth nothing any more. */
  rotate(token: string): string
  /** Makes the tokens that come of some consents invalid. */
  revoke(isMeant: (consent: Grant) => boolean): void
  revokeAll(): void
}

export function createRefreshTokens(
  clock: Clock,
  { clientId: ownId, clientSecret }: OauthClient,
  { idleMs, lifetimeMs }: RefreshTokenLifetimes,
): RefreshTokens {
  const tokens = new Map<string, RefreshToken>()
  const lifetimeMsOf = ({ scopes }: Grant): number | undefined =>
    scopes.every(isIdentityScope) ? undefined : lifetimeMs
  const add = (token: RefreshToken): string => {
    const text = `1//0${toBase64Url(crypto.getRandomValues(new Uint8Array(60)))}`
    tokens.set(text, token)
    return text
  }
  const issue = (grant: Grant): string => add({ grant, consentedAt: clock.now(), usedAt: clock.now() })
  const valid = (text: string): RefreshToken | undefined => {
    const token = tokens.get(text)
    if (!token) return undefined
    const now = clock.now()
    const isOld = now - token.consentedAt >= (lifetimeMsOf(token.grant) ?? Infinity)
    return isOld || now - token.usedAt >= idleMs ? undefined : token
  }
  return {
    lifetimeMsOf,
    issue: (grant) => ({ client_id: ownId, client_secret: clientSecret, refresh_token: issue(grant) }),
    give: issue,
    find(text, clientId) {
      const token = valid(text)
      if (!token || (token.grant.clientId ?? ownId) !== clientId) return undefined
      token.usedAt = clock.now()
      return token.grant
    },
    consentOf: (text) => valid(text)?.grant,
    rotate(text) {
      const token = tokens.get(text)!
      tokens.delete(text)
      return add({ ...token, usedAt: clock.now() })
    },
    revoke(isMeant) {
      for (const [text, { grant }] of tokens) if (isMeant(grant)) tokens.delete(text)
    },
    revokeAll: () => tokens.clear(),
  }
}

/** By the emulator's clock, in milliseconds since 1970. */
interface RefreshToken {
  readonly grant: Grant
  readonly consentedAt: number
  usedAt: number
}
