import { inspect } from 'node:util'
import {
  AuthError,
  createClient,
  DiscokitError,
  fetchTransport,
  GoogleApiError,
  type Transport,
} from 'discokit'
import { authorizedFetch, serviceAccount } from 'discokit/auth'
import { nodeTransport } from 'discokit/node'
import { describe, expect, test } from 'vitest'
import { keyFile, PKCS8 } from '../auth/keys.ts'
import { failureOf } from '../transport/contexts.ts'
import { answering, closedPort, httpServer, tcpServer, textOf } from '../transport/servers.ts'
import { echoOf, planted, plantedClient, type Script, secretsOf } from './planted.ts'
import { expectNoSecret } from './sweep.ts'

const API = 'https://storage.googleapis.com/storage/v1/b'

describe('an API that repeats the request in its refusal', () => {
  const older =
    (status: number): Script =>
    (request) => ({
      status,
      headers: { 'content-type': 'application/json' },
      text: JSON.stringify({
        error: {
          code: status,
          message: `cannot ${echoOf(request)}`,
          errors: [
            { message: echoOf(request), domain: 'global', reason: 'invalid', debugInfo: echoOf(request) },
          ],
        },
      }),
    })
  const newer =
    (status: number): Script =>
    (request) => ({
      status,
      text: JSON.stringify({
        error: {
          code: status,
          message: echoOf(request),
          status: 'INVALID_ARGUMENT',
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
              reason: 'X',
              domain: 'd',
              metadata: request.headers,
            },
            {
              '@type': 'type.googleapis.com/google.rpc.RequestInfo',
              servingData: echoOf(request),
              url: request.url,
            },
          ],
        },
      }),
    })
  const page =
    (status: number): Script =>
    (request) => ({
      status,
      headers: { 'content-type': 'text/html' },
      text: `<pre>${request.method} ${request.url}\n${Object.entries(request.headers).join('\n')}</pre>`,
    })
  const headersOnly =
    (status: number): Script =>
    ({ headers, url }) => ({
      status,
      headers: {
        'x-guploader-uploadid': new URL(url).searchParams.get('upload_id')!,
        'www-authenticate': `Bearer error="invalid_token", token="${headers['authorization']?.slice(7)}"`,
        'set-cookie': headers['cookie']!,
        'x-echo': JSON.stringify(headers),
        location: url,
      },
      text: '',
    })
  const cutOff =
    (status: number): Script =>
    ({ headers }) => ({
      status,
      text: JSON.stringify({
        error: { message: `the token ${headers['authorization']?.slice(7, 27)}… is bad` },
      }),
    })

  const statuses = [302, 400, 401, 403, 404, 409, 412, 429, 500, 503]
  test.each([
    ['in the older form', older],
    ['in the newer form', newer],
    ['as a web page', page],
    ['in its headers', headersOnly],
    ['cut off', cutOff],
  ])('%s shows nothing of it', async (_, script) => {
    for (const status of statuses) {
      const { read, write, readOwn, secrets } = await plantedClient({ call: script(status) })
      for (const call of [read, write, readOwn]) {
        const error = await failureOf(call())
        expect(error).toBeInstanceOf(GoogleApiError)
        // What the caller put into the body is the caller's to see, should the server repeat it.
        const { requestBody: _body, ...hidden } = secrets()
        expectNoSecret(error, hidden)
      }
    }
  })

  test('never shows the request body by itself', async () => {
    const { write, secrets } = await plantedClient({ call: () => ({ status: 400, text: '{}' }) })
    expectNoSecret(await failureOf(write()), secrets())
  })
})

describe('an API that answers what cannot be read', () => {
  test.each([
    ['broken JSON', 'application/json'],
    ['a web page', 'text/html'],
  ])('shows nothing: %s', async (_, type) => {
    const call: Script = (request) => ({
      status: 200,
      headers: { 'content-type': type },
      text: `{${echoOf(request)}`,
    })
    const { read, readOwn, secrets } = await plantedClient({ call })
    for (const one of [read, readOwn]) {
      const error = await failureOf(one())
      expect(error).toMatchObject({ code: 'unreadable_answer' })
      expectNoSecret(error, secrets())
    }
  })
})

