import { ValidationError } from '../errors.ts'

/**
 * Refuses options that there are not: a misspelt list of scopes must not stand for all of them.
 * @throws {ValidationError}
 */
export function checkNames(what: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((name) => !known.includes(name))
  if (unknown.length === 0) return
  throw new ValidationError(
    what,
    unknown.map((path) => ({ path, message: `is not an option; there are ${known.join(', ')}` })),
  )
}
