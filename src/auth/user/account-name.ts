import { ValidationError } from '../../errors.ts'

/**
 * Takes a text for the name of an account: any, with slashes and dots too. A store that makes a path or a key of it has to escape it.
 * @param what what cannot be done without, for errors
 * @throws {ValidationError} for what is no text of 1 to 200 characters, or has control characters or halves of characters in it.
 */
export function checkAccount(account: unknown, what: string): asserts account is string {
  if (isAccount(account)) return
  throw new ValidationError(what, [{ path: 'account', message: NO_ACCOUNT }])
}

/** Halves of characters become others on their way, and so two accounts one. */
export function isAccount(account: unknown): account is string {
  return typeof account === 'string' && /^[^\p{Cc}\p{Cs}]{1,200}$/u.test(account)
}

export const NO_ACCOUNT = 'must be a text of 1 to 200 characters without control characters'
