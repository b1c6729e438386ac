import { toBase64Url } from '../protocol/base64.ts'

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
}

/** Refresh tokens and the OAuth client that they belong to. */
export interface RefreshTokens {
  /** A new one for a person. */
  issue(grant: Grant): RefreshGrant
  /** What the token stands for, when it is one of ours and the client is the one it was given to. */
  find(token: string, clientId: string, clientSecret: string): Grant | undefined
  /** Whether a client is the one that tokens are given to. */
  knowsClient(clientId: string, clientSecret: string): boolean
  /** What a token stands for, whoever shows it. */
  consentOf(token: string): Grant | undefined
  /** Gives a token in place of another, which is worth nothing any more. */
  rotate(token: string): string
  /** Makes the tokens that come of one consent invalid. */
  revoke(consent: Grant): void
  revokeAll(): void
}

export function createRefreshTokens(): RefreshTokens {
  const grants = new Map<string, Grant>()
  const clientId = `${random(12).toLowerCase().replace(/\W/g, '0')}.apps.googleusercontent.com`
  const clientSecret = `GOCSPX-${random(21)}`
  const knowsClient = (id: string, secret: string): boolean => id === clientId && secret === clientSecret
  const add = (grant: Grant): string => {
    const token = `1//0${random(60)}`
    grants.set(token, grant)
    return token
  }
  return {
    knowsClient,
    issue: (grant) => ({ client_id: clientId, client_secret: clientSecret, refresh_token: add(grant) }),
    find: (token, id, secret) => (knowsClient(id, secret) ? grants.get(token) : undefined),
    consentOf: (token) => grants.get(token),
    rotate(token) {
      const grant = grants.get(token)!
      grants.delete(token)
      return add(grant)
    },
    revoke(consent) {
      for (const [token, grant] of grants) if (grant === consent) grants.delete(token)
    },
    revokeAll: () => grants.clear(),
  }
}

function random(bytes: number): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)))
}
