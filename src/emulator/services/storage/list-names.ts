import { compareNames, firstIndex } from '../../../protocol/name-order.ts'
import type { Mark } from './page-token.ts'

/** What part of a list is wanted. */
export interface NameQuery {
  readonly prefix: string
  /** Names that have it after the prefix are folded into one entry of `prefixes`. */
  readonly delimiter?: string | undefined
  /** The first name, inclusive. */
  readonly startOffset?: string | undefined
  /** The end, exclusive. */
  readonly endOffset?: string | undefined
  /** Whether a name that ends with its only delimiter is listed as well as folded. */
  readonly includeTrailingDelimiter?: boolean
  readonly after: Mark | undefined
  /** Names and prefixes together. */
  readonly maxResults: number
}

/** One page of a list. */
export interface NamePage {
  readonly names: readonly string[]
  readonly prefixes: readonly string[]
  /** Where the next page begins; undefined on the last. */
  readonly next: Mark | undefined
}

/** One page out of names in order. Folded names are jumped over, so a page costs what it shows. */
export function listNames(sorted: readonly string[], query: NameQuery): NamePage {
  const { prefix, delimiter, startOffset, endOffset, includeTrailingDelimiter, after, maxResults } = query
  const listed = (name: string | undefined): name is string =>
    name !== undefined &&
    name.startsWith(prefix) &&
    (endOffset === undefined || compareNames(name, endOffset) < 0)
  const names: string[] = []
  const prefixes: string[] = []
  let next: Mark | undefined
  let at = Math.max(
    firstIndex(sorted, (name) => compareNames(name, prefix) >= 0),
    startOffset === undefined ? 0 : firstIndex(sorted, (name) => compareNames(name, startOffset) >= 0),
    after === undefined ? 0 : indexAfter(sorted, after),
  )
  for (let name = sorted[at]; listed(name); name = sorted[at]) {
    if (names.length + prefixes.length >= maxResults) return { names, prefixes, next }
    const fold = delimiter ? name.indexOf(delimiter, prefix.length) : -1
    if (fold < 0) {
      names.push(name)
      next = { name }
      at += 1
      continue
    }
    const folded = name.slice(0, fold + delimiter!.length)
    prefixes.push(folded)
    if (includeTrailingDelimiter && name === folded) names.push(name)
    next = { prefix: folded }
    at = indexAfter(sorted, next)
  }
  return { names, prefixes, next: undefined }
}

function indexAfter(sorted: readonly string[], mark: Mark): number {
  return 'name' in mark
    ? firstIndex(sorted, (name) => compareNames(name, mark.name) > 0)
    : firstIndex(sorted, (name) => compareNames(name, mark.prefix) >= 0 && !name.startsWith(mark.prefix))
}
