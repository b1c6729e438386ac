import type { ServerResponse } from 'node:http'
import * as fc from 'fast-check'
import { createClient, type PreparedRequest, type RestDescription } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { notes } from '../client/notes-document.ts'
import { httpServer, textOf } from '../transport/servers.ts'
import { answerPart, multipartBody, okMessage, type SentPart, sentParts } from './parts.ts'

const document: RestDescription = { ...notes, batchPath: 'batch/notes' }

/** What a server says to the parts it got; the number counts batches from 0. */
type Say = (parts: readonly SentPart[], index: number, response: ServerResponse) => string | undefined

/** A server that answers batches as the test says, and a client of it. */
async function speaking(say: Say, headers: Record<string, string> = {}) {
  const batches: SentPart[][] = []
  const server = await httpServer(async (request, response) => {
    const parts = sentParts(request.headers['content-type']!, await textOf(request))
    const text = say(parts, batches.push(parts) - 1, response)
    if (text === undefined) return
    response.writeHead(200, { 'content-type': 'multipart/mixed; boundary=b', ...headers })
    response.end(text)
  })
  const google = createClient({
    endpoint: server.url,
    auth: anonymous(),
    retry: { maxAttempts: 2, baseDelayMs: 1 },
  })
  const methods = google.api(document)['notes']
  const read = (noteId: string): PreparedRequest => methods.get.prepare({ noteId })
  const write = (title: string): PreparedRequest => methods.insert.prepare({ body: { title } })
  return { google, read, write, batches, server }
}

const ok = ({ id }: SentPart, value: unknown): string => answerPart(id, okMessage(value))
const fulfilled = (value: unknown): object => ({ status: 'fulfilled', value })
const unreadable = (message: RegExp): object => ({
  reason: {
    code: 'unreadable_answer',
    message: expect.stringMatching(message),
    request: { id: 'notes.notes.get' },
  },
})

describe('parts of an answer are matched by id alone', () => {
  test('in any order', async () => {
    const { google, read } = await speaking((parts) =>
      multipartBody(parts.map((part, i) => ok(part, i)).toReversed()),
    )
    expect(await google.batch([read('a'), read('b'), read('c')])).toEqual([0, 1, 2].map(fulfilled))
  })

  test.each([
    ['missing', (parts: readonly SentPart[]) => [ok(parts[1]!, 1)]],
    [
      'under an id that was not given',
      (parts: readonly SentPart[]) => [ok({ ...parts[0]!, id: 'x+0' }, 0), ok(parts[1]!, 1)],
    ],
    [
      'under a place that was not given',
      ([a, b]: readonly SentPart[]) => [ok({ ...a!, id: `${a!.id}0` }, 0), ok(b!, 1)],
    ],
    [
      'under a place written otherwise',
      ([a, b]: readonly SentPart[]) => [ok({ ...a!, id: a!.id.replace('+0', '+00') }, 0), ok(b!, 1)],
    ],
    [
      'without an id',
      ([, b]: readonly SentPart[]) => [`Content-Type: application/http\r\n\r\n${okMessage(0)}`, ok(b!, 1)],
    ],
  ])('and one that is %s is an error, not its neighbour', async (_, answers) => {
    const { google, read, batches } = await speaking((parts) => multipartBody(answers(parts)))
    const [first, second] = await google.batch([read('a'), read('b')])
    expect(first).toMatchObject(unreadable(/no part with the id of this request/))
    expect(second).toEqual(fulfilled(1))
    expect(batches).toHaveLength(1)
  })

  test('and two for one request are none', async () => {
    const { google, read } = await speaking(([a, b]) => multipartBody([ok(a!, 0), ok(b!, 1), ok(a!, 2)]))
    const [first, second] = await google.batch([read('a'), read('b')])
    expect(first).toMatchObject(unreadable(/two answers/))
    expect(second).toEqual(fulfilled(1))
  })

  test('and far too many are no answer', async () => {
    const { google, read } = await speaking((parts) =>
      multipartBody(Array.from({ length: 1_000 }, (_, i) => ok({ ...parts[0]!, id: `x+${i}` }, i))),
    )
    expect(await google.batch([read('a')])).toMatchObject([unreadable(/more than 2 parts/)])
  })
})

