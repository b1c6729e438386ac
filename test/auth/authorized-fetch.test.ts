import { getEventListeners } from 'node:events'
import { AuthError, ValidationError } from 'discokit'
import {
  anonymous,
  authorizedFetch,
  type AuthorizedFetch,
  type Credentials,
  serviceAccount,
} from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { failureOf } from '../transport/contexts.ts'
import { answering, httpServer, tcpServer, textOf } from '../transport/servers.ts'
import { API, endpoint } from './endpoint.ts'
import { keyFile } from './keys.ts'

const fixed: Credentials = { kind: 'test', headers: () => ({ authorization: 'Bearer t' }) }

describe('against the emulator', () => {
  let emulator: Emulator
  let fetch: AuthorizedFetch
  beforeEach(async () => {
    emulator = await createEmulator()
    fetch = authorizedFetch(emulator.serviceAccount(), {
      transport: emulator.connect().transport!,
      allowedOrigins: [emulator.url],
      clock: emulator.clock,
    })
  })
  afterEach(() => emulator.close())
  const buckets = (): string => `${emulator.url}/storage/v1/b?project=p`
  const tokens = (): number =>
    emulator.journal.exchanges.filter(({ methodId }) => methodId === 'oauth2.token').length

  test('creates a bucket by POST and lists it by GET', async () => {
    const made = await fetch(buckets(), {
      method: 'post',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: 'box' }),
    })
    expect(made.status).toBe(200)
    const list = await fetch(new URL(buckets()))
    expect((await list.json()).items[0].name).toBe('box')
    expect(list.headers.get('content-type')).toContain('application/json')
    expect(tokens()).toBe(1)
  })

  test('renews the token when it has expired', async () => {
    await fetch(buckets())
    emulator.clock.advance(3_600_000)
    expect((await fetch(buckets())).status).toBe(200)
    expect(tokens()).toBe(2)
  })

  test('does not ask for a token for each call where none is taken', async () => {
    emulator.fail('storage.buckets.list', Array<string>(200).fill('return-401'))
    for (let call = 0; call < 50; call++) expect((await fetch(buckets())).status).toBe(401)
    expect(tokens()).toBe(2)
    emulator.clock.advance(10_000)
    expect((await fetch(buckets())).status).toBe(401)
    expect(tokens()).toBe(3)
  })

  test('renews the token when it is refused, and sends the request again', async () => {
    await fetch(buckets())
    emulator.revokeTokens()
    const body = JSON.stringify({ name: 'box' })
    expect((await fetch(buckets(), { method: 'POST', body })).status).toBe(200)
    expect(tokens()).toBe(2)
  })

  test('gives a 401 that stays, and every other error, as an answer', async () => {
    emulator.fail('storage.buckets.list', ['return-401', 'return-401', 'return-503', 'return-404'])
    for (const status of [401, 503, 404]) expect((await fetch(buckets())).status).toBe(status)
  })

  test('gives a 204 without a body', async () => {
    await fetch(buckets(), { method: 'POST', body: '{"name":"box"}' })
    const answer = await fetch(`${emulator.url}/storage/v1/b/box`, { method: 'DELETE' })
    expect([answer.status, answer.body, await answer.text()]).toEqual([204, null, ''])
  })
})

