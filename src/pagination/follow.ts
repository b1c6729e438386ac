import { type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { checkFields } from './check-fields.ts'
import { repeated, withToken } from './next-request.ts'
import { nextToken } from './next-token.ts'
import type { WalkOptions } from './page-walk.ts'
import type { Paging } from './paging.ts'
import { SeenTokens } from './seen-tokens.ts'

/**
 * Gives the request for the page after an answer, undefined when that was the last. Notices a list that would never
 * end, and one that has no way to go on.
 */
export function follow(
  first: PreparedRequest,
  paging: Paging,
): (page: unknown) => PreparedRequest | undefined {
  const seen = new SeenTokens()
  return (page) => {
    const token = nextToken(page, paging, first)
    if (token === undefined) {
      if (paging.request) checkFields(paging, first)
      return undefined
    }
    if (!paging.request) throw noWayOn(first.id)
    if (seen.repeats(token)) throw repeated(first.id)
    return withToken(first, paging.request, token)
  }
}

/** @throws {ValidationError} for options that there are not. */
export function checkWalkOptions(id: string, options: WalkOptions, further: readonly string[] = []): void {
  checkOptionNames(id, options, ['limit', 'prefetch', ...further])
  const { limit = Infinity, prefetch = false } = options
  const problems: Problem[] = []
  if (limit !== Infinity && !(Number.isInteger(limit) && limit >= 0)) {
    problems.push({ path: 'limit', message: 'must be a whole number from 0' })
  }
  if (typeof prefetch !== 'boolean') problems.push({ path: 'prefetch', message: 'must be true or false' })
  if (problems.length > 0) throw new ValidationError(id, problems)
}

function noWayOn(id: string): ValidationError {
  return new ValidationError(id, [
    {
      path: 'pageToken',
      message:
        'there are further pages, and no parameter of the method is known to ask for them; name it with ' +
        'google.pages(request, { requestToken }), or set limit',
    },
  ])
}
