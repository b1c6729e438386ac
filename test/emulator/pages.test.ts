import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pageSize, takePage } from '../../src/emulator/pages.ts'

const refused = expect.objectContaining({
  status: 400,
  details: { location: 'pageToken', locationType: 'parameter' },
})

/** Every page of a list, in order. */
function walk<Item>(list: readonly Item[], size: number, key: unknown = 'list'): (readonly Item[])[] {
  const pages: (readonly Item[])[] = []
  let token: string | undefined
  do {
    const page = takePage(list, { size, token, key })
    pages.push(page.items)
    token = page.nextPageToken
  } while (token !== undefined)
  return pages
}

describe('takePage', () => {
  test('gives every item once, in order, in full pages and one last one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer()),
        fc.integer({ min: 1, max: 12 }),
        fc.jsonValue(),
        (list, size, key) => {
          const pages = walk(list, size, key)
          expect(pages.flat()).toEqual(list)
          expect(pages).toHaveLength(Math.max(1, Math.ceil(list.length / size)))
          for (const page of pages.slice(0, -1)) expect(page).toHaveLength(size)
        },
      ),
    )
  })

  test('takes no token for the first page, as it takes an empty one', () => {
    for (const token of [undefined, '']) {
      expect(takePage(['a', 'b'], { size: 1, token, key: 1 }).items).toEqual(['a'])
    }
  })

  test('lets the size change on the way', () => {
    const list = ['a', 'b', 'c', 'd']
    const token = takePage(list, { size: 1, token: undefined, key: 1 }).nextPageToken
    expect(takePage(list, { size: 9, token, key: 1 })).toEqual({ items: ['b', 'c', 'd'] })
  })

  test.each([
    ['nothing happens', ['a', 'b', 'c', 'd'], ['c', 'd']],
    ['an item comes before', ['0', 'a', 'b', 'c', 'd'], ['c', 'd']],
    ['an item goes before', ['b', 'c', 'd'], ['c', 'd']],
    ['the last one given goes', ['a', 'c', 'd'], ['c', 'd']],
    ['all goes', [], []],
  ])('with ids goes on where it ended when %s', (_, now, next) => {
    const id = (item: string): string => item
    const token = takePage(['a', 'b', 'c', 'd'], { size: 2, token: undefined, key: 1, id }).nextPageToken
    expect(takePage<string>(now, { size: 2, token, key: 1, id }).items).toEqual(next)
  })

  test('refuses the token of another list', () => {
    const token = takePage(['a', 'b'], { size: 1, token: undefined, key: ['list', 'q=a'] }).nextPageToken
    expect(() => takePage(['a', 'b'], { size: 1, token, key: ['list', 'q=b'] })).toThrow(refused)
  })

  test.each(['x', '!', 'W10', btoa('{"a":1}'), btoa('[1,-1]'), btoa('[1,0]'), btoa('[1,1,1]'), btoa('null')])(
    'refuses the token %j',
    (token) => {
      expect(() => takePage(['a', 'b'], { size: 1, token, key: 1 })).toThrow(refused)
    },
  )

  test('refuses every position that is none, even where the list is the right one', () => {
    const { nextPageToken = '' } = takePage(['a', 'b'], { size: 1, token: undefined, key: 1 })
    const [binding] = JSON.parse(atob(nextPageToken)) as [number]
    for (const mark of [
      [binding, 0],
      [binding, -1],
      [binding, 0.5],
      [binding, '1'],
      [binding, 1, 2],
      [binding],
    ]) {
      const token = btoa(JSON.stringify(mark))
      expect(() => takePage(['a', 'b'], { size: 1, token, key: 1 })).toThrow(refused)
    }
  })
})

describe('pageSize', () => {
  test.each([
    [undefined, 100],
    [0, 100],
    [1, 1],
    [1000, 1000],
    [1001, 1000],
  ])('is for %s asked, 100 as a rule and 1000 at most, %s', (asked, size) => {
    expect(pageSize(asked, 100, 1000)).toBe(size)
  })

  test('cannot be negative', () => {
    expect(() => pageSize(-1, 100, 1000)).toThrow(expect.objectContaining({ status: 400 }))
  })
})
