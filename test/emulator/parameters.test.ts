import { describe, expect, test } from 'vitest'
import { ApiFailure } from '../../src/emulator/api-failure.ts'
import { type CallParameters, fitsPattern, readParameters } from '../../src/emulator/parameters.ts'
import type { RestParameter } from '../../src/discovery/document.ts'

function read(parameters: Record<string, RestParameter>, query: string): CallParameters {
  const document = { name: 'x', version: 'v1', rootUrl: 'https://x/', servicePath: '' }
  const method = { id: 'm', path: 'm', httpMethod: 'GET', parameters }
  return readParameters(document, method, {}, new URLSearchParams(query))
}

describe('readParameters', () => {
  test('gives values the types their document names', () => {
    const values = read(
      {
        text: { type: 'string' },
        count: { type: 'integer', format: 'uint32' },
        big: { type: 'string', format: 'int64' },
        ratio: { type: 'number', format: 'double' },
        flag: { type: 'boolean' },
        many: { type: 'integer', format: 'int32', repeated: true },
      },
      'text=a+b&count=7&big=9007199254740993&ratio=1.5e3&flag=true&many=1&many=-2&unknown=x',
    )
    expect(values.text('text')).toBe('a b')
    expect(values.number('count')).toBe(7)
    expect(values.int64('big')).toBe(9007199254740993n)
    expect(values.number('ratio')).toBe(1500)
    expect(values.flag('flag')).toBe(true)
    expect(values.all('many')).toEqual([1, -2])
    expect(values.text('unknown')).toBeUndefined()
    expect(values.number('text')).toBeUndefined()
  })

  test.each<[RestParameter, string]>([
    [{ type: 'integer', format: 'uint32' }, '-1'],
    [{ type: 'integer', format: 'int32' }, '2147483648'],
    [{ type: 'integer', format: 'int32' }, '1.0'],
    [{ type: 'integer' }, ''],
    [{ type: 'string', format: 'int64' }, 'x'],
    [{ type: 'string', format: 'int64' }, '9223372036854775808'],
    [{ type: 'string', format: 'uint64' }, '-1'],
    [{ type: 'number' }, 'NaN'],
    [{ type: 'boolean' }, 'yes'],
    [{ type: 'string', enum: ['a', 'b'] }, 'c'],
    [{ type: 'string', pattern: '[a-z]+' }, 'a1'],
    [{ type: 'integer', format: 'int32', minimum: '1', maximum: '5' }, '6'],
  ])('refuses %j the value %j with 400 invalidParameter', (parameter, value) => {
    const attempt = (): unknown => read({ p: parameter }, new URLSearchParams({ p: value }).toString())
    expect(attempt).toThrow(ApiFailure)
    expect(attempt).toThrow(
      expect.objectContaining({
        status: 400,
        reason: 'invalidParameter',
        details: expect.objectContaining({ location: 'p' }),
      }),
    )
  })

  test('refuses a call without a required parameter with 400 required', () => {
    expect(() => read({ project: { type: 'string', required: true } }, '')).toThrow(
      expect.objectContaining({
        status: 400,
        reason: 'required',
        message: 'Required parameter: project',
      }),
    )
  })
})

test.each([
  ['a', undefined, true],
  ['ab', 'a', false],
  ['b', 'a|b', true],
  ['x', '(?i)X', true],
])('%j fits the pattern %j: %s', (value, pattern, fits) => {
  expect(fitsPattern(value, pattern)).toBe(fits)
})