describe('what is sent', () => {
  /** What a server sees of a request. */
  async function seenOf(init: Parameters<AuthorizedFetch>[1], path = '/x') {
    let seen: { method: string; url: string; headers: Record<string, unknown>; body: string } | undefined
    const server = await httpServer(async (request, response) => {
      const { method, url, headers } = request
      seen = { method: method!, url: url!, headers, body: await textOf(request) }
      response.end()
    })
    await authorizedFetch(fixed, { allowedOrigins: [server.url] })(server.url + path, init)
    return seen!
  }

  test.each([
    ['an object', { 'X-One': '1', 'x-two': '2' }],
    [
      'pairs',
      [
        ['X-One', '1'],
        ['x-two', '2'],
      ],
    ],
    [
      'a Map',
      new Map([
        ['X-One', '1'],
        ['x-two', '2'],
      ]),
    ],
    ['Headers', new Headers({ 'X-One': '1', 'x-two': '2' })],
  ])('has headers given as %s', async (_, headers) => {
    const { headers: seen } = await seenOf({ headers: headers as never })
    expect(seen).toMatchObject({ 'x-one': '1', 'x-two': '2', authorization: 'Bearer t' })
  })

  test('has the credential and not an Authorization that the caller gave', async () => {
    const { headers } = await seenOf({ headers: { Authorization: 'Basic mine' } })
    expect(headers['authorization']).toBe('Bearer t')
  })

  test('has the address without its hash', async () => {
    expect((await seenOf({}, '/a%2Fb?c=d#secret')).url).toBe('/a%2Fb?c=d')
  })

  const bytes = new TextEncoder().encode('häppchen')
  test.each([
    ['a text', () => 'häppchen', 'text/plain;charset=UTF-8', '9', 'häppchen'],
    ['bytes', () => bytes, undefined, '9', 'häppchen'],
    ['an ArrayBuffer', () => bytes.buffer, undefined, undefined, 'häppchen'],
    ['a Blob', () => new Blob(['häppchen'], { type: 'image/png' }), 'image/png', '9', 'häppchen'],
    [
      'URLSearchParams',
      () => new URLSearchParams({ a: 'ä' }),
      'application/x-www-form-urlencoded;charset=UTF-8',
      undefined,
      'a=%C3%A4',
    ],
    ['a ReadableStream', () => new Blob(['häppchen']).stream(), undefined, undefined, 'häppchen'],
    ['an empty text', () => '', 'text/plain;charset=UTF-8', '0', ''],
  ])('may be %s', async (_, body, type, length, text) => {
    const seen = await seenOf({ method: 'POST', body: body() })
    expect(seen.body).toBe(text)
    expect(seen.headers['content-type']).toBe(type)
    if (length === undefined)
      expect(seen.headers['transfer-encoding'] ?? seen.headers['content-length']).toBeDefined()
    else expect(seen.headers['content-length']).toBe(length)
  })

  test('may be FormData, with its boundary in the content type', async () => {
    const body = new FormData()
    body.set('a', 'b')
    body.set('file', new Blob(['häppchen']), 'x.txt')
    const seen = await seenOf({ method: 'POST', body })
    const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(String(seen.headers['content-type']))?.[1]
    expect(seen.body).toContain(`--${boundary}--`)
    expect(seen.body).toContain('häppchen')
  })

  test('may be what multipart() gives, with its content type and length', async () => {
    const { multipart } = await import('discokit/media')
    const body = multipart({
      kind: 'related',
      parts: [{ body: '{}', contentType: 'application/json' }, { body: bytes }],
    })
    const seen = await seenOf({ method: 'POST', body })
    expect(seen.headers).toMatchObject({
      'content-type': body.contentType,
      'content-length': String(body.length),
    })
    expect(seen.body).toContain('häppchen')
  })

  test('has the content type that the caller gave', async () => {
    const headers = { 'content-type': 'application/json' }
    for (const body of ['{}', bytes, new Blob(['{}'], { type: 'image/png' })])
      expect((await seenOf({ method: 'PUT', headers, body })).headers['content-type']).toBe(
        'application/json',
      )
  })

  test.each([
    ['a line end in a header', { headers: { 'x-a': 'canary\r\nx-b: 1' } }],
    ['a header name with a space', { headers: { 'x a': 'canary' } }],
    ['a header beyond Latin-1', { headers: { 'x-a': 'canary €' } }],
    ['a host', { headers: { host: 'canary.example' } }],
    ['a length', { method: 'POST', body: 'abc', headers: { 'content-length': '1' } }],
    ['a transfer coding', { method: 'POST', body: 'abc', headers: { 'Transfer-Encoding': 'chunked' } }],
    ['a credential for a proxy', { headers: { 'proxy-authorization': 'canary' } }],
    ['a method of two words', { method: 'GET /canary' }],
  ])('is refused when it has %s, and the value is not repeated', async (_, init) => {
    const server = await tcpServer(() => {})
    const fetch = authorizedFetch(fixed, { allowedOrigins: [server.url] })
    const error = await failureOf(fetch(server.url, init))
    expect(error).toBeInstanceOf(ValidationError)
    expect(`${error.stack}`.replaceAll(/\n +at .*/g, '')).not.toContain('canary')
    expect(server.connections).toBe(0)
  })

  test.each(['', '/relative', 'storage.googleapis.com/x', 'https://', {} as never])(
    'is refused when its address is %j',
    async (url) => {
      expect(await failureOf(authorizedFetch(fixed)(url))).toBeInstanceOf(ValidationError)
    },
  )
})

