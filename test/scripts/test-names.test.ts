/** What the check of the scenarios takes for the name of a test. */
import { expect, test } from 'vitest'
import { testNames } from '../../scripts/test-names.ts'

test.each([
  ["test('[1] a', () => {})", ['[1] a']],
  ["describe('[1] of', () => { test('[2] a', async () => {}) })", ['[2] a']],
  ['test(`[1] with ${name}`, () => {})', ['[1] with …']],
  ["test.each([1, 2])('[3] with %i', () => {})", ['[3] with 1', '[3] with 2']],
  ["test.each([['[4] when', 5], ['[6] if', 7]])('%s', () => {})", ['[4] when', '[6] if']],
  ["test.for([[8, { a: [9] }]])('[%i] with %j', () => {})", ['[8] with …']],
  ["test.each<[number]>([[10]])('[%i] typed', () => {})", ['[10] typed']],
  ["const ROWS = [['[1] a']]; test.each(ROWS)('%s', () => {})", ['[1] a']],
  ["test.each(ROWS)('[11] of a table elsewhere: %s', () => {})", ['[11] of a table elsewhere: …']],
])('a test has its name: %s', (text, names) => {
  expect(testNames(text)).toEqual(names)
})

test.each([
  "// test('[1] a', () => {})",
  "const text = `test('[1] a', () => {})`",
  "expect({ extra: { a: [1] } }).toBe('[1] a')",
  "test.each([])('[1] a', () => {})",
  "other.each([1])('[1] a', () => {})",
])('nothing else is one: %s', (text) => {
  expect(testNames(text)).toEqual([])
})

test.each(['skip', 'todo', 'skipIf(true)', 'skip.each([1])'])('nor is one that is left out by %s', (way) => {
  expect(testNames(`test.${way}('[1] a', () => {})`)).toEqual([])
  expect(testNames(`describe.${way}('b', () => { test('[1] a', () => {}) })`)).toEqual([])
})