describe('a token endpoint that repeats the assertion', () => {
  const said = ({ body }: { body?: unknown }): string => String(body)
  const refusals: readonly [string, Script][] = [
    [
      'in the description',
      (request) => ({
        status: 400,
        text: JSON.stringify({ error: 'invalid_grant', error_description: said(request) }),
      }),
    ],
    [
      'decoded',
      (request) => ({
        status: 400,
        text: JSON.stringify({
          error: 'invalid_grant',
          error_description: new URLSearchParams(said(request)).get('assertion'),
        }),
      }),
    ],
    ['for an error', (request) => ({ status: 400, text: JSON.stringify({ error: said(request) }) })],
    [
      'in the newer form',
      (request) => ({ status: 403, text: JSON.stringify({ error: { message: said(request) } }) }),
    ],
    [
      'cut off',
      (request) => ({
        status: 400,
        text: JSON.stringify({
          error: 'invalid_grant',
          error_description: new URLSearchParams(said(request)).get('assertion')!.slice(0, 40),
        }),
      }),
    ],
    ['as a page', (request) => ({ status: 200, text: `<p>${said(request)}</p>` })],
    [
      'as a token',
      () => ({ status: 200, text: JSON.stringify({ access_token: `${planted.accessToken}\r\nx: y` }) }),
    ],
    [
      'as a type',
      (request) => ({
        status: 200,
        text: JSON.stringify({ access_token: planted.accessToken, token_type: said(request) }),
      }),
    ],
  ]
  test.each(refusals)('%s shows nothing of it', async (_, token) => {
    const { read, secrets } = await plantedClient({ token })
    const error = await failureOf(read())
    expect(error).toBeInstanceOf(AuthError)
    expectNoSecret(error, secrets())
  })
})

describe('a connection that fails', () => {
  const transports: readonly [string, () => Transport][] = [
    ['node:http', () => nodeTransport()],
    ['fetch', () => fetchTransport()],
  ]
  /** The failures of reading and writing over a real connection to an endpoint on this machine. */
  async function failures(url: string, transport: Transport, more = {}): Promise<unknown[]> {
    const { read, write, secrets } = await plantedClient({ transport, options: { endpoint: url } })
    const errors = [await failureOf(read(more)), await failureOf(write(more))]
    for (const error of errors) {
      expect(error).toBeInstanceOf(DiscokitError)
      expectNoSecret(error, secrets())
    }
    return errors
  }

  test.each(transports)('over %s shows nothing', async (_, make) => {
    await failures(`http://127.0.0.1:${await closedPort()}`, make())
    const reset = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    await failures(reset.url, make())
    const cut = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{"a":'
    await failures((await tcpServer(answering(cut, (socket) => socket.end()))).url, make())
    const garbage = await tcpServer((socket) => socket.once('data', (chunk) => socket.end(chunk)))
    await failures(garbage.url, make())
    const silent = await httpServer(() => {})
    await failures(silent.url, make(), { timeoutMs: 20 })
  })

  test.each(transports)('over %s shows nothing when the server repeats it all', async (_, make) => {
    const server = await httpServer(async (request, response) => {
      const echo = JSON.stringify({ url: request.url, headers: request.headers })
      await textOf(request)
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: { message: echo, errors: [{ reason: 'bad', message: echo }] } }))
    })
    for (const error of await failures(server.url, make())) expect(error).toMatchObject({ status: 400 })
  })

  test('to a proxy shows nothing of the credential for it', async () => {
    const repeating = await httpServer((request, response) => {
      response.writeHead(403).end(JSON.stringify(request.headers))
    })
    const refusing = await tcpServer((socket) =>
      socket.once('data', (head) => socket.end(`HTTP/1.1 407 Login\r\nx-echo: x\r\n\r\n${head.toString()}`)),
    )
    const login = { login: Buffer.from(`ada:${planted.proxyPassword}`).toString('base64') }
    for (const server of [repeating, refusing]) {
      const proxy = server.url.replace('//', `//ada:${planted.proxyPassword}@`)
      for (const target of ['http://127.0.0.1:9', 'https://127.0.0.1:9']) {
        const { read, secrets } = await plantedClient({
          transport: nodeTransport({ proxy }),
          options: { endpoint: target },
        })
        expectNoSecret(await failureOf(read()), { ...secrets(), ...login })
      }
    }
    const wrong = nodeTransport({ proxy: `socks5://ada:${planted.proxyPassword}@127.0.0.1:9` })
    const { read, secrets } = await plantedClient({ transport: wrong })
    expectNoSecret(await failureOf(read()), { ...secrets(), ...login })
  })

  test('with an abort shows nothing but the reason', async () => {
    const server = await httpServer(() => {})
    const { read, secrets } = await plantedClient({
      transport: nodeTransport(),
      options: { endpoint: server.url },
    })
    const error = await failureOf(read({ signal: AbortSignal.timeout(20) }))
    expect(error).toMatchObject({ name: 'TimeoutError' })
    expectNoSecret(error, secrets())
  })
})

