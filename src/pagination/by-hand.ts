import type { CallOptions } from '../options.ts'
import { withExtraQuery } from '../request/extra-query.ts'
import { CALL_OPTIONS } from '../request/option-names.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { checkWalkOptions, follow } from './follow.ts'
import { nextRequest, type PageTokens, pagingBy } from './next-request.ts'
import { type ComingPage, PageWalk, type WalkOptions } from './page-walk.ts'

/** Options of `google.pages`: how pages are named, how far to go, and what every request may have. */
export interface PagesOptions extends PageTokens, WalkOptions, CallOptions {}

/** One answer of several to a prepared request. */
export interface Page<Result> {
  /** The content of the answer. */
  readonly data: Result
  /** The request for the page after this one, unsent; null when this is the last. */
  next(): PreparedRequest<Result> | null
}

/**
 * The pages of a prepared request.
 * @param ask sends a request
 * @throws {ValidationError} for options that there are not.
 */
export function walkPrepared<Result>(
  prepared: PreparedRequest<Result>,
  options: PagesOptions,
  ask: (request: PreparedRequest, options: CallOptions) => ComingPage<unknown>,
): AsyncIterator<Page<Result>, undefined> {
  // Pages are given as they came.
  const { transform: _, ...given } = options
  const { requestToken, responseToken, in: where, limit, prefetch, extraQuery, ...callOptions } = given
  const tokens = { requestToken, responseToken, in: where }
  checkWalkOptions(prepared.id, options, [...CALL_OPTIONS, ...Object.keys(tokens)])
  const first = withExtraQuery(prepared, extraQuery)
  const requestAfter = follow(first, pagingBy(tokens))
  const pageOf = (request: PreparedRequest<Result>): ComingPage<Page<Result>> => {
    const { content, cancel } = ask(request, callOptions)
    const page = (data: unknown): Page<Result> => ({
      data: data as Result, // as the request says
      next: () => nextRequest(request, data, tokens),
    })
    return { content: content.then(page), cancel }
  }
  return new PageWalk(
    {
      first: () => pageOf(first),
      after({ data }) {
        const next = requestAfter(data)
        return next && pageOf(next as PreparedRequest<Result>)
      },
    },
    { limit, prefetch },
  )
}
