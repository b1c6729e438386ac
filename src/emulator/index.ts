/** The embedded emulator: Google's APIs on this machine, without an account. */
import { serviceAccount, type ServiceAccountCredentials } from '../auth/service-account.ts'
import type { ServiceAccountOptions } from '../auth/account/service-account-options.ts'
import { createEmulator as createCore } from './emulator.ts'
import type { Emulator as Core, EmulatorOptions } from './emulator-interface.ts'

/** An emulator, and credentials for its clients. */
export interface Emulator extends Core {
  /** The credential of a service account that the emulator made; its key is made at the first call. */
  serviceAccount(options?: EmulatorAccountOptions): ServiceAccountCredentials
}

/** Which account, and what its token may do. */
export interface EmulatorAccountOptions extends Omit<ServiceAccountOptions, 'key' | 'keyFile' | 'signer'> {
  readonly email?: string
}

/**
 * Makes an emulator. It answers in this process; `listen()` opens a port too.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { createEmulator } from 'discokit/emulator'
 *
 * await using emulator = await createEmulator()
 * const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
 * ```
 */
export async function createEmulator(options?: EmulatorOptions): Promise<Emulator> {
  const core = await createCore(options)
  return Object.assign(core, {
    serviceAccount: ({ email, ...rest }: EmulatorAccountOptions = {}) =>
      serviceAccount({ ...rest, key: () => core.serviceAccountKey(email === undefined ? {} : { email }) }),
  })
}

export type { EmulatorOptions } from './emulator-interface.ts'
export type { AccessTokenOptions, AuthorizedUserOptions } from './person-token.ts'
export type { ExternalAccount, ExternalAccountFile, ExternalAccountOptions } from './external-account.ts'
export type { AuthorizedUser, ExternalAuthorizedUser, RefreshGrant } from './refresh-tokens.ts'
export type { ConsentAnswer } from './sign-in/consent.ts'
export type { OauthClientKey, OauthClientOptions, OauthClientType } from './sign-in/oauth-clients.ts'
export type { Person, PersonOptions } from './sign-in/people.ts'
export type { EmulatorHmacKey } from './xml/hmac-keys.ts'
export type { ServiceAccountKey } from './accounts.ts'
export type { Clock } from './clock.ts'
export type { ImpersonationGrant } from './impersonation.ts'
export type { InProcessTransport } from './in-process.ts'
export type { Exchange, Journal } from './journal.ts'
export type { Listener, ListenOptions } from './listening.ts'
