import { fromBase64, toBase64Url } from '../protocol/base64.ts'
import { crc32c } from '../protocol/crc32c.ts'
import { invalid, invalidParameter } from './api-failure.ts'

/** Which page of a list is asked for. */
export interface PageRequest<Item> {
  /** The number of items of a full page; see {@link pageSize}. */
  readonly size: number
  /** The token that the page before gave. Nothing and '' ask for the first page. */
  readonly token: string | undefined
  /** What makes the list this list: the method's id and every parameter that chooses or orders items. JSON. */
  readonly key: unknown
  /** What an item is known by. With it, items that come and go between two pages leave no gap and no repetition. */
  readonly id?: (item: Item) => string
}

/** A page, and the token of the next one where there is one. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextPageToken?: string
}

/**
 * One page of a list that is given whole and in order.
 * @throws {ApiFailure} 400 for a token that no page of this very list gave.
 */
export function takePage<Item>(
  list: readonly Item[],
  { size, token, key, id }: PageRequest<Item>,
): Page<Item> {
  const binding = crc32c(new TextEncoder().encode(JSON.stringify(key)))
  const start = token ? positionAfter(list, readMark(token, binding), id) : 0
  const end = start + size
  const items = list.slice(start, end)
  if (end >= list.length) return { items }
  const last = items.at(-1)
  const mark = [binding, end, ...(id && last !== undefined ? [id(last)] : [])]
  return { items, nextPageToken: toBase64Url(JSON.stringify(mark)) }
}

/**
 * The number of items of a page: `usual` when nothing or 0 is asked for, and never more than `largest`.
 * @throws {ApiFailure} 400 for a negative number.
 */
export function pageSize(asked: number | undefined, usual: number, largest: number): number {
  if (asked !== undefined && asked < 0) throw invalid(`A page cannot have ${asked} items.`)
  return Math.min(asked || usual, largest)
}

/** Where a page ended: after so many items, the last of which was known by `id`. */
interface Mark {
  readonly count: number
  readonly id: string | undefined
}

function positionAfter<Item>(
  list: readonly Item[],
  mark: Mark,
  idOf: ((item: Item) => string) | undefined,
): number {
  if (!idOf || mark.id === undefined) return mark.count
  const last = list.findIndex((item) => idOf(item) === mark.id)
  // Where the last item is gone, the one after it has moved up to its place.
  return last < 0 ? mark.count - 1 : last + 1
}

function readMark(token: string, binding: number): Mark {
  try {
    const mark: unknown = JSON.parse(new TextDecoder().decode(fromBase64(token)))
    if (Array.isArray(mark)) {
      const [bound, count, id] = mark as unknown[]
      const isId = id === undefined || typeof id === 'string'
      if (bound === binding && isPosition(count) && isId) return { count, id }
    }
  } catch {
    // Falls through to the refusal below.
  }
  throw invalidParameter('pageToken', 'The page token is not one that a page of this list gave.')
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}
