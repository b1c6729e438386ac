import { type Problem, ValidationError } from '../errors.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { itemsIn } from './items.ts'
import { ItemWalk } from './item-walk.ts'
import { repeated, withToken } from './next-request.ts'
import { checkFields, nextToken } from './next-token.ts'
import { type ComingPage, PageWalk, type PageSource, type WalkOptions } from './page-walk.ts'
import { type MethodListing, type Paging, pagingOf, unpaged } from './paging.ts'
import { SeenTokens } from './seen-tokens.ts'

/** The list that begins with the answer of a call. */
export interface Listing extends MethodListing {
  readonly request: PreparedRequest
  /** The page at hand. */
  readonly first: PromiseLike<unknown>
  /** Sends the request for another. */
  readonly ask: (request: PreparedRequest) => ComingPage<unknown>
}

/**
 * Goes through a list by pages or by items.
 * @throws {ValidationError} for options that there are not.
 */
export function walk(
  kind: 'pages' | 'items',
  { method, parameters, schemaOf, request, first, ask }: Listing,
  options: WalkOptions = {},
): AsyncIterator<unknown, undefined> {
  checkWalkOptions(method.id, options)
  const paging = pagingOf(method, parameters, schemaOf) ?? unpaged(method, schemaOf)
  const requestAfter = follow(request, paging)
  const source: PageSource<unknown> = {
    // The call is its caller's: a walk that ends early does not end it.
    first: () => ({ content: first, cancel() {} }),
    after(page) {
      const next = requestAfter(page)
      return next && ask(next)
    },
  }
  if (kind === 'pages') return new PageWalk(source, options)
  return new ItemWalk(new PageWalk(source, {}), (page) => itemsIn(page, method.id, paging.items), options)
}

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
