import { type Problem, ValidationError } from '../errors.ts'
import { nearestName } from './nearest-name.ts'

/**
 * Refuses options that do not exist: a misspelt time limit or signal must not be passed over.
 * @throws {ValidationError} with the nearest name that does.
 */
export function checkOptionNames(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null)
    throw new ValidationError(what, [{ path: 'options', message: 'must be an object' }])
  const problems: Problem[] = []
  for (const name in options) {
    if (known.includes(name)) continue
    const suggestion = nearestName(name, known)
    const message = 'is not an option'
    problems.push(suggestion === undefined ? { path: name, message } : { path: name, message, suggestion })
  }
  if (problems.length > 0) throw new ValidationError(what, problems)
}

/** The options of a call, its upload and its download. */
export const CALL_OPTIONS: readonly string[] = [
  'signal',
  'timeoutMs',
  'retry',
  'headers',
  'extraQuery',
  'quotaProject',
  'onProgress',
  'upload',
  'validate',
  'maxAnswerBytes',
  'transform',
]
