import { AuthError } from '../../errors.ts'

/** The same failure, told to somebody in front of a terminal. */
export function reworded({ reason, status, retryable }: AuthError, message: string): AuthError {
  return new AuthError(message, { reason, ...(status !== undefined && { status }), retryable })
}
