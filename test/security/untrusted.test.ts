/** What a document, a server or a queue may send that means ill; each row was an attack that once worked. */
import {
  createClient,
  type HttpRequest,
  nextRequest,
  type RestDescription,
  TransportError,
  validate,
} from 'discokit'
import { accessToken, anonymous, apiKey } from 'discokit/auth'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { answer, answering } from '../client/answers.ts'
import { notes } from '../client/notes-document.ts'

const SECRET = `AIza${crypto.randomUUID()}`
const method = (path: string, parameters: object = {}): any => ({
  id: 'x.get',
  path,
  httpMethod: 'GET',
  parameters,
})
const documentOf = (get: any, more: Partial<RestDescription> = {}): RestDescription => ({
  ...notes,
  methods: { get },
  ...more,
})
const failureOf = (call: PromiseLike<unknown>): Promise<any> =>
  Promise.resolve(call).then(
    () => expect.unreachable('it went through'),
    (error: unknown) => error,
  )

describe('a document', () => {
  test.each(['v1/{key}', 'v1/{+access_token}', 'v1/x?key={key}', 'v1/{oauth_token}'])(
    'cannot have a key sent elsewhere as a part of the path %s',
    async (path) => {
      const transport = answering(() => answer(200, {}))
      const [, name] = /\{\+?(\w+)\}/.exec(path)!
      const get = method(path, { [name!]: { type: 'string', location: 'path' } })
      const evil = createClient({ transport, auth: anonymous() }).api(
        documentOf(get, { rootUrl: 'https://evil.example/', parameters: {} }),
      )
      const error = await failureOf(evil['get']({ [name!]: SECRET }))
      expect(error.code).toMatch(/auth_failed|invalid_input/)
      expect(inspect(error)).not.toContain(SECRET)
      expect(transport.requests).toEqual([])
    },
  )

  test.each([
    '../../x',
    'a/../b',
    'a/%2e%2e/{+p}',
    '/x',
    'a//b',
    'x#f',
    'x?a=b',
    'a b',
    'x\r\nX: y',
    '\\\\evil',
  ])('cannot lead requests astray by the path %j', (path) => {
    const api = createClient().api(documentOf(method(path, { p: { location: 'path' } })))
    expect(() => api['get'].prepare({ p: 'a' })).toThrow('is not that of an address')
  })

  test('cannot make a method of HTTP say more', async () => {
    const transport = answering(() => answer(200, {}))
    const get = { ...method('x'), httpMethod: 'GET\r\nX: y' }
    const error = await failureOf(
      createClient({ transport, auth: anonymous() }).api(documentOf(get))['get'](),
    )
    expect(error.code).toBe('invalid_input')
    expect(transport.requests).toEqual([])
  })

  test.each(['toString', 'constructor', '__proto__'])('has no parameter %s that nobody gave', (name) => {
    const parameters = Object.fromEntries([[name, { type: 'string', location: 'query', required: true }]])
    const api = createClient().api(documentOf(method('x', parameters)))
    expect(() => api['get'].prepare({})).toThrow(`${name}: is required`)
  })

  test.each([
    [
      'long names to choose from',
      Array.from({ length: 2_000 }, (_, i) => 'A'.repeat(3_000) + i),
      'B'.repeat(3_002),
    ],
    ['very many', Array.from({ length: 1_000_000 }, (_, i) => `VALUE_NUMBER_${i}`), 'VALUE_NUMBR_1000001'],
  ])('cannot make a mistake expensive by %s', { timeout: 20_000 }, (_, names, given) => {
    const e = { type: 'string', location: 'query', enum: names }
    const get = createClient().api(documentOf(method('x', { e })))['get']
    const started = performance.now()
    expect(() => get.prepare({ e: given })).toThrow('must be one of')
    expect(performance.now() - started, 'it took a hundred seconds once').toBeLessThan(5_000)
  })

  test('cannot make a small body expensive by many members', { timeout: 20_000 }, () => {
    const properties = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, i) => [`member${i}`, { type: 'string' }]),
    )
    const schema = { type: 'array', items: { type: 'object', properties } }
    const started = performance.now()
    validate(
      Array.from({ length: 1_000 }, (_, i) => ({ [`member${i}`]: 'x' })),
      schema,
    )
    expect(performance.now() - started, 'it took forty seconds once').toBeLessThan(5_000)
  })
})

test.each([
  ['the address of uploads', { mediaUpload: { protocols: { simple: { path: '/upload/{key}' } } } }, {}],
  ['the service path', {}, { servicePath: '{key}/' }],
])('a document cannot have a key sent elsewhere by %s', async (_, more, place) => {
  const transport = answering(() => answer(200, {}))
  const get = { ...method('x', { key: { type: 'string', location: 'path' } }), ...more }
  const evil = createClient({ transport, auth: anonymous() }).api(
    documentOf(get, { rootUrl: 'https://evil.example/', parameters: {}, ...place }),
  )
  await failureOf(evil['get']({ key: SECRET, ...('mediaUpload' in more && { media: 'x' }) }))
  expect(transport.requests).toEqual([])
})

