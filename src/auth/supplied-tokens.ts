import { type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { isScopes } from './user/user-options.ts'
import { readSuppliedToken, type SuppliedToken } from './user/supplied-token.ts'
import { tokenCredentials } from './tokens/token-credentials.ts'

/** Where the tokens of a program come from. */
export interface SuppliedTokensOptions {
  /**
   * Gets a new access token. It is asked when there is none, when the one there is nears its end, and when a server refused it; once
   * for any number of callers. What it throws, those who wait are told.
   * @param scopes those of the options
   * @param context what to ask others through: the client's own transport, clock and time
   */
  readonly getToken: (
    scopes: readonly string[] | undefined,
    context: CredentialsContext,
  ) => SuppliedToken | Promise<SuppliedToken>
  /** What the tokens may do: told to `getToken`. */
  readonly scopes?: readonly string[] | undefined
  /** The project that is charged, sent as `x-goog-user-project` unless the call names one. */
  readonly quotaProject?: string | undefined
}

/**
 * The credential of a program that gets its access tokens itself, such as from a broker of the company's that keeps the refresh
 * tokens. They are kept, and renewed ahead of their end.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { suppliedTokens } from 'discokit/auth'
 *
 * async function getToken() {
 *   const answer = await fetch('https://broker.example.com/token')
 *   const { token, lifetimeSeconds } = await answer.json()
 *   return { accessToken: token, expiresAt: Date.now() + lifetimeSeconds * 1000 }
 * }
 * const google = createClient({ auth: suppliedTokens({ getToken }) })
 * ```
 *
 * Calls fail with an `AuthError` when what it gave is no token and a time (reason `invalid_token`), or has ended already
 * (`token_expired`).
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function suppliedTokens(options: SuppliedTokensOptions): Credentials {
  check(options)
  const { getToken, scopes: given, quotaProject } = options
  const scopes = given && Object.freeze([...given])
  return {
    ...tokenCredentials({
      kind: 'supplied tokens',
      quotaProject,
      fetchToken: async (context) =>
        readSuppliedToken(await getToken(scopes, context), context.clock.now(), 'getToken'),
    }),
    grantedScopes: async () => scopes,
  }
}

function check(options: SuppliedTokensOptions | undefined): void {
  checkOptionNames(WHAT, options ?? {}, ['getToken', 'scopes', 'quotaProject'])
  const { getToken, scopes } = options ?? {}
  const problems: Problem[] = [
    ...(typeof getToken === 'function' ? [] : [{ path: 'getToken', message: 'must be a function' }]),
    ...(isScopes(scopes) ? [] : [{ path: 'scopes', message: 'must be a list of scopes' }]),
  ]
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
}

const WHAT = 'the supplied tokens cannot be used'
