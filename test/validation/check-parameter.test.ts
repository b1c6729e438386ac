import { beforeEach, describe, expect, test } from 'vitest'
import type { RestParameter } from '../../src/discovery/document.ts'
import { compileParameterCheck } from '../../src/validation/check-parameter.ts'
import { needDocuments, readDocument } from '../documents/documents.ts'

const OK = undefined
const string = (format: string, more: RestParameter = {}): RestParameter => ({
  type: 'string',
  format,
  ...more,
})

describe('a parameter', () => {
  test.each<[RestParameter, [unknown, string | undefined][]]>([
    [
      { type: 'string' },
      [
        ['', OK],
        ['x', OK],
        [1, 'must be a string, not a number'],
        [0.8, 'must be a string, not a fraction'],
        [true, 'must be a string, not a boolean'],
        [['x'], 'must be a string, not a list'],
        [{}, 'must be a string, not an object'],
        [5n, 'must be a string, not a bigint'],
        [new Date(0), OK],
      ],
    ],
    [
      { type: 'string', enum: ['A', 'B'] },
      [
        ['A', OK],
        ['a', 'must be one of A, B'],
        [1, 'must be one of A, B, not a number'],
      ],
    ],
    [
      { type: 'string', pattern: 'a|b' },
      [
        ['a', OK],
        ['ab', 'must match a|b'],
        [1, 'must be a string, not a number'],
      ],
    ],
    [{ type: 'string', pattern: '(?!x)y' }, [['anything', OK]]],
    [
      { type: 'boolean' },
      [
        [true, OK],
        [false, OK],
        ['true', OK],
        ['yes', 'must be true or false, not a string'],
        [0, 'must be true or false, not a number'],
      ],
    ],
    [
      { type: 'integer', format: 'int32', minimum: '1', maximum: '100' },
      [
        [1, OK],
        [100, OK],
        [5n, OK],
        ['5', OK],
        [0, 'must be at least 1'],
        ['101', 'must be at most 100'],
        [1.5, 'must be an integer (int32), not a fraction'],
        ['x', 'must be an integer (int32), not a string'],
        ['', 'must be an integer (int32), not a string'],
        [true, 'must be an integer (int32), not a boolean'],
      ],
    ],
    [
      { type: 'integer', format: 'uint32' },
      [
        [4294967295, OK],
        [4294967296, 'must be at most 4294967295'],
        [-1, 'must be at least 0'],
      ],
    ],
    [
      { type: 'integer' },
      [
        [1e20, OK],
        [NaN, 'must be an integer, not NaN'],
      ],
    ],
    [
      string('int64'),
      [
        ['-9223372036854775808', OK],
        [2n ** 63n - 1n, OK],
        [5, OK],
        [2n ** 63n, 'must be at most 9223372036854775807'],
        [2 ** 53, 'must be exact: give so large a number as a text or a bigint'],
        ['x', 'must be an integer (int64)'],
      ],
    ],
    [
      string('uint64', { minimum: '5' }),
      [
        ['18446744073709551615', OK],
        [5, OK],
        [4, 'must be at least 5'],
        [-1, 'must be at least 0'],
      ],
    ],
    [
      { type: 'number', format: 'double', maximum: '1' },
      [
        [0.5, OK],
        ['0.5', OK],
        ['-1e3', OK],
        [1.5, 'must be at most 1'],
        ['1.5', 'must be at most 1'],
        [NaN, 'must be a number (double), not NaN'],
        ['half', 'must be a number (double), not a string'],
      ],
    ],
    [
      string('google-datetime'),
      [
        ['2026-01-31T12:00:00Z', OK],
        [new Date(0), OK],
        [new Date(NaN), 'must be a time such as 2026-01-31T12:00:00Z, not an invalid Date'],
        ['yesterday', 'must be a time such as 2026-01-31T12:00:00Z'],
      ],
    ],
    [
      string('date'),
      [
        ['2026-01-31', OK],
        ['2026-01-32', 'must be a date such as 2026-01-31'],
      ],
    ],
    [
      string('byte'),
      [
        ['YQ', OK],
        [new Uint8Array(1), 'must be a text, not a Uint8Array'],
      ],
    ],
    [
      string('google-fieldmask'),
      [
        ['a,b', OK],
        [['a'], 'must be a string, not a list'],
      ],
    ],
    [string('of-tomorrow'), [['anything', OK]]],
    [
      { type: 'object' },
      [
        [{ a: 1 }, OK],
        [[], 'must be an object, not a list'],
        ['{}', 'must be an object, not a string'],
      ],
    ],
  ])('%j', (parameter, cases) => {
    const check = compileParameterCheck(parameter)!
    expect(cases.map(([value]) => [value, check(value)])).toEqual(cases)
  })

  test.each<RestParameter>([{}, { type: 'any' }, { type: 'of-tomorrow' }])(
    '%j takes everything',
    (parameter) => {
      expect(compileParameterCheck(parameter)).toBeUndefined()
    },
  )
})

describe('parameters of real APIs', () => {
  beforeEach(needDocuments)

  const parameter = (document: string, resource: string, method: string, name: string): RestParameter =>
    readDocument(document).resources![resource]!.methods![method]!.parameters![name]!

  test('calendar: identifiers are texts', () => {
    const check = compileParameterCheck(parameter('calendar-v3', 'events', 'get', 'calendarId'))!
    expect(check('primary')).toBeUndefined()
    for (const value of [1, 0.8, true, ['primary']]) expect(check(value)).toContain('must be a string, not ')
  })

  test('youtube: one of a list is checked by itself', () => {
    const check = compileParameterCheck(parameter('youtube-v3', 'videos', 'list', 'part'))!
    expect([132, 'valid'].map(check)).toEqual(['must be a string, not a number', undefined])
  })

  test('compute: projects have a pattern', () => {
    const check = compileParameterCheck(parameter('compute-v1', 'instances', 'list', 'project'))!
    expect(check('my-project-1')).toBeUndefined()
    expect(check('example.com:my-project')).toBeUndefined()
    expect(check('my project')).toMatch(/^must match /)
  })
})
