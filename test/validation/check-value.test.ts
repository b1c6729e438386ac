import { beforeEach, describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../src/discovery/document.ts'
import type { Problem } from '../../src/errors.ts'
import { checkValue } from '../../src/validation/check-value.ts'
import { needDocuments, readDocument } from '../documents/documents.ts'

type Schemas = Readonly<Record<string, JsonSchema>>

function problems(value: unknown, schema: JsonSchema, schemas: Schemas = {}, methodId?: string): Problem[] {
  const found: Problem[] = []
  const context = {
    schema: (name: string) => (Object.hasOwn(schemas, name) ? schemas[name] : undefined),
    ...(methodId !== undefined && { methodId }),
  }
  checkValue(value, schema, 'body', context, found)
  return found
}

const messages = (value: unknown, schema: JsonSchema): string[] =>
  problems(value, schema).map(({ path, message }) => (path === 'body' ? message : `${path}: ${message}`))

const string = (format: string, more: JsonSchema = {}): JsonSchema => ({ type: 'string', format, ...more })
const integer = (format: string, more: JsonSchema = {}): JsonSchema => ({ type: 'integer', format, ...more })
const toISOString = { toJSON: () => '2026-01-31T12:00:00Z' }

describe('what is good', () => {
  test.each<[JsonSchema, unknown[]]>([
    [{ type: 'string' }, ['', 'x', '🌍', null, undefined, { toJSON: () => 'x' }]],
    [{ type: 'boolean' }, [true, false, null]],
    [{ type: 'integer' }, [0, -1, 1e15, 10n, null]],
    [integer('int32'), [-2147483648, 2147483647, -2147483648n, 0]],
    [integer('uint32'), [0, 4294967295]],
    [integer('int64'), [2 ** 53 - 1, -(2n ** 63n)]],
    [{ type: 'number' }, [0, 1, 1.5, -1e300, 3n]],
    [{ type: 'number', format: 'double' }, [1, 1.5, 1e308, 'NaN', 'Infinity', '-Infinity']],
    [{ type: 'number', format: 'float' }, [1, 1.5, 3.4e38, -3.4e38]],
    [string('int64'), ['0', '-9223372036854775808', '9223372036854775807', 5, -5n, 2n ** 63n - 1n]],
    [string('uint64'), ['0', '18446744073709551615', 5, 2n ** 64n - 1n]],
    [string('byte'), ['', 'YQ==', 'YQ', 'YWI=', '-_-_', '+/+/', new Uint8Array(3), Buffer.from('a')]],
    [string('date'), ['2026-01-31', '2024-02-29', '2000-02-29', '0004-02-29', '0001-01-01']],
    [
      string('google-datetime'),
      [
        '2026-01-31T12:00:00Z',
        '2026-01-31t12:00:00.123456789z',
        '2026-01-31T12:00:00+05:30',
        '2016-12-31T23:59:60Z',
        new Date(0),
        toISOString,
      ],
    ],
    [string('date-time'), ['2026-01-31T12:00:00', '2026-01-31T12:00:00.5-08:00', new Date()]],
    [string('google-duration'), ['1s', '1.5s', '-0.000000001s', '315576000000s']],
    [string('google-fieldmask'), ['a', 'a,b.c', '*', 'items(id)']],
    [string('of-tomorrow'), ['anything']],
    [{ type: 'of-tomorrow' }, [1, 'x', {}, []]],
    [{}, [1, 'x', {}, [], Symbol('x')]],
    [{ type: 'any' }, [1, 'x', { a: { b: 1n } }, [[]], true]],
    [{ type: 'string', enum: ['A', 'B'] }, ['A', 'B']],
    [{ type: 'string', enum: [] }, ['A']],
    [{ type: 'string', pattern: 'a+' }, ['a', 'aaa']],
    [{ type: 'string', pattern: '(?=unsupported)' }, ['anything']],
    [integer('int32', { minimum: '1', maximum: '100' }), [1, 100, 50n]],
    [string('uint64', { minimum: '10', maximum: '18446744073709551614' }), ['10', '18446744073709551614']],
    [
      { type: 'object' },
      [
        {},
        { a: 1 },
        Object.create(null),
        new (class A {
          a = 1
        })(),
      ],
    ],
    [{ type: 'object', format: 'google.protobuf.Value' }, [1, 'x', [1], { a: 1 }]],
    [{ type: 'object', format: 'google.protobuf.Any', properties: { a: {} } }, [{ '@type': 'x' }]],
    [{ type: 'object', format: 'google.protobuf.Struct' }, [{ a: [1] }]],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, [{}, { a: 1, b: 2 }]],
    [{ type: 'array' }, [[], [1, 'x', {}]]],
    [{ type: 'array', items: { type: 'string' } }, [['a'], [null], [undefined]]],
    [{ $ref: 'Unknown' }, [1, 'x', {}]],
  ])('%j', (schema, values) => {
    for (const value of values) expect(problems(value, schema)).toEqual([])
  })
})

