import type { RestDescription } from '../discovery/document.ts'
import { ValidationError } from '../errors.ts'
import type { AccessTokens } from './access-tokens.ts'
import { checkNames } from './check-names.ts'
import { methodsOf } from './methods-of.ts'

/** Whose token, and what it may do. */
export interface AccessTokenOptions {
  /** Default `person@example.com`. */
  readonly email?: string
  /** Default: every scope of the documents that are served. */
  readonly scopes?: readonly string[]
}

/**
 * Gives out a token as a person has it who consented to everything asked for.
 * @throws {ValidationError} for an address or a scope that could be none.
 */
export function issuePersonToken(
  tokens: AccessTokens,
  documents: readonly RestDescription[],
  options: AccessTokenOptions,
): string {
  checkNames('emulator.accessToken', options, ['email', 'scopes'])
  const { email = 'person@example.com', scopes = [...new Set(documents.flatMap(scopesOf))] } = options
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
  if (problems.length > 0) throw new ValidationError('emulator.accessToken', problems)
  return tokens.issue({ email }, scopes)
}

function scopesOf(document: RestDescription): string[] {
  const named = Object.keys(document.auth?.oauth2?.scopes ?? {})
  return [...named, ...methodsOf(document).flatMap((method) => method.scopes ?? [])]
}
