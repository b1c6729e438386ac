import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { JsonSchema, RestDescription } from '../../src/discovery/document.ts'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { say, type Told } from './speak.ts'

const string = { type: 'string' }
const note: JsonSchema = {
  type: 'object',
  properties: {
    title: { type: 'string', annotations: { required: ['notes.update'] } },
    count: { type: 'integer', format: 'int32' },
    id: { type: 'string', format: 'int64' },
    size: { type: 'string', format: 'uint64' },
    ratio: { type: 'number', format: 'double' },
    done: { type: 'boolean' },
    color: { type: 'string', enum: ['RED', 'BLUE'] },
    content: { type: 'string', format: 'byte' },
    time: { type: 'string', format: 'google-datetime' },
    wait: { type: 'string', format: 'google-duration' },
    tags: { type: 'array', items: string },
    labels: { type: 'object', additionalProperties: string },
    any: { type: 'any' },
    free: { type: 'object' },
    parent: { $ref: 'Note' },
    children: { type: 'array', items: { $ref: 'Note' } },
    gone: { $ref: 'NotThere' },
  },
}

function notes(more: Partial<RestDescription> = {}): RestDescription {
  const scopes = ['https://www.googleapis.com/auth/notes']
  const parameters = { size: { type: 'integer', format: 'int32', location: 'query', required: true } }
  const method = { path: 'v1/notes', request: { $ref: 'Note' }, scopes, parameters }
  return {
    name: 'notes',
    version: 'v1',
    rootUrl: 'https://notes.googleapis.com/',
    servicePath: '',
    parameters: { '$.xgafv': { type: 'string', location: 'query' } },
    schemas: { Note: note },
    methods: {
      create: { ...method, id: 'notes.create', httpMethod: 'POST' },
      update: { ...method, id: 'notes.update', httpMethod: 'PUT' },
      raw: { ...method, id: 'notes.raw', httpMethod: 'PATCH', request: { $ref: 'HttpBody' } },
    },
    ...more,
  }
}

let emulator: Emulator
beforeEach(async () => {
  emulator = await createEmulator({ anonymous: true, documents: [notes()] })
})
afterEach(() => emulator.close())

function create(body: object | string): Promise<Told> {
  return say(emulator, 'POST /v1/notes?size=1', { body })
}