describe('where it is sent', () => {
  test.each([
    'https://evil.example/',
    'https://evilgoogleapis.com/',
    'http://storage.googleapis.com/',
    'https://storage.googleapis.com:8443/',
    'https://user:password@storage.googleapis.com/',
    'https://storage.googleapis.com.evil.example/',
    'http://127.0.0.1:1/',
    'ftp://storage.googleapis.com/',
    'data:text/plain,x',
  ])('is not %s, for which not even a token is asked', async (url) => {
    const google = endpoint()
    const error = await failureOf(google.fetch(serviceAccount({ key: keyFile() }))(url))
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ reason: 'origin_not_allowed' })
    expect(error.message).not.toContain('password')
    expect([...google.tokenRequests, ...google.calls]).toEqual([])
  })

  test.each([
    ['https://api.example.com', 'https://api.example.com/x'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/x'],
    ['http://[::1]:8080', 'http://[::1]:8080/x'],
  ])('may be %s when that is named', async (origin, url) => {
    const google = endpoint()
    const fetch = authorizedFetch(fixed, { transport: google.transport, allowedOrigins: [origin] })
    await fetch(url)
    expect(google.calls[0]!.headers['authorization']).toBe('Bearer t')
  })

  test('may not be http elsewhere even when that is named', async () => {
    expect(() => authorizedFetch(fixed, { allowedOrigins: ['http://api.example.com'] })).toThrow(
      ValidationError,
    )
    const fetch = authorizedFetch(fixed, { allowedOrigins: ['https://api.example.com'] })
    expect(await failureOf(fetch('http://api.example.com/'))).toMatchObject({ reason: 'origin_not_allowed' })
  })

  test('may be anywhere without a credential', async () => {
    const google = endpoint()
    await authorizedFetch(anonymous(), { transport: google.transport })('http://example.com/')
    expect(google.calls[0]!.headers).not.toHaveProperty('authorization')
  })

  test('is read as browsers read it: a backslash is a slash', async () => {
    const google = endpoint()
    await google.fetch(fixed)('https://storage.googleapis.com\\@evil.example/')
    expect(google.calls[0]!.url).toBe('https://storage.googleapis.com/@evil.example/')
  })
})

