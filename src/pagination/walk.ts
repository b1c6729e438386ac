import { ValidationError } from '../errors.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { checkWalkOptions, follow } from './follow.ts'
import { itemsIn } from './items.ts'
import { ItemWalk } from './item-walk.ts'
import { type ComingPage, PageWalk, type PageSource, type WalkOptions } from './page-walk.ts'
import { type MethodListing, pagingOf, unpaged } from './paging.ts'

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
 * @throws {ValidationError} for options that there are not, and for the items of an answer that has no one list.
 */
export function walk(
  kind: 'pages' | 'items',
  { method, parameters, schemaOf, paging: known, request, first, ask }: Listing,
  options: WalkOptions = {},
): AsyncIterator<unknown, undefined> {
  checkWalkOptions(method.id, options)
  const paging = known ?? pagingOf(method, parameters, schemaOf) ?? unpaged(method, schemaOf)
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
  if (paging.items === null) throw noList(method.id)
  return new ItemWalk(new PageWalk(source, {}), (page) => itemsIn(page, method.id, paging.items), options)
}

function noList(id: string): ValidationError {
  return new ValidationError(id, [
    {
      path: 'items',
      message:
        'the answer has no list, or several of which none is the one; await the call, or go through pages()',
    },
  ])
}
