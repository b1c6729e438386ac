import type { UserClient } from 'discokit/auth'
import { GOOGLE_PROVIDER, type OAuthProvider } from 'discokit/login'
import { ValidationError } from '../../errors.ts'
import { googleAt } from '../../login/provider.ts'

/** Whom logins are asked of: Google, or the emulator that the environment names. */
export interface LoginProvider {
  readonly provider: OAuthProvider
  /** For people: `Google`, or `the emulator at http://127.0.0.1:9090`. */
  readonly name: string
  readonly isEmulator: boolean
}

/**
 * With `DISCOKIT_EMULATOR` every address of Google's is below the emulator's; who issues the ID tokens stays the same.
 * @throws {ValidationError} when that names no address of this machine.
 */
export function loginProvider(address: string | undefined = process.env['DISCOKIT_EMULATOR']): LoginProvider {
  if (!address) return { provider: GOOGLE_PROVIDER, name: 'Google', isEmulator: false }
  if (!/^https?:\/\/[\w.:[\]-]+\/?$/.test(address) || !isOnThisMachine(address))
    throw new ValidationError('the login cannot begin', [
      {
        path: 'DISCOKIT_EMULATOR',
        message: 'must be an address on this machine, such as http://127.0.0.1:9090',
      },
    ])
  const url = address.replace(/\/$/, '')
  return { provider: googleAt(url), name: `the emulator at ${url}`, isEmulator: true }
}

/** Whether tokens are of this provider: nobody else may see them. */
export function isFrom(
  { tokenUri = GOOGLE_PROVIDER.token_endpoint }: Pick<UserClient, 'tokenUri'>,
  to: LoginProvider,
): boolean {
  return tokenUri === to.provider.token_endpoint
}

/** Whether an address, which may be of anything, is one of this machine. */
export function isOnThisMachine(address: string | undefined): boolean {
  return address !== undefined && URL.canParse(address) && isLoopback(new URL(address).hostname)
}

/** Whether a host is this machine (RFC 6761). */
export function isLoopback(hostname: string): boolean {
  return /^(127(\.\d+){3}|\[::1\]|(.+\.)?localhost)$/.test(hostname)
}
