import { createClient, type JsonSchema, type RestDescription, validate, ValidationError } from 'discokit'
import { expect } from 'vitest'
import { notes } from '../client/notes-document.ts'
import { connect, failure } from './connect.ts'
import type { RowTests } from '../examples/page-rows.ts'

/** Whether a value is good for a schema. */
function isGood(
  value: unknown,
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>> = {},
): boolean {
  try {
    validate(value, schema, schemas)
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    return false
  }
}

/** Values that are good, and values that are not. */
function expectSorted(schema: JsonSchema, good: readonly unknown[], bad: readonly unknown[]): void {
  expect(good.filter((value) => !isGood(value, schema))).toEqual([])
  expect(bad.filter((value) => isGood(value, schema))).toEqual([])
}

const text: JsonSchema = { type: 'string' }
const document: RestDescription = {
  ...notes,
  methods: {
    create: {
      id: 'notes.create',
      path: 'all',
      httpMethod: 'POST',
      parameters: {
        size: { type: 'integer', location: 'query' },
        labels: { type: 'string', location: 'query', repeated: true, enum: ['A', 'B'] },
      },
      request: { $ref: 'Note' },
    },
    clear: { id: 'notes.clear', path: 'all', httpMethod: 'DELETE' },
  },
  schemas: {
    Note: {
      id: 'Note',
      type: 'object',
      properties: {
        title: text,
        done: { type: 'boolean' },
        parts: { type: 'array', items: { $ref: 'Part' } },
      },
    },
    Part: { id: 'Part', type: 'object', properties: { pages: { type: 'integer', format: 'int32' } } },
  },
}

/** What is refused before anything is sent. */
export const validationRows: RowTests = {
  V1() {
    expectSorted({ type: 'integer' }, [1, -1], [1.5, true, '1', {}])
    expectSorted({ type: 'number' }, [1, 0.8], [true, '0.8', Number.NaN])
    expectSorted(text, ['', 'x'], [1, true, ['x']])
    expectSorted({ type: 'boolean' }, [true, false], ['true', 0])
    expectSorted({ type: 'array', items: text }, [[], ['x']], ['x', {}])
    expectSorted({ type: 'object' }, [{}, { a: 1 }], [[], 'x'])
    expectSorted({ type: 'any' }, [1, 'x', {}, []], [])
  },

  V2() {
    expectSorted({ type: 'integer', format: 'int32' }, [2 ** 31 - 1, -(2 ** 31)], [2 ** 31])
    expectSorted({ type: 'integer', format: 'uint32' }, [2 ** 32 - 1], [-1, 2 ** 32])
    expectSorted({ type: 'string', format: 'int64' }, ['-9223372036854775808', 5n], ['9223372036854775808'])
    expectSorted({ type: 'string', format: 'uint64' }, ['18446744073709551615'], ['-1', 'x'])
    expectSorted({ type: 'number', format: 'double' }, [1, 0.1], ['1'])
    expectSorted({ type: 'string', format: 'date' }, ['2024-02-29'], ['2026-02-29', 'today'])
    const times = ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.5+01:00', new Date(0)]
    expectSorted({ type: 'string', format: 'date-time' }, times, ['2026-01-31', '2026-01-31T25:00:00Z'])
    expectSorted({ type: 'string', format: 'google-datetime' }, times, ['yesterday'])
    expectSorted({ type: 'string', format: 'google-duration' }, ['1.5s', '0s'], ['1.5', '2m'])
    expectSorted({ type: 'string', format: 'byte' }, ['YQ==', 'YQ', new Uint8Array(2)], ['Y', 'a b'])
  },

  V3() {
    expectSorted({ type: 'integer', minimum: '1', maximum: '10' }, [1, 10], [0, 11])
    expectSorted({ type: 'string', pattern: '[a-z]+' }, ['abc'], ['abc1', ''])
    expectSorted({ type: 'string', enum: ['ROWS', 'COLUMNS'] }, ['ROWS'], ['NOT_A_VALID_OPTION'])
    const slow = { type: 'string', pattern: '^(a+)+$' }
    expect(isGood(`${'a'.repeat(50_000)}!`, slow)).toBe(false)
  },

  async V4() {
    const { create } = createClient().api(document)
    const body = { titel: 'Milk' }
    expect(await failure(() => create.prepare({ body }))).toMatchObject({
      problems: [{ path: 'body.titel', suggestion: 'title' }],
    })
    expect(create.prepare({ body }, { validate: false }).body).toBe('{"titel":"Milk"}')
  },

  async V5() {
    const { create } = createClient().api(document)
    expect(create.prepare({ labels: ['A', 'B'] }).url).toMatch(/labels=A&labels=B$/)
    expect(create.prepare({ labels: 'A' }).url).toMatch(/labels=A$/)
    for (const labels of [1, [132, 'A'], ['A', 'C']])
      expect(await failure(() => create.prepare({ labels }))).toBeInstanceOf(ValidationError)
    const body = { parts: [{ pages: 1 }, 'second', { pages: 'many' }] }
    expect(await failure(() => create.prepare({ body }))).toMatchObject({
      problems: [{ path: 'body.parts[1]' }, { path: 'body.parts[2].pages' }],
    })
  },

  V6() {
    const map = { type: 'object', additionalProperties: { $ref: 'Part' } }
    const { schemas } = document
    expect(isGood({ first: { pages: 1 } }, map, schemas)).toBe(true)
    expect(isGood({ first: { pages: 'one' } }, map, schemas)).toBe(false)
  },

  async V7() {
    const { create } = createClient().api(document)
    const call = (): unknown => create.prepare({ size: 'x', sise: 1, body: { title: 5, don: true } })
    expect(await failure(call)).toMatchObject({
      problems: expect.arrayContaining([
        { path: 'size', message: expect.any(String) },
        { path: 'sise', message: expect.any(String), suggestion: 'size' },
        { path: 'body.title', message: expect.stringContaining('string') },
        { path: 'body.don', message: expect.any(String), suggestion: 'done' },
      ]),
    })
  },

  async V8() {
    await using c = await connect()
    const { create } = createClient().api(document)
    expect(await failure(() => create.prepare({ size: 'x' }))).toBeInstanceOf(ValidationError)
    // An answer is not what the document says, and is given all the same.
    const get = { id: 'x.get', path: 'storage/v1/b/{bucket}', httpMethod: 'GET', response: { $ref: 'Note' } }
    const parameters = { bucket: { type: 'string', location: 'path', required: true } }
    const api = c.google.api({
      ...document,
      servicePath: '',
      methods: { get: { ...get, parameters } },
    })
    expect(await api['get']({ bucket: 'my-photos' })).toMatchObject({ name: 'my-photos' })
  },

  async V9() {
    const { clear } = createClient().api(document)
    expect(await failure(() => clear.prepare({ body: {} }))).toMatchObject({ problems: [{ path: 'body' }] })
  },

  async V10() {
    await using c = await connect()
    const { schemas } = await (await c.google.discover('calendar:v3')).$load()
    validate({ summary: 'Review', start: { date: '2026-01-31' } }, { $ref: 'Event' }, schemas, 'event')
    const bad = { summary: 1, start: { date: 'soon' } }
    expect(await failure(() => validate(bad, { $ref: 'Event' }, schemas, 'event'))).toMatchObject({
      problems: [{ path: 'event.summary' }, { path: 'event.start.date' }],
    })
  },
}