describe('a server', () => {
  const escaped = SECRET.replace('A', '\\u0041')
  test.each([
    ['an escape', `{"error":{"message":"bad key ${escaped}","errors":[{"reason":"${escaped}"}]}}`, SECRET],
    [
      'an escape in the middle',
      `{"error":{"message":"bad ${SECRET.slice(0, 20)}\\u00${SECRET.charCodeAt(20).toString(16)}${SECRET.slice(21)}"}}`,
      SECRET,
    ],
    [
      'a slash with a stroke before it',
      '{"error":{"message":"bad ya29\\/canary-token-1234"}}',
      'ya29/canary-token-1234',
    ],
  ])('cannot bring a secret back by %s', async (_, body, secret) => {
    const transport = answering(() => answer(400, body, { 'content-type': 'application/json' }))
    const google = createClient({ transport, auth: accessToken(secret) })
    const error = await failureOf(google.api(notes).notes.get({ noteId: '1' }))
    for (const shown of [error.message, error.reason, inspect(error, { depth: 9 }), JSON.stringify(error)])
      expect(JSON.stringify(shown ?? '')).not.toMatch(/canary|u0041|IzaS/)
    const text = JSON.stringify(error)
    expect(text).not.toContain(secret.slice(1, 20))
  })

  test('that breaks off leaves a write in doubt, also when a key stands in the address', async () => {
    for (const auth of [anonymous(), apiKey(SECRET, { in: 'query' })]) {
      const transport = answering(({ method: verb, url }: HttpRequest) => {
        const request = { method: verb, url: url.replace(SECRET, '…') }
        throw new TransportError('reset', { reason: 'ECONNRESET', progress: 'sent', request })
      })
      const google = createClient({ transport, auth, retry: false })
      expect(await failureOf(google.api(notes).notes.insert({ body: {} }))).toMatchObject({
        code: 'maybe_applied',
      })
    }
  })

  test('cannot fill the memory with page tokens', async () => {
    const transport = answering(() => answer(200, { notes: [], nextPageToken: 'x'.repeat(1_000_000) }))
    const google = createClient({ transport, auth: anonymous() })
    const walk = async (): Promise<void> => {
      for await (const _ of google.api(notes).notes.list({ owner: 'o' }).pages());
    }
    expect(await failureOf(walk())).toMatchObject({ code: 'unreadable_answer' })
  })

  test('gets an address that it signed as it is, when it redirects to another origin', async () => {
    const location = 'https://cdn.example/x?name=a%20b&flag&sig=a~b(c)'
    for (const [more, expected] of [
      ['', location],
      ['&key=canary', location],
      ['&access_token=c&b=1', `${location}&b=1`],
    ]) {
      const transport = answering((_, i) =>
        i === 0 ? answer(302, '', { location: location + more! }) : answer(200, {}),
      )
      const google = createClient({ transport, auth: accessToken(SECRET) })
      await google
        .api(notes)
        .notes.get({ noteId: '1' }, { headers: { 'x-api-key': SECRET, 'x-other': 'kept' } })
      expect(transport.requests[1]!.url).toBe(expected)
      expect(transport.requests[1]!.headers).toMatchObject({ 'x-other': 'kept' })
      expect(JSON.stringify(transport.requests[1])).not.toContain(SECRET)
    }
  })

  test('elsewhere is not told whose quota it is', async () => {
    const transport = answering(() => answer(200, notes))
    const google = createClient({ transport, auth: anonymous(), quotaProject: 'canary' })
    await google.discover({ url: 'https://elsewhere.example/doc' })
    expect(JSON.stringify(transport.requests)).not.toContain('canary')
  })
})

describe('a key given as a parameter', () => {
  const transport = answering(() => answer(200, { nextPageToken: 't' }))
  const google = createClient({ transport, auth: accessToken('ya29.x') })
  const { get } = google.api({ ...notes, batchPath: 'batch' }).notes

  test('is not printed: of copies, of the next page, of an answer', async () => {
    const request = get.prepare({ noteId: '1', key: SECRET })
    for (const shown of [request, { ...request }, nextRequest(request, { nextPageToken: 'a' })])
      expect(inspect(shown)).not.toContain(SECRET)
    const { response } = await get({ noteId: '1', key: SECRET }).withResponse()
    expect(JSON.stringify(response)).not.toContain(SECRET)
  })

  test('cannot go in a batch, wherever it comes from', async () => {
    transport.requests.length = 0
    const request = get.prepare({ noteId: '1' })
    const lost = { ...get.prepare({ noteId: '1', key: SECRET }), ownCredential: false }
    await expect(google.batch([request], { extraQuery: { key: SECRET } })).rejects.toThrow(
      'a key or a token of its own',
    )
    await expect(google.batch([lost])).rejects.toThrow('a key or a token of its own')
    expect(transport.requests).toEqual([])
  })
})
