import { AuthError, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Clock } from '../transport/clock.ts'
import type { Credentials } from '../transport/credentials.ts'
import type { Transport } from '../transport/transport.ts'
import type { WebAbortSignal } from '../web-types.ts'
import { ASK_OPTIONS, askAlone } from './user/ask-options.ts'

/** For what a token is, and how it is got. */
export interface BearerTokenOptions {
  /** Where it will go, for credentials that have a token for each API. Default: none in particular. */
  readonly url?: string
  /** Scopes of which any one suffices, for credentials without scopes of their own. */
  readonly scopes?: readonly string[]
  /** What asks for the token. Default: the runtime's own. */
  readonly transport?: Transport
  readonly clock?: Clock
  /** In milliseconds. Default 60,000. */
  readonly timeoutMs?: number
  readonly signal?: WebAbortSignal
}

/**
 * The token of a credential, for what discokit does not call: a database, gRPC, a registry, or somebody who was given
 * less power by `downscoped`. Ask again for each use: the token is kept, and renewed ahead of its end.
 *
 * ```ts
 * import { adc, bearerToken } from 'discokit/auth'
 *
 * const password = await bearerToken(adc())
 * ```
 *
 * It is a secret, and where it goes is the program's affair: no policy of origins holds for it.
 *
 * @throws {AuthError} when no token can be had, or the credential has none: reason `no_token`.
 */
export async function bearerToken(
  credentials: Credentials,
  options: BearerTokenOptions = {},
): Promise<string> {
  checkOptionNames('there is no token', options, OPTIONS)
  if (typeof credentials?.headers !== 'function')
    throw new ValidationError('there is no token', [
      { path: 'credentials', message: 'must be a credential, such as adc()' },
    ])
  const { url = 'https://www.googleapis.com/', scopes, timeoutMs = DEFAULT_TIMEOUT_MS, ...asking } = options
  const target = scopes ? { url, scopes } : { url }
  const { authorization } = await askAlone('the token', { ...asking, timeoutMs }, async (context) =>
    credentials.headers(target, context),
  )
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
  if (token !== undefined) return token
  throw new AuthError(`a credential of the kind '${credentials.kind}' has no token`, { reason: 'no_token' })
}

const OPTIONS = ['url', 'scopes', ...ASK_OPTIONS]
const DEFAULT_TIMEOUT_MS = 60_000
