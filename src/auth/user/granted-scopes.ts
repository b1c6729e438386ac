import { AuthError } from '../../errors.ts'

/**
 * Refuses a token that may do less than was asked for, where the server says what it may do (RFC 6749 section 3.3).
 * @throws {AuthError} reason `scope_shortfall`, with the scopes that are missing in the message.
 */
export function checkGrantedScopes(
  asked: readonly string[] | undefined,
  granted: unknown,
  what: string,
): void {
  if (asked === undefined || typeof granted !== 'string') return
  const given = granted.split(' ')
  const missing = asked.filter(
    (scope) => !given.includes(scope) && !given.includes(FULL_NAMES[scope] ?? scope),
  )
  if (missing.length === 0) return
  throw new AuthError(
    `the token for ${what} lacks scopes that were asked for: ${missing.join(' ')}. The person has to consent to them`,
    { reason: 'scope_shortfall' },
  )
}

/** Google takes these short names, and answers with the long ones. */
const FULL_NAMES: Readonly<Record<string, string>> = {
  email: 'https://www.googleapis.com/auth/userinfo.email',
  profile: 'https://www.googleapis.com/auth/userinfo.profile',
}