describe('how it ends', () => {
  const reason = new Error('enough')
  const local = (url: string): AuthorizedFetch => authorizedFetch(fixed, { allowedOrigins: [url] })

  test('with the reason of an abort before it began', async () => {
    const server = await tcpServer(() => {})
    expect(await failureOf(local(server.url)(server.url, { signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(server.connections).toBe(0)
  })

  test('with the reason of an abort while the answer is awaited', async () => {
    const server = await httpServer(() => {})
    const ended = new AbortController()
    const failure = failureOf(local(server.url)(server.url, { signal: ended.signal }))
    await vi.waitFor(() => expect(server.open.size).toBe(1))
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('with the reason of an abort while the body is read', async () => {
    const server = await tcpServer(answering('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthe beginning'))
    const ended = new AbortController()
    const answer = await local(server.url)(server.url, { signal: ended.signal })
    const failure = failureOf(answer.text())
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('in time when no answer comes', async () => {
    const server = await httpServer(() => {})
    const error = await failureOf(local(server.url)(server.url, { timeoutMs: 20 }))
    expect(error).toMatchObject({ code: 'timeout', timeoutMs: 20, phase: 'answer' })
    expect(error.message).toContain('timeoutMs')
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('in time when the body does not end', async () => {
    const server = await tcpServer(answering('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nthe beginning'))
    const answer = await local(server.url)(server.url, { timeoutMs: 200 })
    expect(await failureOf(answer.text())).toMatchObject({ code: 'timeout', timeoutMs: 200 })
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test.each([204, 205, 304])('without a trace after a %i', async (status) => {
    const server = await tcpServer(answering(`HTTP/1.1 ${status} X\r\ncontent-length: 0\r\n\r\n`))
    const { signal } = new AbortController()
    const answer = await local(server.url)(server.url, { signal, timeoutMs: 60_000 })
    expect([answer.status, answer.body]).toEqual([status, null])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test.each(['read', 'cancelled', 'failed'])('without a trace after a body that was %s', async (how) => {
    const length = how === 'read' ? 13 : 1_000_000
    const bytes = `HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\nthe beginning`
    const server = await tcpServer(answering(bytes, (socket) => how === 'failed' && socket.end()))
    const { signal } = new AbortController()
    const answer = await local(server.url)(server.url, { signal, timeoutMs: 60_000 })
    if (how === 'read') expect(await answer.text()).toBe('the beginning')
    else if (how === 'cancelled') await answer.body!.cancel()
    else expect(await failureOf(answer.text())).toMatchObject({ reason: 'ANSWER_CUT_SHORT' })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('with the redirect itself, which is not followed', async () => {
    const other = await tcpServer(() => {})
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await httpServer(
        (_, response) => void response.writeHead(status, { location: other.url }).end(),
      )
      const answer = await local(server.url)(server.url, { method: 'POST', body: 'x' })
      expect([answer.status, answer.headers.get('location')]).toEqual([status, other.url])
    }
    expect(other.connections).toBe(0)
  })
})

test('two fetches share neither tokens nor permissions', async () => {
  const [one, two] = [endpoint(), endpoint()]
  const key = keyFile()
  await one.fetch(serviceAccount({ key }))(API)
  await two.fetch(serviceAccount({ key }))(API)
  expect([one.tokenRequests.length, two.tokenRequests.length]).toEqual([1, 1])
  const named = authorizedFetch(fixed, {
    transport: one.transport,
    allowedOrigins: ['https://api.example.com'],
  })
  await named('https://api.example.com/')
  const other = authorizedFetch(fixed, { transport: two.transport })
  expect(await failureOf(other('https://api.example.com/'))).toMatchObject({ reason: 'origin_not_allowed' })
})

describe('a fetch that cannot be', () => {
  test.each<[unknown, object, string]>([
    [undefined, {}, 'credentials: must be a credential, such as adc()'],
    ['key.json', {}, 'credentials: must be'],
    [serviceAccount, {}, 'credentials: must be'],
    [fixed, { allowedOrigin: [API] }, 'allowedOrigin: is not an option'],
    [fixed, { allowedOrigins: API }, 'allowedOrigins: must be a list'],
    [fixed, { allowedOrigins: ['api.example.com'] }, 'allowedOrigins: must be a list of addresses'],
    [fixed, { allowedOrigins: ['http://api.example.com'] }, 'allowedOrigins: must be a list of addresses'],
    [fixed, { tokenStore: {} }, 'tokenStore: must be what sharedTokens(store) gives'],
  ])('is refused when it is made: %s %j', (credentials, options, message) => {
    const make = (): unknown => authorizedFetch(credentials as Credentials, options)
    expect(make).toThrow(ValidationError)
    expect(make).toThrow(message)
  })

  test('is told that an address is missing', async () => {
    const fetch = authorizedFetch(fixed, { transport: endpoint().transport })
    const failure = await failureOf(fetch(undefined as unknown as string))
    expect(failure).toMatchObject({ problems: [{ path: 'url' }] })
  })
})
