import { createClient, type Problem, type UntypedApi } from 'discokit'
import { afterEach, describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

const transport = answering(() => answer(200, {}))
const auth = { kind: 'test', headers: () => ({ authorization: 'Bearer ours' }) }
const methods: UntypedApi = createClient({ transport, auth }).api(notes)['notes']

afterEach(() => void transport.requests.splice(0))

const problemsOf = async (options: object): Promise<readonly Problem[]> => {
  const error = await methods['get']({ noteId: '1' }, options).then(
    () => expect.unreachable('the call went through'),
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ code: 'invalid_input' })
  expect(transport.requests, 'something was sent').toEqual([])
  return error.problems
}

describe('the call option headers', () => {
  test('adds headers, in lower case, and replaces our own', async () => {
    const headers = { 'X-Trace': 'a; b="c"', 'USER-AGENT': 'mine', 'x-tab': 'a\tb', 'x-empty': '' }
    await methods['get']({ noteId: '1' }, { headers })
    expect(transport.requests[0]!.headers).toEqual({
      'x-trace': 'a; b="c"',
      'user-agent': 'mine',
      'x-tab': 'a\tb',
      'x-empty': '',
      authorization: 'Bearer ours',
    })
  })

  test('drops undefined', async () => {
    await methods['get']({ noteId: '1' }, { headers: { 'x-a': undefined, 'x-b': 'b' } })
    expect(transport.requests[0]!.headers).not.toHaveProperty('x-a')
    expect(transport.requests[0]!.headers).toHaveProperty('x-b', 'b')
  })

  test.each([
    'authorization',
    'Authorization',
    'proxy-authorization',
    'Proxy-Connection',
    'host',
    'connection',
    'Content-Length',
    'transfer-encoding',
    'TE',
    'trailer',
    'upgrade',
  ])('refuses %s', async (name) => {
    expect(await problemsOf({ headers: { [name]: 'x' } })).toEqual([
      { path: `headers.${name}`, message: 'is set by the client itself' },
    ])
  })

  test.each([
    ['x-a', 'a\r\nauthorization: evil'],
    ['x-a', 'a\nb'],
    ['x-a', 'a\rb'],
    ['x-a', 'a\0'],
    ['x-a', 'ü'],
    ['x-a\r\nx-b', 'a'],
    ['x a', 'a'],
    ['x-a:', 'a'],
    ['', 'a'],
    ['ü', 'a'],
  ])('refuses %j: %j', async (name, value) => {
    // A name that is none may be anything, so it is not repeated.
    const place = name === 'x-a' ? 'headers.x-a' : 'headers'
    expect(await problemsOf({ headers: { [name]: value } })).toMatchObject([{ path: place }])
  })

  test('names all that is wrong at once', async () => {
    const problems = await problemsOf({
      headers: { host: 'x', 'x-a': '\n', 'x-b': 'fine' },
      quotaProject: 'a\r\nb',
    })
    expect(problems.map(({ path }) => path)).toEqual(['quotaProject', 'headers.host', 'headers.x-a'])
  })

  test('is left out of prepared requests, which carry those of the method alone', () => {
    expect(methods['get'].prepare({ noteId: '1' }, { headers: { 'x-a': 'b' } }).headers).toEqual({})
  })
})
