import type { RestDescription } from '../discovery/document.ts'
import { ValidationError } from '../errors.ts'
import { checkNames } from './check-names.ts'
import { methodsOf } from './methods-of.ts'
import type { Grant } from './refresh-tokens.ts'

/** Whose token, and what it may do. */
export interface AccessTokenOptions {
  /** Default `person@example.com`. */
  readonly email?: string
  /** Default: every scope of the documents that are served. */
  readonly scopes?: readonly string[]
}

/** What a person consents to, and how the refresh token that comes of it is. */
export interface AuthorizedUserOptions extends AccessTokenOptions {
  /** Whether each use of the refresh token gives another in its place. Default false. */
  readonly rotating?: boolean
}

/**
 * What a person has who consented to everything asked for.
 * @param what the function that was called, for errors
 * @throws {ValidationError} for an address or a scope that could be none.
 */
export function personGrant(
  what: string,
  documents: readonly RestDescription[],
  options: AuthorizedUserOptions,
): Grant {
  checkNames(what, options, ['email', 'scopes', ...(what === 'emulator.accessToken' ? [] : ['rotating'])])
  const {
    email = 'person@example.com',
    scopes = [...new Set(documents.flatMap(scopesOf))],
    rotating = false,
  } = options
  const problems = [
    ...(/^[^\s@]+@[^\s@]+$/.test(email) ? [] : [{ path: 'email', message: `'${email}' is not an address` }]),
    ...(Array.isArray(scopes) && scopes.length > 0
      ? []
      : [{ path: 'scopes', message: 'must be a list that names one at least' }]),
    ...[scopes]
      .flat()
      .flatMap((scope, i) =>
        /^[\x21-\x7e]+$/.test(scope) ? [] : [{ path: `scopes[${i}]`, message: `'${scope}' is not a scope` }],
      ),
  ]
  if (problems.length > 0) throw new ValidationError(what, problems)
  return { email, scopes, rotating }
}

function scopesOf(document: RestDescription): string[] {
  const named = Object.keys(document.auth?.oauth2?.scopes ?? {})
  return [...named, ...methodsOf(document).flatMap((method) => method.scopes ?? [])]
}
