import { type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { askGcloud } from './program/ask-gcloud.ts'
import { type AccessToken, TokenCache } from './tokens/token-cache.ts'

/** Whom `gcloud` is asked for, and how. */
export interface GcloudOptions {
  /** One of the accounts that are logged in. Default: the active one. */
  readonly account?: string | undefined
  /** The address of a service account that the account may impersonate. */
  readonly impersonateServiceAccount?: string | undefined
  /** Fewer scopes than gcloud has. Only some kinds of account can. Default: all of them. */
  readonly scopes?: readonly string[] | undefined
  /** How long gcloud may take, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** The program. Default: `gcloud`, as the variable `PATH` finds it. */
  readonly command?: string | undefined
}

/**
 * The credential of whoever is logged in with `gcloud auth login`: asks the program `gcloud` for a token, and again before
 * the token ends. For the terminals of people; no search for credentials runs a program, so it is used when it is named.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { gcloudCli } from 'discokit/auth'
 *
 * const google = createClient({ auth: gcloudCli({ account: 'ada@example.com' }) })
 * ```
 *
 * Calls fail with an `AuthError`, reason `gcloud`, when there is no such program, nobody is logged in, or it gives no token.
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function gcloudCli(options: GcloudOptions = {}): Credentials {
  check(options)
  const given = structuredClone(options)
  const { timeoutMs = 30_000 } = given
  /** Whether Google did not take the last token: gcloud would give the same again. */
  let wasRefused = false

  async function fetchToken(context: CredentialsContext): Promise<AccessToken> {
    const token = await askGcloud({ ...given, timeoutMs }, wasRefused, context)
    wasRefused = false
    return token
  }

  // Its own time runs out first, and says of what.
  const tokens = new TokenCache(fetchToken, timeoutMs + MARGIN_MS)
  return {
    kind: 'gcloud',
    headers: (_, context) => tokens.headers(context),
    refused(headers) {
      wasRefused ||= tokens.current?.['authorization'] === headers['authorization']
      return tokens.refused(headers)
    },
    endsAt: () => tokens.endsAt,
  }
}

const MARGIN_MS = 5_000
const OPTIONS = ['account', 'impersonateServiceAccount', 'scopes', 'timeoutMs', 'command']
/** None begins with a dash, so none is taken for an option. */
const ACCOUNT = /^[A-Za-z0-9][\w.@+:/-]{0,500}$/
const SERVICE_ACCOUNT = /^[A-Za-z0-9][\w.@:-]{0,500}$/
const SCOPE = /^[A-Za-z][\w.:/-]{0,500}$/
const COMMAND = /^[^\p{Cc}-][^\p{Cc}]{0,4000}$/u

function check(options: GcloudOptions): void {
  const what = 'gcloud cannot be asked'
  checkOptionNames(what, options, OPTIONS)
  const { account, impersonateServiceAccount, scopes, timeoutMs, command } = options
  const problems: Problem[] = []
  const add = (path: string, message: string): void => void problems.push({ path, message })
  const isLike = (value: unknown, form: RegExp): boolean => typeof value === 'string' && form.test(value)
  if (account !== undefined && !isLike(account, ACCOUNT)) add('account', 'must be the name of an account')
  if (impersonateServiceAccount !== undefined && !isLike(impersonateServiceAccount, SERVICE_ACCOUNT))
    add('impersonateServiceAccount', 'must be the address of a service account')
  const areScopes = Array.isArray(scopes) && scopes.length > 0 && scopes.every((one) => isLike(one, SCOPE))
  if (scopes !== undefined && !areScopes) add('scopes', 'must be a list of scopes')
  const isTime = typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= 600_000
  if (timeoutMs !== undefined && !isTime)
    add('timeoutMs', 'must be a number of milliseconds, 600,000 at most')
  if (command !== undefined && !isLike(command, COMMAND)) add('command', 'must be the path of a program')
  if (problems.length > 0) throw new ValidationError(what, problems)
}
