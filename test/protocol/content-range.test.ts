import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatContentRange,
  parseContentRange,
  parseRange,
  resolveRange,
} from '../../src/protocol/content-range.ts'

const position = fc.oneof(fc.nat(), fc.maxSafeNat())

/** Any range that can be: `last` not before `first`, and `total` past it or not known. */
const anyContentRange = fc
  .tuple(position, position, fc.option(position))
  .map(([a, b, more]) => ({ first: Math.min(a, b), last: Math.max(a, b), more }))
  .map(({ first, last, more }) => ({ first, last, total: more === null ? undefined : last + 1 + more }))
  .filter(({ total }) => total === undefined || Number.isSafeInteger(total))

describe('formatContentRange', () => {
  test.each([
    { range: { first: 0, last: 99, total: 200 }, header: 'bytes 0-99/200' },
    { range: { first: 42, last: 1233, total: 1234 }, header: 'bytes 42-1233/1234' },
    { range: { first: 42, last: 1233, total: undefined }, header: 'bytes 42-1233/*' },
    { range: { first: 0, last: 0, total: 1 }, header: 'bytes 0-0/1' },
    {
      range: { first: 0, last: 5_497_558_138_879, total: 5_497_558_138_880 },
      header: 'bytes 0-5497558138879/5497558138880',
    },
  ])('writes $header', ({ range, header }) => {
    expect(formatContentRange(range)).toBe(header)
  })
})

describe('parseContentRange', () => {
  test.each([
    { header: 'bytes 42-1233/1234', range: { first: 42, last: 1233, total: 1234 } },
    { header: 'bytes 42-1233/*', range: { first: 42, last: 1233, total: undefined } },
    { header: 'bytes 0-0/1', range: { first: 0, last: 0, total: 1 } },
    { header: ' bytes 0-99/200 ', range: { first: 0, last: 99, total: 200 } },
    { header: 'Bytes 0-99/200', range: { first: 0, last: 99, total: 200 } },
  ])('reads $header', ({ header, range }) => {
    expect(parseContentRange(header)).toEqual(range)
  })

  test('reads back every range that formatContentRange writes', () => {
    fc.assert(
      fc.property(anyContentRange, (range) => {
        expect(parseContentRange(formatContentRange(range))).toEqual(range)
      }),
      { numRuns: 1_000 },
    )
  })

  test.each([
    undefined,
    '',
    'bytes',
    'bytes */200',
    'bytes */*',
    'bytes 0-*/*',
    'bytes 100-99/200',
    'bytes 0-200/200',
    'bytes 0-99/0',
    'bytes -99/200',
    'bytes 0-/200',
    'bytes 0-99',
    'bytes 0-99/',
    'bytes=0-99/200',
    'bytes: 0-99/200',
    'bytes 0 - 99/200',
    'bytes 0-99/200, bytes 100-199/200',
    'bytes 0-99/200\nbytes 0-99/200',
    'bytes 0x0-0x9/200',
    'bytes +0-99/200',
    'bytes 0-9.5/200',
    'bytes 0-1e2/200',
    'bytes ٠-٩/١٠',
    'items 0-99/200',
    'bytes 0-9007199254740992/*',
    'bytes 0-99/9007199254740993',
  ])('gives undefined for %j', (header) => {
    expect(parseContentRange(header)).toBeUndefined()
  })
})

describe('parseRange', () => {
  test.each([
    // RFC 9110 section 14.1.2
    { header: 'bytes=0-499', range: { first: 0, last: 499 } },
    { header: 'bytes=500-999', range: { first: 500, last: 999 } },
    { header: 'bytes=-500', range: { suffix: 500 } },
    { header: 'bytes=9500-', range: { first: 9500 } },
    { header: 'bytes=0-0', range: { first: 0, last: 0 } },
    { header: 'bytes=-0', range: { suffix: 0 } },
    { header: ' bytes=0-0 ', range: { first: 0, last: 0 } },
    { header: 'BYTES=0-0', range: { first: 0, last: 0 } },
    { header: 'bytes=0-262143', range: { first: 0, last: 262_143 } },
  ])('reads $header', ({ header, range }) => {
    expect(parseRange(header)).toEqual(range)
  })

  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=--1',
    'bytes=1',
    'bytes=5-4',
    'bytes=0-0,-1',
    'bytes=0-1, 5-9',
    'bytes 0-499',
    'bytes=a-b',
    'bytes=0-4.5',
    'bytes=0-499/1000',
    'seconds=0-1',
  ])('gives undefined for %j', (header) => {
    expect(parseRange(header)).toBeUndefined()
  })
})

describe('resolveRange', () => {
  test.each([
    { range: { first: 0, last: 499 }, total: 1000, bytes: { first: 0, last: 499 } },
    { range: { first: 500 }, total: 1000, bytes: { first: 500, last: 999 } },
    { range: { first: 500, last: 5000 }, total: 1000, bytes: { first: 500, last: 999 } },
    { range: { first: 999, last: 999 }, total: 1000, bytes: { first: 999, last: 999 } },
    { range: { first: 0, last: Infinity }, total: 1000, bytes: { first: 0, last: 999 } },
    { range: { suffix: 1 }, total: 1000, bytes: { first: 999, last: 999 } },
    { range: { suffix: 500 }, total: 1000, bytes: { first: 500, last: 999 } },
    { range: { suffix: 5000 }, total: 1000, bytes: { first: 0, last: 999 } },
  ])('takes $range of $total bytes as $bytes', ({ range, total, bytes }) => {
    expect(resolveRange(range, total)).toEqual(bytes)
  })

  test.each([
    { range: { first: 1000 }, total: 1000 },
    { range: { first: 1000, last: 2000 }, total: 1000 },
    { range: { first: Infinity }, total: 1000 },
    { range: { suffix: 0 }, total: 1000 },
    { range: { first: 0 }, total: 0 },
    { range: { first: 0, last: 0 }, total: 0 },
    { range: { suffix: 5 }, total: 0 },
  ])('finds nothing for $range of $total bytes', ({ range, total }) => {
    expect(resolveRange(range, total)).toBeUndefined()
  })

  test('names exactly the bytes that the header asks for and that exist', () => {
    const small = fc.nat({ max: 30 })
    const header = fc.oneof(
      fc.tuple(small, small).map(([first, length]) => ({
        header: `bytes=${first}-${first + length}`,
        first,
        end: first + length + 1,
      })),
      small.map((first) => ({ header: `bytes=${first}-`, first, end: Infinity })),
      small.map((suffix) => ({ header: `bytes=-${suffix}`, first: -suffix, end: Infinity })),
    )
    fc.assert(
      fc.property(header, small, ({ header, first, end }, total) => {
        const bytes = Array.from({ length: total }, (_, i) => i)
        const from = first < 0 || Object.is(first, -0) ? total + first : first
        const expected = bytes.filter((i) => i >= from && i < end)
        const found = resolveRange(parseRange(header)!, total)
        expect(found ? bytes.slice(found.first, found.last + 1) : []).toEqual(expected)
      }),
      { numRuns: 1_000 },
    )
  })
})
