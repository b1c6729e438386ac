import { createClient, type Problem, type UntypedApi, ValidationError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { type Emulated, openEmulated } from './emulated.ts'
import { notes } from './notes-document.ts'

let emulated: Emulated
let storage: UntypedApi

beforeAll(async () => {
  emulated = await openEmulated()
  storage = emulated.storage
})
afterAll(() => emulated[Symbol.asyncDispose]())
beforeEach(() => emulated.emulator.journal.clear())
afterEach(() => expect(emulated.emulator.journal.exchanges, 'something was sent').toEqual([]))

/** The problems of a call that must be refused, by `prepare` and by the call alike. */
async function problemsOf(method: any, parameters: unknown): Promise<readonly Problem[]> {
  const error = await method(parameters).then(
    () => expect.unreachable('the call went through'),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ValidationError)
  expect(error.message).toContain(method.$id)
  for (const { path, message } of error.problems) expect(error.message).toContain(`${path}: ${message}`)
  expect(() => method.prepare(parameters)).toThrow(error.message)
  return error.problems
}

describe('a parameter', () => {
  test.each([{}, { bucket: undefined }, { bucket: null }, undefined])(
    'of the path that is missing: %j',
    async (given) => {
      expect(await problemsOf(storage.buckets.get, given)).toEqual([
        { path: 'bucket', message: 'is required' },
      ])
    },
  )

  test('of the query that is required and missing', async () => {
    expect(await problemsOf(storage.buckets.list, {})).toEqual([{ path: 'project', message: 'is required' }])
    expect(await problemsOf(storage.buckets.list, { project: null })).toHaveLength(1)
  })

  test.each([
    ['buckets.get', { bucket: 'b', projektion: 'full' }, 'projektion', 'projection'],
    ['buckets.get', { bucket: 'b', Projection: 'full' }, 'Projection', 'projection'],
    ['buckets.get', { bucket: 'b', feilds: 'name' }, 'feilds', 'fields'],
    ['buckets.insert', { project: 'p', Body: {} }, 'Body', 'body'],
    ['objects.insert', { bucket: 'b', medai: 'x' }, 'medai', 'media'],
    ['buckets.get', { bucket: 'b', somethingElseEntirely: 1 }, 'somethingElseEntirely', undefined],
    ['buckets.get', { bucket: 'b', constructor: 1 }, 'constructor', undefined],
    ['buckets.get', JSON.parse('{"bucket":"b","__proto__":"x"}'), '__proto__', undefined],
  ])('that %s does not have, %j', async (id, given, path, suggestion) => {
    const problems = await problemsOf(storage.$method(id), given)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ path })
    expect(problems[0]!.suggestion).toBe(suggestion)
  })

  test('is suggested in the message', async () => {
    await expect(storage.buckets.get({ bukcet: 'b' })).rejects.toThrow(/bukcet.*did you mean 'bucket'\?/)
  })

  test('is reported with all other problems at once', async () => {
    const given = { object: '..', fields: {}, nonsense: 1, body: {}, media: 'x' }
    const problems = await problemsOf(storage.objects.get, given)
    expect(problems.map((problem) => problem.path).toSorted()).toEqual(
      ['body', 'bucket', 'fields', 'media', 'nonsense', 'object'].toSorted(),
    )
  })
})