describe('what is refused before it is sent', () => {
  test('shows nothing of the values', async () => {
    const { storage, google, secrets } = await plantedClient({ call: () => ({ status: 200, text: '{}' }) })
    const secret = planted.cookie
    const refused = [
      storage['buckets'].get({ bucket: 'box' }, { headers: { cookie: `${secret}\r\nx: y` } }),
      storage['buckets'].get(
        { bucket: 'box' },
        { headers: { authorization: `Bearer ${planted.accessToken}` } },
      ),
      storage['buckets'].get({ bucket: 'box' }, { quotaProject: `${secret}\r\n` }),
      storage['buckets'].get({ bucket: `${secret}\u0000` }),
      storage['buckets'].insert({ project: 'p', body: cyclic(planted.requestBody) }),
      storage['buckets'].list({ project: 'p', maxResults: { [planted.requestBody]: planted.requestBody } }),
      google.send({
        id: 'x',
        method: 'GET',
        url: `https://ada:${planted.proxyPassword}@storage.googleapis.com/`,
        headers: {},
      }),
      google.send({
        id: 'x',
        method: 'GET',
        url: `https://evil.example/${secret}?key=${planted.apiKeyQuery}`,
        headers: {},
      }),
      authorizedFetch(serviceAccount({ key: keyFile() }))(API, { headers: { cookie: `${secret}\r\nx: y` } }),
      authorizedFetch(serviceAccount({ key: keyFile() }))(`not an address ${secret}`),
      authorizedFetch(serviceAccount({ key: keyFile() }))(
        `https://ada:${planted.proxyPassword}@evil.example/`,
      ),
    ]
    for (const call of refused) expectNoSecret(await failureOf(call), secrets())
  })

  test('by a transport shows nothing of the values', async () => {
    const { google, secrets } = await plantedClient({ transport: nodeTransport() })
    const base = { id: 'x', method: 'GET', url: API, headers: {} }
    for (const request of [
      { ...base, headers: { cookie: `${planted.cookie}\r\nx: y` } },
      { ...base, headers: { [`x ${planted.cookie}`]: 'y' } },
      { ...base, method: `GET ${planted.cookie}` },
      { ...base, url: `${API}?key=${planted.apiKeyQuery} and a space` },
    ])
      expectNoSecret(await failureOf(google.send(request)), secrets())
  })

  test('because its key is broken shows nothing of the key', async () => {
    const brokenKeys = [
      PKCS8.replace(/^M/m, 'N'),
      PKCS8.slice(0, 900),
      PKCS8.replaceAll('\n', ' '),
      PKCS8.replace('BEGIN PRIVATE', 'BEGIN EC PRIVATE'),
    ]
    for (const private_key of brokenKeys) {
      const error = await failureOf(
        authorizedFetch(serviceAccount({ key: async () => keyFile({ private_key }) }))(API),
      )
      expectNoSecret(error, secretsOf())
    }
    const text = `{"type":"service_account","private_key":"${PKCS8}"`
    expectNoSecret(await failureOf((async () => serviceAccount({ key: text }))()), secretsOf())
  })
})

describe('what a program may print by accident', () => {
  test('holds no secret: credentials, clients, APIs, fetches, calls and their errors in lists', async () => {
    const key = keyFile()
    const auth = serviceAccount({ key, claims: { secret: planted.requestBody } })
    const call: Script = () => ({ status: 403, text: '{}' })
    const { google, storage, read, secrets } = await plantedClient({ call })
    await failureOf(read()) // a token is held from here on
    const proxied = createClient({
      auth,
      transport: nodeTransport({ proxy: `http://ada:${planted.proxyPassword}@127.0.0.1:9` }),
    })
    const running = read()
    for (const value of [
      auth,
      google,
      proxied,
      storage,
      storage['buckets'].get,
      authorizedFetch(auth),
      running,
    ])
      expectNoSecret(value, secrets())
    await failureOf(running)
    expectNoSecret(running, secrets())
    const requests = [1, 2].map(() => storage['buckets'].get.prepare({ bucket: 'box' }))
    expectNoSecret(await google.send(requests), secrets())
    expectNoSecret(requests, secrets())
  })

  test('holds no credential in a prepared request that was sent', async () => {
    const { google, storage, secrets } = await plantedClient({
      call: () => ({ status: 200, headers: { 'content-type': 'application/json' }, text: '{}' }),
    })
    const request = storage['buckets'].get.prepare({ bucket: 'box' })
    await google.send(request)
    expectNoSecret(request, secrets())
    expect(inspect(request)).toContain('storage/v1/b/box')
  })
})

test('the sweep finds what it looks for', () => {
  const secret = { canary: 'one-secret-of-many?' }
  const found = (value: unknown): void => expect(() => expectNoSecret(value, secret)).toThrow(/canary/)
  found(new Error('with one-secret-of-many?'))
  found(new Error('x', { cause: new Error('with one-secret-o') }))
  found(Object.defineProperty(new Error('x'), 'hidden', { value: 'one-secret-of-many?' }))
  found({ a: { b: { c: { d: { e: ['one-secret-of-many%3F'] } } } } })
  found(new Error(Buffer.from('one-secret-of-many?').toString('base64')))
  expectNoSecret(new Error('nothing'), secret)
})

function cyclic(text: string): object {
  const value: { text: string; self?: object } = { text }
  value.self = value
  return value
}