describe('an answer in a part', () => {
  const heads = [
    ['HTTP/1.1 2000 OK', 'status line'],
    ['HTTP/2 200 OK', 'status line'],
    ['HTTP/1.1 100 Continue', 'status line'],
    ['HTTP/1.1  200 OK', 'status line'],
    ['200 OK', 'status line'],
    ['http/1.1 200 OK', 'status line'],
    ['HTTP/1.1 200 OK\r\nno colon', 'header'],
    ['HTTP/1.1 200 OK\r\nA : b', 'header'],
    ['HTTP/1.1 200 OK\r\nA: b\r\n folded', 'header'],
    ['HTTP/1.1 200 OK\r\nA: b\u0000', 'header'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1', 'longer'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 99', 'shorter'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3', 'not a number'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', 'coding'],
    [`HTTP/1.1 200 OK\r\nA: ${'a'.repeat(70_000)}`, 'too long'],
  ].map(([head = '', why = '']) => [JSON.stringify(head.slice(0, 60)), head, why] as const)
  test.each(heads)('that begins %s is an error of that part', async (_, head, why) => {
    const { google, read, batches } = await speaking(([a, b]) =>
      multipartBody([answerPart(a!.id, `${head}\r\n\r\n{"a":1}`), ok(b!, 1)]),
    )
    const [first, second] = await google.batch([read('a'), read('b')])
    expect(first).toMatchObject(unreadable(new RegExp(why)))
    expect(second).toEqual(fulfilled(1))
    expect(batches).toHaveLength(1)
  })

  test('that has no headers, or lines that end in LF, can be read', async () => {
    const { google, read } = await speaking(([a, b]) =>
      multipartBody([
        answerPart(a!.id, 'HTTP/1.1 204 No Content\r\n\r\n'),
        answerPart(b!.id, okMessage({ a: 'ü' }).replaceAll('\r\n', '\n')),
      ]),
    )
    expect(await google.batch([read('a'), read('b')])).toEqual([fulfilled(undefined), fulfilled({ a: 'ü' })])
    const unix = await speaking((parts) =>
      multipartBody(parts.map((part, i) => ok(part, i))).replaceAll('\r\n', '\n'),
    )
    expect(await unix.google.batch([unix.read('a'), unix.read('b')])).toEqual([fulfilled(0), fulfilled(1)])
  })

  test('that holds boundaries is left whole', async () => {
    const inner = multipartBody(['content-type: text/plain\r\n\r\nx'], 'inner')
    const tricky = `x--b--\n--b--\r\n--bb\r\n--b x\r\n${inner}`
    const { google, read } = await speaking(([a, b]) =>
      multipartBody([
        answerPart(a!.id, `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n${tricky}`),
        ok(b!, 1),
      ]),
    )
    expect(await google.batch([read('a'), read('b')])).toEqual([fulfilled(tricky), fulfilled(1)])
  })

  test('that redirects is not followed', async () => {
    const { google, read, batches, server } = await speaking(([a]) =>
      multipartBody([answerPart(a!.id, okMessage({}, '302 Found', ['Location: https://evil.example/']))]),
    )
    expect(await google.batch([read('a')])).toMatchObject([{ reason: { status: 302, hint: /redirect/ } }])
    expect([batches.length, server.connections]).toEqual([1, 1])
  })

  test('that fails for now is asked for again, no sooner than it says', async () => {
    const at: number[] = []
    const { google, read, batches } = await speaking(([a, b], i) => {
      at.push(performance.now())
      if (i > 0) return multipartBody([ok(a!, 'again')])
      return multipartBody([ok(a!, 0), answerPart(b!.id, okMessage({}, '503 Busy', ['Retry-After: 1']))])
    })
    expect(await google.batch([read('a'), read('b')])).toEqual([fulfilled(0), fulfilled('again')])
    expect(batches[1]!.map(({ message }) => message.split('\r\n')[0])).toEqual([
      'GET /notes/v1/notes/b HTTP/1.1',
    ])
    expect(at[1]! - at[0]!).toBeGreaterThanOrEqual(999)
  })

  test('repeats no secret of its request in the error', async () => {
    const secret = `AIza${crypto.randomUUID()}`
    const { google, read } = await speaking(([a]) =>
      multipartBody([
        answerPart(a!.id, okMessage({ error: { message: `bad key ${secret}` } }, '400 Bad Request')),
      ]),
    )
    const [result] = await google.batch([read('a')], { extraQuery: { upload_id: secret } })
    expect(result).toMatchObject({ reason: { status: 400, message: expect.stringContaining('bad key …') } })
    expect(JSON.stringify(result)).not.toContain(secret)
  })
})

