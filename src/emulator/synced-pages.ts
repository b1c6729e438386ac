import { type Page, type PageRequest, takePage } from './pages.ts'

/** A page of a list that can be synchronised. */
export interface SyncedPage<Item> extends Page<Item> {
  /** On the last page: the change up to which the caller now knows everything. */
  readonly knownUpTo?: number
}

/**
 * One page, as {@link takePage} gives it. Its token carries the number of changes that there were at the first page:
 * what changes while the pages are read is for the next synchronisation.
 */
export function takeSyncedPage<Item>(
  list: readonly Item[],
  request: PageRequest<Item>,
  changes: number,
): SyncedPage<Item> {
  const [, count, token] = /^(\d+)\.(.*)$/.exec(request.token ?? '') ?? []
  const atFirst = count === undefined ? changes : Math.min(Number(count), changes)
  const { items, nextPageToken } = takePage(list, { ...request, token: token ?? request.token })
  return nextPageToken === undefined
    ? { items, knownUpTo: atFirst }
    : { items, nextPageToken: `${atFirst}.${nextPageToken}` }
}
