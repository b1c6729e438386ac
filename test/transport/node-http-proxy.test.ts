import http from 'node:http'
import https from 'node:https'
import net, { type Socket } from 'node:net'
import { inspect } from 'node:util'
import { anonymous, authorizedFetch } from 'discokit/auth'
import { nodeTransport } from 'discokit/node'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Certificate, makeCertificate } from './certificates.ts'
import { contextOf, failureOf } from './contexts.ts'
import { closedPort, start, tcpServer, type TestServer } from './servers.ts'

/** What a proxy was asked for, and with which credential. */
interface Asked {
  readonly line: string
  readonly login: string | undefined
  readonly host: string | undefined
}

let certificate: Certificate
beforeAll(() => {
  certificate = makeCertificate('secure.example', ['IP:127.0.0.1'])
})

beforeEach(() => {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'all_proxy']) {
    vi.stubEnv(name, undefined)
    vi.stubEnv(name.toUpperCase(), undefined)
  }
})

/** A proxy whose tunnels all end at one port, whatever place they are asked for. */
async function proxyServer(target = 0): Promise<TestServer & { asked: Asked[] }> {
  const asked: Asked[] = []
  const note = ({ method, url, headers }: http.IncomingMessage): void => {
    asked.push({ line: `${method} ${url}`, login: headers['proxy-authorization'], host: headers.host })
  }
  const server = http.createServer((request, response) => {
    note(request)
    response.end('by proxy')
  })
  server.on('connect', (request, socket: Socket) => {
    note(request)
    const onward = net.connect(target, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('error', () => onward.destroy())
    socket.on('close', () => onward.destroy())
  })
  return Object.assign(await start(server), { asked })
}

function secureServer(seen: http.IncomingHttpHeaders[] = []): Promise<TestServer> {
  return start(
    https.createServer({ ...certificate }, (request, response) => {
      seen.push(request.headers)
      response.end('through the tunnel')
    }),
  )
}

const get = (url: string) => ({ method: 'GET', url, headers: {} })
const login = `Basic ${Buffer.from('ada:p@ss word').toString('base64')}`
const withLogin = (proxy: TestServer): string => proxy.url.replace('//', '//ada:p%40ss%20word@')

describe('a proxy given as an option', () => {
  test('is asked for the whole address of an http origin', async () => {
    const proxy = await proxyServer()
    const transport = nodeTransport({ proxy: withLogin(proxy) })
    const answer = await transport(get('http://plain.example/a/b?c'), contextOf())
    expect(await answer.body.text()).toBe('by proxy')
    expect(proxy.asked).toEqual([{ line: 'GET http://plain.example/a/b?c', login, host: 'plain.example' }])
    await transport.close()
  })

  test('is asked for a tunnel to an https origin, and its credential goes no further', async () => {
    const seen: http.IncomingHttpHeaders[] = []
    const server = await secureServer(seen)
    const proxy = await proxyServer(server.port)
    const transport = nodeTransport({ proxy: withLogin(proxy), ca: certificate.cert })
    const fetch = authorizedFetch(anonymous(), { transport })
    for (let i = 0; i < 3; i++)
      expect(await (await fetch('https://www.secure.example/')).text()).toBe('through the tunnel')
    expect(proxy.asked).toEqual([
      { line: 'CONNECT www.secure.example:443', login, host: 'www.secure.example:443' },
    ])
    expect(seen).toHaveLength(3)
    expect(seen[0]).toMatchObject({ host: 'www.secure.example' })
    expect(seen[0]).not.toHaveProperty('proxy-authorization')
    await transport.close()
  })

  test('is sent no credential when its address has none', async () => {
    const proxy = await proxyServer()
    const transport = nodeTransport({ proxy: proxy.url })
    await (await transport(get('http://plain.example/'), contextOf())).body.bytes()
    expect(proxy.asked[0]?.login).toBeUndefined()
    await transport.close()
  })

  test('may have a percent sign in its password that begins no escape', async () => {
    const proxy = await proxyServer()
    const transport = nodeTransport({ proxy: proxy.url.replace('//', '//ada:50%@') })
    await (await transport(get('http://plain.example/'), contextOf())).body.bytes()
    expect(proxy.asked[0]?.login).toBe(`Basic ${Buffer.from('ada:50%').toString('base64')}`)
    await transport.close()
  })

  test('checks the certificate of the server behind the tunnel', async () => {
    const server = await secureServer()
    const proxy = await proxyServer(server.port)
    const distrusting = nodeTransport({ proxy: proxy.url })
    expect(await failureOf(distrusting(get('https://www.secure.example/'), contextOf()))).toMatchObject({
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      progress: 'unsent',
    })
    const misled = nodeTransport({ proxy: proxy.url, ca: certificate.cert })
    expect(await failureOf(misled(get('https://other.example/'), contextOf()))).toMatchObject({
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
  })

  test('that refuses its credential is named, with the status and without the credential', async () => {
    const proxy = await tcpServer((socket) =>
      socket.once('data', (head) =>
        socket.end(
          `HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: ${head.length}\r\n\r\n${head.toString()}`,
        ),
      ),
    )
    const transport = nodeTransport({ proxy: withLogin(proxy) })
    const error = await failureOf(transport(get('https://www.secure.example/'), contextOf()))
    expect(error).toMatchObject({ code: 'transport_failed', reason: 'PROXY_REFUSED', progress: 'unsent' })
    expect(error.message).toContain('proxy refused')
    expect(error.message).toContain('407')
    const shown = inspect(error, { depth: Infinity, showHidden: true })
    for (const secret of ['p@ss word', 'p%40ss', login.slice(6)]) expect(shown).not.toContain(secret)
  })

  test('that closes the connection is reported, and nothing was sent', async () => {
    const proxy = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const transport = nodeTransport({ proxy: proxy.url })
    expect(await failureOf(transport(get('https://www.secure.example/'), contextOf()))).toMatchObject({
      code: 'transport_failed',
      progress: 'unsent',
    })
  })

  test('that does not listen is reported, and nothing was sent', async () => {
    const transport = nodeTransport({ proxy: `http://127.0.0.1:${await closedPort()}` })
    for (const url of ['https://www.secure.example/', 'http://plain.example/']) {
      expect(await failureOf(transport(get(url), contextOf()))).toMatchObject({
        reason: 'ECONNREFUSED',
        progress: 'unsent',
      })
    }
  })

  test.each([
    ['never answers', (socket: Socket) => void socket.resume()],
    [
      'opens the tunnel to nowhere',
      (socket: Socket) => void socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n')),
    ],
  ])('that %s is let go when the call is aborted', async (_, serve) => {
    const proxy = await tcpServer(serve)
    const transport = nodeTransport({ proxy: proxy.url })
    const ended = new AbortController()
    const failure = failureOf(transport(get('https://www.secure.example/'), contextOf(ended.signal)))
    await vi.waitFor(() => expect(proxy.open.size).toBe(1))
    const reason = new Error('enough')
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await transport.close()
    await vi.waitFor(() => expect(proxy.open.size).toBe(0))
  })

  test.each(['proxy.example:3128', 'socks5://127.0.0.1:1080', 'https://127.0.0.1:3128', ''])(
    'cannot be %j, which is told before anything is opened',
    async (proxy) => {
      const connect = vi.spyOn(net.Socket.prototype, 'connect')
      const error = await failureOf(nodeTransport({ proxy })(get('https://www.secure.example/'), contextOf()))
      expect(error).toMatchObject({ code: 'invalid_input', problems: [{ path: 'proxy' }] })
      expect(error.message).not.toContain('50%')
      expect(connect).not.toHaveBeenCalled()
    },
  )
})

describe('a proxy named by the environment', () => {
  /** Whether a request went to the proxy. Requests that go elsewhere find no such host. */
  async function isProxied(url: string, proxy: TestServer & { asked: Asked[] }): Promise<boolean> {
    const before = proxy.asked.length
    const transport = nodeTransport()
    await transport(get(url), contextOf()).catch(() => {})
    await transport.close()
    return proxy.asked.length > before
  }

  test.each([
    ['HTTPS_PROXY', 'https://www.host.invalid/', true],
    ['https_proxy', 'https://www.host.invalid/', true],
    ['HTTPS_PROXY', 'http://www.host.invalid/', false],
    ['http_proxy', 'http://www.host.invalid/', true],
    ['http_proxy', 'https://www.host.invalid/', false],
  ])('by %s for %s: %j', async (name, url, proxied) => {
    const proxy = await proxyServer()
    vi.stubEnv(name, proxy.url)
    expect(await isProxied(url, proxy)).toBe(proxied)
  })

  test('in lower case goes before the one in upper case', async () => {
    const [lower, upper] = [await proxyServer(), await proxyServer()]
    vi.stubEnv('https_proxy', lower.url)
    vi.stubEnv('HTTPS_PROXY', upper.url)
    expect(await isProxied('https://www.host.invalid/', lower)).toBe(true)
    expect(upper.asked).toEqual([])
  })

  test('is not used for http when HTTP_PROXY alone names it, which requests could set in CGI programs', async () => {
    const proxy = await proxyServer()
    vi.stubEnv('HTTP_PROXY', proxy.url)
    expect(await isProxied('http://www.host.invalid/', proxy)).toBe(false)
  })

  test.each([
    ['www.host.invalid', false],
    ['host.invalid', false],
    ['.host.invalid', false],
    ['*.host.invalid', false],
    ['HOST.Invalid', false],
    ['other.invalid, host.invalid', false],
    ['other.invalid host.invalid', false],
    ['host.invalid:443', false],
    ['*', false],
    ['host.invalid:8443', true],
    ['ost.invalid', true],
    ['other.invalid', true],
    ['www.host.invalid.example', true],
    ['', true],
    [', ,', true],
    ['.', true],
  ])('with NO_PROXY=%j: %j', async (list, proxied) => {
    const proxy = await proxyServer()
    vi.stubEnv('HTTPS_PROXY', proxy.url)
    vi.stubEnv('NO_PROXY', list)
    expect(await isProxied('https://www.host.invalid/', proxy)).toBe(proxied)
  })

  test.each([
    'http://127.0.0.1',
    'http://127.8.9.10',
    'https://localhost',
    'https://[::1]',
    'http://a.localhost',
  ])('is never asked for this machine: %s', async (origin) => {
    const proxy = await proxyServer()
    for (const name of ['http_proxy', 'HTTPS_PROXY', 'https_proxy']) vi.stubEnv(name, proxy.url)
    expect(await isProxied(`${origin}:${await closedPort()}/`, proxy)).toBe(false)
  })

  test('is not asked when the option says false', async () => {
    const proxy = await proxyServer()
    vi.stubEnv('HTTPS_PROXY', proxy.url)
    await failureOf(nodeTransport({ proxy: false })(get('https://www.host.invalid/'), contextOf()))
    expect(proxy.asked).toEqual([])
  })
})
