import type { AccessToken } from './access-tokens.ts'
import { callerEmail } from './account-state.ts'
import { userId } from './ids.ts'

/** What there is to tell of an access token. */
export interface TokenFacts {
  /** The client that it was given to. */
  readonly client: string
  readonly userId: string
  /** Separated by spaces. */
  readonly scope: string
  readonly expiresInSeconds: number
  /** Where its scopes let it be told. */
  readonly email?: string
}

/** @param nowMs by the emulator's clock */
export function tokenFacts(token: AccessToken, nowMs: number): TokenFacts {
  const email = callerEmail(token)
  const isServiceAccount = token.principal.email.endsWith('.gserviceaccount.com')
  return {
    client: isServiceAccount
      ? userId(email)
      : (token.consent?.clientId ?? 'emulator.apps.googleusercontent.com'),
    userId: userId(email),
    scope: [...token.scopes].join(' '),
    expiresInSeconds: Math.floor((token.expiresAt - nowMs) / 1000),
    ...(showsEmail(token.scopes) && { email }),
  }
}

/** Whether scopes let the address of an account be told. */
export function showsEmail(scopes: Iterable<string>): boolean {
  const all = new Set(scopes)
  return all.has('email') || all.has('https://www.googleapis.com/auth/userinfo.email')
}