describe('an answer to a batch', () => {
  const lost: [string, string, Record<string, string>][] = [
    ['of another type', '{}', { 'content-type': 'application/json' }],
    ['a web page', '<html>', { 'content-type': 'text/html' }],
    ['without a boundary', multipartBody([]), { 'content-type': 'multipart/mixed' }],
    ['without its boundary line', 'nothing here', {}],
    ['empty', '', {}],
    ['cut in its first part', '--b\r\nContent-Type: application/http\r\n', {}],
  ]
  test.each(lost)(
    '%s is asked for again where that is safe, and may have done the rest',
    async (_, text, headers) => {
      const { google, read, write, batches } = await speaking(() => text, headers)
      const [first, second] = await google.batch([read('a'), write('b')])
      expect(first).toMatchObject({ reason: { code: 'unreadable_answer' } })
      expect(second).toMatchObject({
        reason: { code: 'maybe_applied', request: { id: 'notes.notes.insert' } },
      })
      expect(batches.map((parts) => parts.length)).toEqual([2, 1])
    },
  )

  test('cut off in the middle has the parts that came whole', async () => {
    const { google, read, write, batches } = await speaking((parts, i, response) => {
      const text = multipartBody(parts.map((part, k) => ok(part, k)))
      if (i > 0) return text
      const [head] = text.split(`Content-ID: <response-${parts[2]!.id}>`)
      response.writeHead(200, {
        'content-type': 'multipart/mixed; boundary=b',
        'content-length': text.length,
      })
      response.write(head!, () => response.destroy())
      return undefined
    })
    const results = await google.batch([write('a'), read('b'), read('c'), write('d')])
    expect(results).toMatchObject([
      fulfilled(0),
      fulfilled(1),
      fulfilled(0), // alone in the second batch
      { reason: { code: 'maybe_applied', cause: { code: 'transport_failed' } } },
    ])
    expect(batches.map((parts) => parts.length)).toEqual([4, 1])
  })

  test('of a thousand parts is read, if that many were asked for', async () => {
    const { google, read, batches } = await speaking((parts) =>
      multipartBody(parts.map((part, i) => ok(part, i))),
    )
    const results = await google.batch(
      Array.from({ length: 1_000 }, () => read('a')),
      { maxSize: 1_000 },
    )
    expect(results).toEqual(Array.from({ length: 1_000 }, (_, i) => fulfilled(i)))
    expect(batches).toHaveLength(1)
  })

  test('is read for what it says: any list of results', async () => {
    let now: readonly { status: number; value: unknown }[] = []
    const { google, read } = await speaking((parts) => {
      const messages = parts.map(({ id }, i) =>
        answerPart(id, okMessage(now[i]!.value, `${now[i]!.status} Any`)),
      )
      return multipartBody(messages, 'b')
    })
    const outcome = fc.record({
      status: fc.constantFrom(200, 201, 206, 400, 404, 409, 412, 501),
      value: fc.jsonValue(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(outcome, { minLength: 1, maxLength: 20 }), async (outcomes) => {
        now = outcomes
        const results = await google.batch(outcomes.map((_, i) => read(String(i))))
        for (const [i, { status, value }] of outcomes.entries()) {
          if (status < 300) expect(results[i]).toEqual(fulfilled(JSON.parse(JSON.stringify(value))))
          else expect(results[i]).toMatchObject({ reason: { status, request: { id: 'notes.notes.get' } } })
        }
      }),
      { numRuns: 50 },
    )
  })
})
