import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  encodeMultiSegment,
  encodePathSegment,
  parsePathTemplate,
  pathMatcher,
  pathValueProblem,
} from '../../src/protocol/path-template.ts'

/** Values of every kind that has ever led an address astray, and ordinary ones. */
const dotted = fc.string({
  unit: fc.constantFrom('.', '..', '/', '%', '%2e', '%2E', '%2f', '%2F', '%5c', '%00', 'a', '~'),
  maxLength: 8,
})
const special = fc.string({
  unit: fc.constantFrom(
    ...'\t\n\r\0\u001f\u007f\u0080\u009f\u00a0\u00ad\u200b\u2028\ufeff \\?#:@&=+$,;!\'()*[]{}<>|^`"'.split(
      '',
    ),
  ),
  maxLength: 8,
})
const unpaired = fc.string({
  unit: fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '🌍', 'é', 'e\u0301', '．', '／', '%', 'a'),
  maxLength: 8,
})
const printable = fc.string({ unit: 'grapheme', maxLength: 12 })
const ordinary = fc.string({ maxLength: 20 })

/** Values of every kind that has ever led an address astray, and ordinary ones. */
const anyValue = fc.oneof(
  dotted,
  special,
  unpaired,
  printable,
  ordinary,
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc
    .array(fc.oneof(dotted, special, printable, ordinary), { minLength: 2, maxLength: 5 })
    .map((segments) => segments.join('/')),
)

describe('parsePathTemplate', () => {
  test.each([
    { template: 'files', parts: ['files'] },
    {
      template: 'b/{bucket}/o/{object}',
      parts: ['b/', { name: 'bucket', multi: false }, '/o/', { name: 'object', multi: false }],
    },
    { template: 'v1/{+name}:cancel', parts: ['v1/', { name: 'name', multi: true }, ':cancel'] },
    { template: '{+name}', parts: [{ name: 'name', multi: true }] },
    {
      template: '{project}/managedZones/{managedZone}',
      parts: [{ name: 'project', multi: false }, '/managedZones/', { name: 'managedZone', multi: false }],
    },
    { template: 'v4/{a}{b}', parts: ['v4/', { name: 'a', multi: false }, { name: 'b', multi: false }] },
    { template: '$discovery/rest', parts: ['$discovery/rest'] },
    { template: '', parts: [] },
    { template: 'a/{}/b', parts: ['a/{}/b'] },
    { template: 'a/{b', parts: ['a/{b'] },
    { template: 'a}/b', parts: ['a}/b'] },
  ])('splits $template', ({ template, parts }) => {
    expect(parsePathTemplate(template)).toEqual(parts)
  })
})

describe('encodePathSegment', () => {
  test.each([
    { value: 'photo-1_a.b~c', encoded: 'photo-1_a.b~c' },
    { value: 'a/b', encoded: 'a%2Fb' },
    { value: 'a b', encoded: 'a%20b' },
    { value: 'a+b', encoded: 'a%2Bb' },
    { value: '100%', encoded: '100%25' },
    { value: '%2F', encoded: '%252F' },
    { value: '?q#f', encoded: '%3Fq%23f' },
    { value: "!'()*", encoded: '%21%27%28%29%2A' },
    { value: ':@&=$,;', encoded: '%3A%40%26%3D%24%2C%3B' },
    { value: '\\', encoded: '%5C' },
    { value: 'é', encoded: '%C3%A9' },
    { value: '世界', encoded: '%E4%B8%96%E7%95%8C' },
    { value: '🌍', encoded: '%F0%9F%8C%8D' },
  ])('writes $value as $encoded', ({ value, encoded }) => {
    expect(encodePathSegment(value)).toBe(encoded)
  })
})