describe('the body of a call that nothing models', () => {
  test.each<[object | string]>([
    [''],
    [{}],
    [{ title: 'a', count: 1, id: '9007199254740993', size: '0', ratio: 1.5, done: true, color: 'RED' }],
    [{ count: '7', id: 7, ratio: 'NaN', color: 2, wait: '1.5s', time: '2026-01-02T03:04:05.678Z' }],
    [{ content: 'aGk=', tags: ['a'], labels: { a: 'b' }, any: [1], free: { x: 1 }, gone: 5 }],
    [{ title: null, children: [{ children: [{}] }], parent: { parent: {} } }],
  ])('is right as %j', async (body) => {
    expect((await create(body)).status).toBe(501)
  })

  test.each<[object, string, string?]>([
    [{ title: 5 }, "Invalid value at 'title' (TYPE_STRING), 5", 'title'],
    [{ count: 'x' }, `Invalid value at 'count' (TYPE_INT32), "x"`, 'count'],
    [{ count: 2 ** 31 }, "Invalid value at 'count' (TYPE_INT32), 2147483648"],
    [{ count: 1.5 }, "Invalid value at 'count' (TYPE_INT32), 1.5"],
    [{ id: true }, "Invalid value at 'id' (TYPE_INT64), true"],
    [{ size: '-1' }, `Invalid value at 'size' (TYPE_UINT64), "-1"`],
    [{ ratio: {} }, "Invalid value at 'ratio' (TYPE_DOUBLE), {}"],
    [{ done: 'true' }, `Invalid value at 'done' (TYPE_BOOL), "true"`],
    [{ color: 'GREEN' }, `Invalid value at 'color' (TYPE_ENUM), "GREEN"`],
    [{ content: '!' }, `Invalid value at 'content' (TYPE_BYTES), "!"`],
    [{ time: 'today' }, `Invalid value at 'time' (TYPE_TIMESTAMP), "today"`],
    [{ wait: '5' }, `Invalid value at 'wait' (TYPE_DURATION), "5"`],
    [{ tags: 'a' }, `Invalid value at 'tags' (a list), "a"`],
    [{ tags: ['a', 5] }, "Invalid value at 'tags[1]' (TYPE_STRING), 5", 'tags[1]'],
    [{ labels: { a: 1 } }, "Invalid value at 'labels.a' (TYPE_STRING), 1"],
    [{ free: [] }, "Invalid value at 'free' (TYPE_MESSAGE), []"],
    [{ parent: 'x' }, `Invalid value at 'parent' (Note), "x"`],
    [
      { children: [{ parent: { count: [] } }] },
      "Invalid value at 'children[0].parent.count' (TYPE_INT32), []",
    ],
    [{ titel: 'a' }, 'Invalid JSON payload received. Unknown name "titel": Cannot find field.'],
    [
      { parent: { constructor: 1 } },
      `Invalid JSON payload received. Unknown name "constructor" at 'parent': Cannot find field.`,
      'parent',
    ],
  ])('is refused as %j', async (body, message, field) => {
    const { status, json } = await create(body)
    expect([status, json.error.message, json.error.status]).toEqual([400, message, 'INVALID_ARGUMENT'])
    const [violation] = json.error.details[0].fieldViolations
    expect(violation.description).toBe(message)
    if (field !== undefined) expect(violation.field).toBe(field)
  })

  test('is told everything that is wrong with it', async () => {
    const { json } = await create({ title: 5, count: 'x', other: 1 })
    expect(json.error.details[0]['@type']).toBe('type.googleapis.com/google.rpc.BadRequest')
    expect(json.error.details[0].fieldViolations).toHaveLength(3)
    expect(json.error.message.split('\n')).toHaveLength(3)
  })

  test.each(['{', '[]', '5', `${'{"parent":'.repeat(200)}{}${'}'.repeat(200)}`])(
    'is refused as the text %j',
    async (body) => {
      expect((await create(body)).status).toBe(400)
    },
  )

  test('needs the properties that the method needs', async () => {
    const put = (body: object): Promise<Told> => say(emulator, 'PUT /v1/notes?size=1', { body })
    expect((await put({})).json.error).toMatchObject({ code: 400, message: 'Required parameter: title' })
    expect((await put({ title: 'a' })).status).toBe(501)
  })

  test('may be anything where the method takes bytes', async () => {
    const told = await say(emulator, 'PATCH /v1/notes?size=1', { body: 'not JSON' })
    expect(told.status).toBe(501)
  })

  test('may stand in `data` where the document says so, and have unknown names for older APIs', async () => {
    const documents = [notes({ features: ['dataWrapper'], parameters: {} })]
    await using older = await createEmulator({ anonymous: true, documents })
    for (const [body, status] of [
      [{ data: { title: 'a' } }, 501],
      [{ data: { title: 5 } }, 400],
      [{ title: 'a', unknown: 5 }, 501],
      [{ title: 5 }, 400],
    ] as const) {
      const told = await say(older, 'POST /v1/notes?size=1', { body })
      expect([body, told.status]).toEqual([body, status])
      if (status === 400) expect(told.json.error.errors[0].reason).toBe('invalid')
    }
  })
})

test('credentials come before parameters, parameters before the body, and the body before 501', async () => {
  await using strict = await createEmulator({ documents: [notes()] })
  const headers = { authorization: `Bearer ${strict.accessToken()}` }
  const ask = async (line: string, headersOfIt: Record<string, string>, body: object): Promise<unknown[]> => {
    const { status, json } = await say(strict, line, { headers: headersOfIt, body })
    return [status, json.error.message]
  }
  const bad = { title: 5 }
  expect(await ask('POST /v1/notes/none', {}, bad)).toEqual([404, expect.stringContaining('No method')])
  expect(await ask('POST /v1/notes', {}, bad)).toEqual([401, expect.stringContaining('has no token')])
  expect(await ask('POST /v1/notes', headers, bad)).toEqual([400, 'Required parameter: size'])
  expect(await ask('POST /v1/notes?size=x', headers, bad)).toEqual([400, expect.stringContaining("'x'")])
  expect(await ask('POST /v1/notes?size=1', headers, bad)).toEqual([400, expect.stringContaining("'title'")])
  expect(await ask('POST /v1/notes?size=1', headers, {})).toEqual([
    501,
    expect.stringContaining('notes.create'),
  ])
})