describe('a value for the path', () => {
  test.each([
    ['', 'is empty'],
    ['.', "has '.' as a segment"],
    ['..', "has '..' as a segment"],
    ['a\r\nb', 'has a control character'],
    ['a\0', 'has a control character'],
    ['a\u0085', 'has a control character'],
    ['a\ud800', 'has half of a surrogate pair'],
    ['\udc00b', 'has half of a surrogate pair'],
    [{}, 'must be a string, not object'],
    [['a'], 'must be a string, not a list'],
    [Number.NaN, 'must be a string, not NaN'],
    [Infinity, 'must be a string, not Infinity'],
    [2 ** 53, 'must be a string, not 9007199254740992'],
    [Symbol('a'), 'must be a string, not symbol'],
    [() => 'a', 'must be a string, not function'],
    [new Date(Number.NaN), 'must be a string, not object'],
  ])('cannot be %j', async (bucket, message) => {
    expect(await problemsOf(storage.buckets.get, { bucket })).toEqual([{ path: 'bucket', message }])
  })

  test.each(['', '/', 'a//b', '/a', 'a/', 'a/../b', './a', 'a/..'])(
    'cannot be %j, also where slashes are kept',
    async (name) => {
      const api = createClient({ ...emulated.emulator.connect(), auth: anonymous() }).api(notes)
      expect(await problemsOf(api.notes.move, { name })).toHaveLength(1)
    },
  )

  test('is checked when the document forgot to describe the parameter', async () => {
    const get = { id: 'x.get', path: 'x/{id}', httpMethod: 'GET' }
    const api = createClient({ ...emulated.emulator.connect(), auth: anonymous() }).api({
      ...notes,
      methods: { get },
    })
    expect(await problemsOf(api.get, { id: {} })).toEqual([
      { path: 'id', message: 'must be a value, not object' },
    ])
    expect(api.get.prepare({ id: 'a' }).url).toMatch(/\/x\/a$/)
  })
})

describe('a value for the query', () => {
  test.each([
    [{}, 'must be a string, not object'],
    [[], 'must be a string, not a list'],
    [['a'], 'must be a string, not a list'],
    [Number.NaN, 'must be a string, not NaN'],
    [2 ** 53 + 2, 'must be a string, not 9007199254740994'],
    ['\ud83d', 'has half of a surrogate pair'],
  ])('cannot be %j', async (fields, message) => {
    expect(await problemsOf(storage.buckets.get, { bucket: 'b', fields })).toEqual([
      { path: 'fields', message },
    ])
  })

  test('is refused item by item where there may be many', async () => {
    const given = { bucket: 'b', permissions: ['ok', {}, Number.NaN] }
    const problems = await problemsOf(storage.buckets.testIamPermissions, given)
    expect(problems.map(({ message }) => message)).toEqual([
      'must be a list of string, not object',
      'must be a list of string, not NaN',
    ])
  })

  test('says which values there are', async () => {
    const problems = await problemsOf(storage.buckets.get, { bucket: 'b', projection: {} })
    expect(problems).toEqual([{ path: 'projection', message: 'must be one of full, noAcl, not object' }])
  })
})

describe('content', () => {
  test('is refused by methods that take none', async () => {
    expect(await problemsOf(storage.buckets.get, { bucket: 'b', body: {} })).toEqual([
      { path: 'body', message: 'the method takes no request body' },
    ])
    expect(await problemsOf(storage.buckets.get, { bucket: 'b', media: 'x' })).toEqual([
      { path: 'media', message: 'the method takes no media' },
    ])
    expect(await problemsOf(storage.buckets.insert, { project: 'p', body: {}, media: 'x' })).toEqual([
      { path: 'media', message: 'cannot be sent beside a body: the method takes the one or the other' },
    ])
    expect(await problemsOf(storage.objects.insert, { bucket: 'b', body: 'text' })).toEqual([
      { path: 'body', message: 'must be the metadata as an object: bytes go under media' },
    ])
  })

  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle
  const spiteful = {
    toJSON: () => {
      throw new Error('canary')
    },
  }
  test.each([
    ['a cycle', cycle],
    ['a function', () => {}],
    ['a symbol', Symbol('canary')],
    ['an object that will not', spiteful],
  ])('cannot be %s', async (_, body) => {
    const problems = await problemsOf(storage.buckets.insert, { project: 'p', body })
    expect(problems[0]!.path).toMatch(/^body/)
    expect(JSON.stringify(problems)).not.toContain('canary')
    const unchecked = storage.buckets.insert({ project: 'p', body }, { validate: false })
    await expect(unchecked).rejects.toMatchObject({
      problems: [{ path: 'body', message: 'cannot be written as JSON' }],
    })
  })
})

describe('arguments that are none', () => {
  test.each([null, 'photos', 7])('%j are refused before anything is sent', async (given) => {
    const transport = answering(() => answer(200))
    const api = createClient({ transport, auth: anonymous() }).api(notes)
    await expect(api.notes.get(given)).rejects.toBeInstanceOf(Error)
    expect(transport.requests).toEqual([])
  })
})
