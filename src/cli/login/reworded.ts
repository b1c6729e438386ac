import { AuthError, type DiscokitError } from '../../errors.ts'

/** The same failure, told to somebody in front of a terminal. */
export function reworded(error: DiscokitError, message: string): AuthError {
  if (!(error instanceof AuthError)) return new AuthError(message, { reason: error.code })
  const { reason, status, retryable } = error
  return new AuthError(message, { reason, ...(status !== undefined && { status }), retryable })
}
