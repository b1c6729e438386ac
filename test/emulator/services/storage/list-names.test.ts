import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  listNames,
  type NamePage,
  type NameQuery,
} from '../../../../src/emulator/services/storage/list-names.ts'
import { compareNames } from '../../../../src/protocol/name-order.ts'
import type { Mark } from '../../../../src/emulator/services/storage/page-token.ts'

const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\uffee', '😀'), maxLength: 6 })

describe('compareNames', () => {
  test('orders names as their UTF-8 bytes are ordered', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 8 }),
        fc.string({ unit: 'grapheme', maxLength: 8 }),
        (a, b) => {
          expect(Math.sign(compareNames(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
        },
      ),
    )
    expect(compareNames('\uffee', '😀')).toBeLessThan(0)
  })
})

describe('listNames', () => {
  test('shows every name or its prefix exactly once, whatever the size of the pages', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 25 }),
        fc.record({
          prefix: fc.oneof(fc.constant(''), name),
          delimiter: fc.constantFrom(undefined, '/', 'a/'),
          startOffset: fc.option(name, { nil: undefined }),
          endOffset: fc.option(name, { nil: undefined }),
          maxResults: fc.integer({ min: 1, max: 4 }),
        }),
        (names, query) => {
          const sorted = names.toSorted(compareNames)
          const got = allPages(sorted, query)
          expect(got.every((page) => page.names.length + page.prefixes.length <= query.maxResults)).toBe(true)
          const wanted = plainly(sorted, query)
          expect(got.flatMap((page) => page.names)).toEqual(wanted.names)
          expect(got.flatMap((page) => page.prefixes)).toEqual(wanted.prefixes)
        },
      ),
    )
  })

  test('ends with a page that has no mark, and never gives an empty page after it', () => {
    expect(listNames(['a', 'b'], { prefix: '', after: undefined, maxResults: 2 }).next).toBeUndefined()
    expect(listNames(['a', 'b'], { prefix: '', after: undefined, maxResults: 1 }).next).toEqual({ name: 'a' })
    expect(listNames([], { prefix: '', after: undefined, maxResults: 1 })).toEqual({
      names: [],
      prefixes: [],
      next: undefined,
    })
  })
})

function allPages(sorted: readonly string[], query: Omit<NameQuery, 'after'>): NamePage[] {
  const pages: NamePage[] = []
  let after: Mark | undefined
  do {
    pages.push(listNames(sorted, { ...query, after }))
    after = pages.at(-1)!.next
  } while (after)
  return pages
}

/** The same without jumps and pages. */
function plainly(
  sorted: readonly string[],
  { prefix, delimiter, startOffset, endOffset }: Omit<NameQuery, 'after'>,
): { names: string[]; prefixes: string[] } {
  const names: string[] = []
  const prefixes = new Set<string>()
  for (const each of sorted) {
    if (!each.startsWith(prefix)) continue
    if (startOffset !== undefined && compareNames(each, startOffset) < 0) continue
    if (endOffset !== undefined && compareNames(each, endOffset) >= 0) continue
    const at = delimiter === undefined ? -1 : each.indexOf(delimiter, prefix.length)
    if (at < 0) names.push(each)
    else prefixes.add(each.slice(0, at + delimiter!.length))
  }
  return { names, prefixes: [...prefixes] }
}