describe('what is wrong', () => {
  test.each<[JsonSchema, unknown, string]>([
    [{ type: 'string' }, 1, 'must be a string, not a number'],
    [{ type: 'string' }, 0.8, 'must be a string, not a fraction'],
    [{ type: 'string' }, true, 'must be a string, not a boolean'],
    [{ type: 'string' }, ['a'], 'must be a string, not a list'],
    [{ type: 'string' }, {}, 'must be a string, not an object'],
    [{ type: 'string' }, new Date(NaN), 'must be a string, not an invalid Date'],
    [{ type: 'string' }, () => 1, 'must be a string, not a function'],
    [{ type: 'string' }, { toJSON: () => 1 }, 'must be a string, not a number'],
    [
      { type: 'string' },
      {
        toJSON() {
          throw new Error('secret')
        },
      },
      'cannot be written as JSON',
    ],
    [{ type: 'boolean' }, 'asas', 'must be true or false, not a string'],
    [{ type: 'boolean' }, 1, 'must be true or false, not a number'],
    [{ type: 'integer' }, true, 'must be an integer, not a boolean'],
    [{ type: 'integer' }, 1.5, 'must be an integer, not a fraction'],
    [{ type: 'integer' }, '123', 'must be an integer, not a string'],
    [integer('int32'), 'x', 'must be an integer (int32), not a string'],
    [integer('int32'), 2147483648, 'must be at most 2147483647'],
    [integer('int32'), -2147483649n, 'must be at least -2147483648'],
    [integer('uint32'), -1, 'must be at least 0'],
    [integer('uint32'), 4294967296, 'must be at most 4294967295'],
    [integer('int64'), 2 ** 53, 'must be exact: give so large a number as a text or a bigint'],
    [{ type: 'number' }, NaN, 'must be a number, not NaN'],
    [{ type: 'number' }, -Infinity, 'must be a number, not -Infinity'],
    [{ type: 'number', format: 'float' }, 3.5e38, 'must be a number (float)'],
    [{ type: 'number', format: 'double' }, '1', 'must be a number (double), not a string'],
    [string('int64'), '9223372036854775808', 'must be at most 9223372036854775807'],
    [string('int64'), '-9223372036854775809', 'must be at least -9223372036854775808'],
    [string('int64'), 2n ** 63n, 'must be at most 9223372036854775807'],
    [string('int64'), 1e20, 'must be exact: give so large a number as a text or a bigint'],
    [string('int64'), '', 'must be an integer (int64)'],
    [string('int64'), '1.0', 'must be an integer (int64)'],
    [string('int64'), '1'.repeat(1e6), 'must be an integer (int64)'],
    [string('int64'), false, 'must be an integer (int64), not a boolean'],
    [string('uint64'), '18446744073709551616', 'must be at most 18446744073709551615'],
    [string('uint64'), -1, 'must be at least 0'],
    [string('uint64'), '-1', 'must be at least 0'],
    [string('byte'), 'a', 'must be base64 text or bytes'],
    [string('byte'), 'YQ===', 'must be base64 text or bytes'],
    [string('byte'), 'Y Q=', 'must be base64 text or bytes'],
    [string('byte'), 5, 'must be base64 text or bytes, not a number'],
    [string('date'), '2026-02-29', 'must be a date such as 2026-01-31'],
    [string('date'), '1900-02-29', 'must be a date such as 2026-01-31'],
    [string('date'), '2026-00-10', 'must be a date such as 2026-01-31'],
    [string('date'), '2026-01-00', 'must be a date such as 2026-01-31'],
    [string('date'), '2026-01-32', 'must be a date such as 2026-01-31'],
    [string('date'), '2026-1-31', 'must be a date such as 2026-01-31'],
    [string('date'), '2026-01-31T12:00:00Z', 'must be a date such as 2026-01-31'],
    [string('date'), new Date(0), 'must be a date such as 2026-01-31, not a Date'],
    [string('date-time'), '2026-01-31', 'must be a time such as 2026-01-31T12:00:00Z'],
    [string('date-time'), '2026-02-31T12:00:00Z', 'must be a time such as 2026-01-31T12:00:00Z'],
    [string('date-time'), '2026-01-31T24:00:00Z', 'must be a time such as 2026-01-31T12:00:00Z'],
    [string('date-time'), '2026-01-31 12:00:00Z', 'must be a time such as 2026-01-31T12:00:00Z'],
    [string('google-datetime'), '2026-01-31T12:00:00', 'must be a time such as 2026-01-31T12:00:00Z'],
    [string('google-datetime'), '2026-01-31T12:00:00+0530', 'must be a time such as 2026-01-31T12:00:00Z'],
    [
      string('google-datetime'),
      new Date(NaN),
      'must be a time such as 2026-01-31T12:00:00Z, not an invalid Date',
    ],
    [string('google-duration'), '1', 'must be a duration such as 1.5s'],
    [string('google-duration'), '1.0000000001s', 'must be a duration such as 1.5s'],
    [string('google-duration'), 90, 'must be a duration such as 1.5s, not a number'],
    [string('google-fieldmask'), ['a'], 'must be a string, not a list'],
    [{ type: 'string', enum: ['ROWS', 'COLUMNS'] }, 'NOT_A_VALID_OPTION', 'must be one of ROWS, COLUMNS'],
    [{ type: 'string', enum: ['ROWS', 'COLUMNS'] }, 1, 'must be one of ROWS, COLUMNS, not a number'],
    [{ type: 'string', enum: 'abcdefghij'.split('') }, 'z', 'must be one of a, b, c, d, e, f, g, h, …'],
    [{ type: 'string', pattern: '^[a-z]+$' }, 'A', 'must match ^[a-z]+$'],
    [{ type: 'string', pattern: 'a|b' }, 'ab', 'must match a|b'],
    [integer('int32', { minimum: '1', maximum: '100' }), 101, 'must be at most 100'],
    [integer('int32', { minimum: '1', maximum: '100' }), 0, 'must be at least 1'],
    [
      string('uint64', { maximum: '18446744073709551614' }),
      2n ** 64n - 1n,
      'must be at most 18446744073709551614',
    ],
    [{ type: 'number', maximum: '0.5' }, 0.6, 'must be at most 0.5'],
    [{ type: 'object' }, 'x', 'must be an object, not a string'],
    [{ type: 'object' }, [], 'must be an object, not a list'],
    [{ type: 'object' }, new Map(), 'must be an object, not a Map'],
    [{ type: 'object' }, Promise.resolve(), 'must be an object, not a Promise'],
    [{ type: 'object' }, new ArrayBuffer(1), 'must be an object, not an ArrayBuffer'],
    [{ type: 'array' }, {}, 'must be a list, not an object'],
    [{ type: 'array' }, new Set(), 'must be a list, not a Set'],
    [{ type: 'array', items: { type: 'string' } }, ['a', 1], 'body[1]: must be a string, not a number'],
    [
      { type: 'object', additionalProperties: { type: 'integer' } },
      { 'a-b': 'x' },
      'body["a-b"]: must be an integer, not a string',
    ],
  ])('%j %o: %s', (schema, value, message) => {
    expect(messages(value, schema)).toEqual([message])
  })

  test('is never repeated in a message', () => {
    const secret = `canary-${Math.random()}`
    const given = { a: secret, b: secret, c: secret, d: [secret], e: secret, f: secret, g: secret }
    const properties: Record<string, JsonSchema> = {
      a: { type: 'integer' },
      b: { type: 'string', enum: ['A'] },
      c: { type: 'string', pattern: '[a-z]' },
      d: { type: 'object' },
      e: string('date-time'),
      f: string('int64'),
      g: string('byte'),
    }
    const found = problems(given, { type: 'object', properties })
    expect(found).toHaveLength(7)
    expect(JSON.stringify(found)).not.toContain(secret)
  })
})

