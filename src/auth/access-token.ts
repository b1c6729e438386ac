import { ValidationError } from '../errors.ts'
import { isHeaderValue } from '../protocol/header-value.ts'
import type { Credentials } from '../transport/credentials.ts'

/**
 * An access token that the program has from elsewhere. It is never renewed: when it has expired, calls fail with
 * `UnauthenticatedError`.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { accessToken } from 'discokit/auth'
 *
 * const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
 * ```
 *
 * @throws {ValidationError} when the token is empty or cannot stand in a header.
 */
export function accessToken(token: string): Credentials {
  if (typeof token !== 'string' || token === '' || !isHeaderValue(token) || /\s/.test(token)) {
    throw new ValidationError('the access token cannot be used', [
      { path: 'token', message: "must be the text of a token, without 'Bearer ' and spaces" },
    ])
  }
  const headers = { authorization: `Bearer ${token}` }
  return { kind: 'access token', headers: () => headers }
}
