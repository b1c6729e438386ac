import { type Problem, ValidationError } from '../errors.ts'
import { nearestName } from './nearest-name.ts'

/**
 * Refuses options that do not exist: a misspelt time limit or signal must not be passed over.
 * @param parent the option that they belong to, such as `retry`, where they are not options themselves
 * @throws {ValidationError} with the nearest name that does.
 */
export function checkOptionNames(
  what: string,
  options: object,
  known: readonly string[],
  parent?: string,
): void {
  if (typeof options !== 'object' || options === null)
    throw new ValidationError(what, [{ path: parent ?? 'options', message: 'must be an object' }])
  const problems: Problem[] = []
  for (const name in options) {
    if (known.includes(name)) continue
    const suggestion = nearestName(name, known)
    const path = parent === undefined ? name : `${parent}.${name}`
    const message = 'is not an option'
    problems.push(suggestion === undefined ? { path, message } : { path, message, suggestion })
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