describe('members', () => {
  const schemas: Schemas = {
    Beer: {
      id: 'Beer',
      type: 'object',
      properties: {
        name: { type: 'string', annotations: { required: ['beers.insert'] } },
        alcoholContent: { type: 'boolean' },
        brewery: { $ref: 'Brewery', required: true },
        'end-date': string('date'),
        etag: { type: 'string', readOnly: true },
      },
    },
    Brewery: {
      id: 'Brewery',
      type: 'object',
      properties: { beers: { type: 'array', items: { $ref: 'Beer' } }, city: { type: 'string' } },
    },
  }
  const beer = { $ref: 'Beer' }

  test('that are not declared are named, with the nearest that is', () => {
    expect(problems({ brewery: {}, alcoholContents: true, xyzzy: 1 }, beer, schemas)).toEqual([
      { path: 'body.alcoholContents', message: 'is not a member of Beer', suggestion: 'alcoholContent' },
      { path: 'body.xyzzy', message: 'is not a member of Beer' },
    ])
  })

  test('that are required are missed, also when undefined, not when null', () => {
    const required = [{ path: 'body.brewery', message: 'is required' }]
    expect(problems({}, beer, schemas)).toEqual(required)
    expect(problems({ brewery: undefined }, beer, schemas)).toEqual(required)
    expect(problems({ brewery: null }, beer, schemas)).toEqual([])
    expect(problems(Object.create({ brewery: {} }), beer, schemas)).toEqual(required)
  })

  test('that one method requires are required by it alone', () => {
    const value = { brewery: { beers: [{ brewery: {} }] } }
    expect(problems(value, beer, schemas, 'beers.patch')).toEqual([])
    expect(problems(value, beer, schemas, 'beers.insert').map(({ path }) => path)).toEqual([
      'body.brewery.beers[0].name',
      'body.name',
    ])
  })

  test('are all looked at, to any depth', () => {
    const value = {
      name: 1,
      alcoholContent: 'x',
      etag: 'x',
      brewery: { beers: [{ brewery: {} }, { brewery: { city: false }, 'end-date': 'soon' }, 'ale'] },
    }
    expect(problems(value, beer, schemas)).toEqual([
      { path: 'body.name', message: 'must be a string, not a number' },
      { path: 'body.alcoholContent', message: 'must be true or false, not a string' },
      { path: 'body.brewery.beers[1].brewery.city', message: 'must be a string, not a boolean' },
      { path: 'body.brewery.beers[1]["end-date"]', message: 'must be a date such as 2026-01-31' },
      { path: 'body.brewery.beers[2]', message: 'must be an object, not a string' },
    ])
  })

  test('of enums are suggested', () => {
    expect(problems('ROWZ', { type: 'string', enum: ['ROWS', 'COLUMNS'] })).toEqual([
      { path: 'body', message: 'must be one of ROWS, COLUMNS', suggestion: 'ROWS' },
    ])
  })

  test('named like what every object has are members like others', () => {
    const value = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}') as object
    expect(problems(value, { type: 'object', properties: { a: {} } }).map(({ path }) => path)).toEqual([
      'body.__proto__',
      'body.constructor',
      'body.toString',
    ])
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"integer"},"constructor":{"type":"string","required":true}}}',
    ) as JsonSchema
    expect(problems(value, schema).map(({ path }) => path)).toEqual(['body.constructor', 'body.toString'])
    expect(messages({}, schema)).toEqual(['body.constructor: is required'])
  })

  test('with long names are cut short in paths', () => {
    const [problem] = problems({ ['x'.repeat(1e6)]: 1 }, { type: 'object', properties: { a: {} } })
    expect(problem).toEqual({ path: `body["${'x'.repeat(60)}…"]`, message: 'is not a member of body' })
  })
})