describe('encodeMultiSegment', () => {
  test.each([
    { value: 'projects/p/topics/t', encoded: 'projects/p/topics/t' },
    { value: 'projects/example.com:p/topics/a b', encoded: 'projects/example.com%3Ap/topics/a%20b' },
    { value: 'a%2Fb/c', encoded: 'a%252Fb/c' },
    { value: 'name', encoded: 'name' },
    { value: "operations/it's(1)*", encoded: 'operations/it%27s%281%29%2A' },
  ])('writes $value as $encoded', ({ value, encoded }) => {
    expect(encodeMultiSegment(value)).toBe(encoded)
  })
})

describe('pathValueProblem', () => {
  test.each([
    { value: '', problem: 'is empty' },
    { value: '.', problem: "has '.' as a segment" },
    { value: '..', problem: "has '..' as a segment" },
    { value: 'a\0b', problem: 'has a control character' },
    { value: 'a\nb', problem: 'has a control character' },
    { value: 'a\u007f', problem: 'has a control character' },
    { value: '\u0085', problem: 'has a control character' },
    { value: 'a\ud800', problem: 'has half of a surrogate pair' },
    { value: '\udc00a', problem: 'has half of a surrogate pair' },
    { value: '\udf0d\ud83c', problem: 'has half of a surrogate pair' },
  ])('reports that $value $problem, with or without slashes allowed', ({ value, problem }) => {
    expect(pathValueProblem(value, false)).toBe(problem)
    expect(pathValueProblem(value, true)).toBe(problem)
  })

  test.each([
    { value: '/', problem: 'has an empty segment' },
    { value: '/a', problem: 'has an empty segment' },
    { value: 'a/', problem: 'has an empty segment' },
    { value: 'a//b', problem: 'has an empty segment' },
    { value: 'a/./b', problem: "has '.' as a segment" },
    { value: 'a/..', problem: "has '..' as a segment" },
    { value: '../a', problem: "has '..' as a segment" },
    { value: 'projects/p/../../q', problem: "has '..' as a segment" },
  ])('reports that $value $problem where slashes divide', ({ value, problem }) => {
    expect(pathValueProblem(value, true)).toBe(problem)
    expect(pathValueProblem(value, false)).toBeUndefined()
  })

  test.each([
    'a',
    '0',
    '...',
    '.a',
    'a.',
    '..a',
    '.hidden.',
    ' ',
    ' .. ',
    '%2e',
    '%2e%2e',
    '%2F',
    '..%2f..',
    '\\',
    '..\\..',
    '?',
    '#',
    ':cancel',
    '@',
    '~',
    'é',
    '世界',
    '🌍',
    '．．',
    '\u00a0',
    '\u2028',
    '__proto__',
  ])('finds none in %j', (value) => {
    expect(pathValueProblem(value, false)).toBeUndefined()
    expect(pathValueProblem(value, true)).toBeUndefined()
  })

  test('finds none in any text that begins with a letter and has no slash, control character or half pair', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (rest) => {
        const value = `a${rest.replace(/[\p{Cc}/]/gu, '')}`
        expect(pathValueProblem(value, false)).toBeUndefined()
        expect(pathValueProblem(value, true)).toBeUndefined()
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('pathMatcher', () => {
  test.each([
    {
      template: 'b/{bucket}/o/{object}',
      path: 'b/photos/o/a%2Fb.png',
      values: { bucket: 'photos', object: 'a/b.png' },
    },
    { template: 'b/{bucket}/o', path: 'b/photos/o', values: { bucket: 'photos' } },
    { template: 'b', path: 'b', values: {} },
    { template: 'v1/{+name}:cancel', path: 'v1/operations/1:cancel', values: { name: 'operations/1' } },
    { template: 'v1/{+name}:cancel', path: 'v1/a:cancel:cancel', values: { name: 'a:cancel' } },
    { template: 'v1/{+name}', path: 'v1/projects/p/topics/%C3%A9', values: { name: 'projects/p/topics/é' } },
    {
      template: 'v1/{+parent}/items/{id}',
      path: 'v1/p/items/items/items/1',
      values: { parent: 'p/items/items', id: '1' },
    },
    { template: 'a.b/{x}', path: 'a.b/1', values: { x: '1' } },
    { template: '$discovery/(x)/{y}', path: '$discovery/(x)/1', values: { y: '1' } },
    { template: 'a/{x}', path: 'a/100%25', values: { x: '100%' } },
    { template: 'a/{x}', path: 'a/b+c', values: { x: 'b+c' } },
  ])('finds the values of $template in $path', ({ template, path, values }) => {
    expect(pathMatcher(template)(path)).toEqual(values)
  })

  test.each([
    { template: 'b/{bucket}', path: '' },
    { template: 'b/{bucket}', path: 'b/' },
    { template: 'b/{bucket}', path: '/b/photos' },
    { template: 'b/{bucket}', path: 'b/photos/' },
    { template: 'b/{bucket}', path: 'b/photos/o' },
    { template: 'b/{bucket}', path: 'B/photos' },
    { template: 'b/{bucket}', path: 'bb/photos' },
    { template: 'b/{bucket}', path: 'x/b/photos' },
    { template: 'a.b/{x}', path: 'a-b/1' },
    { template: 'v1/{+name}:cancel', path: 'v1/operations/1' },
    { template: 'v1/{+name}:cancel', path: 'v1/:cancel' },
    { template: 'v1/{+name}:cancel', path: 'v1/operations/1:cancelled' },
    { template: 'b/{bucket}', path: 'b/100%' },
    { template: 'b/{bucket}', path: 'b/%zz' },
    { template: 'b/{bucket}', path: 'b/%ff' },
    { template: 'b/{bucket}', path: 'b/%ed%a0%80' },
    { template: 'b/{bucket}', path: 'b/%c0%ae' },
  ])('finds nothing of $template in $path', ({ template, path }) => {
    expect(pathMatcher(template)(path)).toBeUndefined()
  })

  test('gives back a variable of any name, also __proto__', () => {
    expect(Object.entries(pathMatcher('{__proto__}/{constructor}')('a/b')!)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })
})

describe('an address made of a template and any values', () => {
  const matchObject = pathMatcher('b/{x}/o/{y}')
  const matchCancel = pathMatcher('v1/{+name}:cancel')

  /** Whether an address parser leaves the path alone, byte for byte. */
  function staysAsBuilt(path: string): boolean {
    const { pathname, search, hash, host } = new URL(`https://h/${path}`)
    return pathname === `/${path}` && search === '' && hash === '' && host === 'h'
  }

  test('is the address that was meant, or one of its values has a problem', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(anyValue, anyValue, (x, y) => {
        if (pathValueProblem(x, false) === undefined && pathValueProblem(y, false) === undefined) {
          const path = `b/${encodePathSegment(x)}/o/${encodePathSegment(y)}`
          const values = matchObject(path)
          if (!staysAsBuilt(path) || values?.['x'] !== x || values['y'] !== y) return false
        }
        if (pathValueProblem(x, true) === undefined) {
          const path = `v1/${encodeMultiSegment(x)}:cancel`
          if (!staysAsBuilt(path) || matchCancel(path)?.['name'] !== x) return false
        }
        return true
      }),
      { numRuns: 100_000 },
    )
  })

  test.each(['{x}', '{+x}', 'v1/{+x}', '{+x}/items', 'v3/{x}:run', 'a/{x}/b/{+x}'])(
    'holds for %s as well',
    (template) => {
      const match = pathMatcher(template)
      const parts = parsePathTemplate(template)
      const multi = template.includes('+')
      fc.assert(
        fc.property(anyValue, (x) => {
          if (pathValueProblem(x, false) !== undefined || pathValueProblem(x, multi) !== undefined)
            return true
          const pieces = parts.map((part) => {
            if (typeof part === 'string') return part
            return part.multi ? encodeMultiSegment(x) : encodePathSegment(x)
          })
          return staysAsBuilt(pieces.join('')) && match(pieces.join(''))?.['x'] === x
        }),
        { numRuns: 2_000 },
      )
    },
  )
})