describe('hostile values and schemas', () => {
  const nested: JsonSchema = { type: 'object', properties: { a: { $ref: 'Nested' }, b: { $ref: 'Nested' } } }
  const tooDeep = { path: `body${'.a'.repeat(100)}`, message: 'is nested more than 100 levels deep' }

  test('a value a hundred thousand levels deep', () => {
    let value: object = {}
    for (let i = 0; i < 100_000; i++) value = { a: value }
    expect(problems(value, nested, { Nested: nested })).toEqual([tooDeep])
  })

  test('values that hold themselves', () => {
    const value: Record<string, unknown> = {}
    value['a'] = value
    expect(problems(value, nested, { Nested: nested })).toEqual([tooDeep])
    value['b'] = value
    expect(problems(value, nested, { Nested: nested })).toHaveLength(100)
    const list: unknown[] = []
    list.push(list, list)
    const schema: JsonSchema = { type: 'array', items: { $ref: 'List' } }
    expect(problems(list, schema, { List: schema })).toHaveLength(100)
  })

  test('a hundred levels are not too many', () => {
    let value: object = {}
    for (let i = 0; i < 99; i++) value = { a: value }
    expect(problems(value, nested, { Nested: nested })).toEqual([])
  })

  test('no more than a hundred problems are told', () => {
    const schema: JsonSchema = { type: 'array', items: { type: 'string' } }
    expect(
      problems(
        Array.from({ length: 1000 }, () => 1),
        schema,
      ),
    ).toHaveLength(100)
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`m${i}`, 1]))
    expect(problems(many, { type: 'object', properties: { a: {} } })).toHaveLength(100)
  })

  test('references that lead in a circle, or to nothing', () => {
    const circle: Schemas = { A: { $ref: 'B' }, B: { $ref: 'A' }, C: { $ref: 'C' } }
    for (const name of ['A', 'B', 'C', 'None', '__proto__', 'constructor', ''])
      expect(problems({ x: 1 }, { $ref: name }, circle)).toEqual([])
  })

  test('references that multiply', () => {
    const schemas = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => {
        const next: JsonSchema = { $ref: `S${i + 1}` }
        return [`S${i}`, { type: 'object', properties: { a: next, b: next }, additionalProperties: next }]
      }),
    )
    expect(problems({ a: { a: {}, b: {} }, c: { d: 'x' } }, { $ref: 'S0' }, schemas)).toEqual([
      { path: 'body.c.d', message: 'must be an object, not a string' },
    ])
  })

  test('huge enums', () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `NAME_${i}`)
    expect(problems('NAME_99999', { type: 'string', enum: names })).toEqual([])
    const [problem] = problems('x'.repeat(1e6), { type: 'string', enum: names })
    expect(problem!.message).toBe(`must be one of ${names.slice(0, 8).join(', ')}, …`)
    expect(problem).not.toHaveProperty('suggestion')
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['text', '{"type":"string","enum":"A"}'],
    ['enum of text', { type: 'string', enum: 'A' }],
    ['pattern of number', { type: 'string', pattern: 5 }],
    ['properties of null', { type: 'object', properties: null }],
    ['property of null', { type: 'object', properties: { a: null } }],
    ['annotations', { type: 'object', properties: { a: { annotations: { required: 5 } } } }],
    ['format of number', { type: 'string', format: 5 }],
    ['limits', { type: 'string', minimum: {}, maximum: 'x' }],
    ['items', { type: 'array', items: [] }],
    ['reference of number', { $ref: 5 }],
    ['members', { type: 'object', additionalProperties: true }],
  ])('the faults of a schema are not the value’s: %s', (_, schema) => {
    for (const value of ['x', { a: 'x' }, ['x']]) {
      const found = problems(value, schema as JsonSchema)
      expect(
        found.filter(({ message }) => !/^must be (a|an) (string|list|object), not /.test(message)),
      ).toEqual([])
    }
  })
})

describe('bodies of real APIs', () => {
  beforeEach(needDocuments)

  test('sheets: values in rows', () => {
    const { schemas } = readDocument('sheets-v4')
    const range = { $ref: 'ValueRange' }
    const values = [['a', 1, true, null], []]
    expect(problems({ range: 'A1', majorDimension: 'ROWS', values }, range, schemas)).toEqual([])
    expect(
      problems({ majorDimension: 'NOT_A_VALID_OPTION', values: ['x'], rang: 'A1' }, range, schemas),
    ).toEqual([
      {
        path: 'body.majorDimension',
        message: 'must be one of DIMENSION_UNSPECIFIED, ROWS, COLUMNS',
      },
      { path: 'body.values[0]', message: 'must be a list, not a string' },
      { path: 'body.rang', message: 'is not a member of ValueRange', suggestion: 'range' },
    ])
  })

  test('youtube: a video', () => {
    const { schemas } = readDocument('youtube-v3')
    const video = { $ref: 'Video' }
    const good = {
      snippet: { title: 't', tags: ['a'], publishedAt: new Date(0) },
      status: { privacyStatus: 'private' },
      statistics: { viewCount: 18446744073709551615n },
    }
    expect(problems(good, video, schemas)).toEqual([])
    const bad = {
      snippet: { tags: 'a', titel: 't' },
      contentDetails: { countryRestriction: { allowed: 'x', exception: ['a', {}] } },
      statistics: { viewCount: '18446744073709551616' },
    }
    expect(problems(bad, video, schemas).map(({ path, suggestion }) => [path, suggestion])).toEqual([
      ['body.snippet.tags', undefined],
      ['body.snippet.titel', 'title'],
      ['body.contentDetails.countryRestriction.allowed', undefined],
      ['body.contentDetails.countryRestriction.exception[1]', undefined],
      ['body.statistics.viewCount', undefined],
    ])
  })

  test('calendar: an event, which has members that only some methods require', () => {
    const { schemas } = readDocument('calendar-v3')
    const event = { $ref: 'Event' }
    const times = {
      start: { date: '2026-01-31' },
      end: { dateTime: '2026-01-31T12:00:00', timeZone: 'Europe/Paris' },
    }
    const reminders = { overrides: [{ method: 'email', minutes: '123' }] }
    expect(problems(times, event, schemas, 'calendar.events.insert')).toEqual([])
    expect(problems({ ...times, reminders }, event, schemas, 'calendar.events.insert')).toEqual([
      {
        path: 'body.reminders.overrides[0].minutes',
        message: 'must be an integer (int32), not a string',
      },
    ])
    expect(problems({}, event, schemas, 'calendar.events.patch')).toEqual([])
    expect(problems({}, event, schemas, 'calendar.events.insert')).toEqual([
      { path: 'body.end', message: 'is required' },
      { path: 'body.start', message: 'is required' },
    ])
  })
})
