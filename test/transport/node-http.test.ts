import http from 'node:http'
import net from 'node:net'
import { TransportError, ValidationError, createClient } from 'discokit'
import { anonymous, authorizedFetch } from 'discokit/auth'
import { nodeTransport } from 'discokit/node'
import { describe, expect, test, vi } from 'vitest'
import { contextOf, failureOf } from './contexts.ts'
import { closedPort, httpServer, start, tcpServer, type TestServer, textOf } from './servers.ts'

const get = (url: string) => ({ method: 'GET', url, headers: {} })

describe('nodeTransport', () => {
  test('sends method, path, headers and body as given', async () => {
    let seen: object | undefined
    const server = await httpServer(async (request, response) => {
      seen = {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: await textOf(request),
      }
      response.setHeader('x-answer', 'yes').end('done')
    })
    const send = nodeTransport()
    const answer = await send(
      { method: 'PUT', url: `${server.url}/a%2Fb?c=d`, headers: { 'x-one': 'eins' }, body: 'häppchen' },
      contextOf(),
    )
    expect(answer.status).toBe(200)
    expect(answer.headers['x-answer']).toBe('yes')
    expect(await answer.body.text()).toBe('done')
    expect(seen).toEqual({
      method: 'PUT',
      url: '/a%2Fb?c=d',
      headers: {
        host: `127.0.0.1:${server.port}`,
        'x-one': 'eins',
        'accept-encoding': 'gzip',
        'content-length': '9',
        connection: 'keep-alive',
      },
      body: 'häppchen',
    })
    await send.close()
  })

  test('leaves dots, empty segments and the case of escapes in a path alone', async () => {
    const seen: unknown[] = []
    const server = await httpServer((request, response) => void response.end(seen.push(request.url) && ''))
    const send = nodeTransport()
    const paths = ['/a/../b', '/a//b', '/%2e%2E/x', "/o/'(!)*", '/a?b=/../c']
    for (const path of paths) await (await send(get(server.url + path), contextOf())).body.bytes()
    expect(seen).toEqual(paths)
    await send.close()
  })

  test('uses one connection for requests that follow each other', async () => {
    const server = await httpServer((_, response) => void response.end('{}'))
    const send = nodeTransport()
    for (let i = 0; i < 20; i++) await (await send(get(server.url), contextOf())).body.text()
    expect(server.connections).toBe(1)
    await send.close()
  })

  test('uses the connection again after an answer that was cancelled unread', async () => {
    const server = await httpServer(
      (_, response) => void response.writeHead(401, { 'content-length': 2 }).end('no'),
    )
    const send = nodeTransport({ maxSockets: 1 })
    for (let i = 0; i < 5; i++) (await send(get(server.url), contextOf())).body.cancel()
    expect(server.connections).toBe(1)
    await send.close()
  })

  test('opens no more connections than maxSockets', async () => {
    const server = await httpServer((_, response) => void setImmediate(() => response.end('{}')))
    const send = nodeTransport({ maxSockets: 3 })
    const calls = Array.from({ length: 30 }, async () =>
      (await send(get(server.url), contextOf())).body.text(),
    )
    expect(await Promise.all(calls)).toHaveLength(30)
    expect(server.connections).toBe(3)
    await send.close()
  })

  test('ends its connections when it is closed, and its idle connections do not keep a process alive', async () => {
    const server = await httpServer((_, response) => void response.end('{}'))
    const send = nodeTransport()
    await (await send(get(server.url), contextOf())).body.text()
    expect(server.open.size).toBe(1)
    await send.close()
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('fails the requests under way when it is closed', async () => {
    const server = await httpServer(() => {})
    const send = nodeTransport()
    const failure = failureOf(send(get(server.url), contextOf()))
    await vi.waitFor(() => expect(server.connections).toBe(1))
    await send.close()
    expect(await failure).toMatchObject({ code: 'transport_failed', reason: 'CLOSED' })
  })

  test('refuses requests once it is closed, at once even where requests are tried again', async () => {
    const server = await httpServer((_, response) => void response.end('{}'))
    const transport = nodeTransport()
    await transport.close()
    const google = createClient({
      transport,
      endpoint: server.url,
      auth: anonymous(),
      retry: { baseDelayMs: 3_600_000 },
      timeoutMs: Infinity,
    })
    expect(await failureOf(google.listApis())).toMatchObject({ reason: 'CLOSED', progress: 'unsent' })
    expect(server.connections).toBe(0)
  })

  test('says that nothing was sent when nothing listens', async () => {
    const port = await closedPort()
    const error = await failureOf(
      nodeTransport()(
        { method: 'POST', url: `http://127.0.0.1:${port}/x`, headers: {}, body: '{}' },
        contextOf(),
      ),
    )
    expect(error).toBeInstanceOf(TransportError)
    expect(error).toMatchObject({ reason: 'ECONNREFUSED', progress: 'unsent' })
    expect(error.message).toContain('nothing listens there')
    expect(error.request).toEqual({ method: 'POST', url: `http://127.0.0.1:${port}/x` })
  })

  test('says that nothing was sent when the host has no address', async () => {
    const error = await failureOf(nodeTransport({ proxy: false })(get('http://host.invalid/'), contextOf()))
    expect(error).toBeInstanceOf(TransportError)
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(error.reason)
    expect(error.progress).toBe('unsent')
  })

  test('says that a request may have been acted on when the connection breaks before an answer', async () => {
    const server = await tcpServer((socket) => socket.on('data', () => socket.resetAndDestroy()))
    const error = await failureOf(nodeTransport()(get(server.url), contextOf()))
    expect(error).toMatchObject({ reason: 'ECONNRESET', progress: 'sent' })
  })

  test('gets over a kept-alive connection that the server has just closed', async () => {
    const server = await tcpServer((socket, index) => {
      let requests = 0
      socket.on('data', () => {
        // The first connection answers once and is gone when it is used again.
        if (index === 0 && ++requests > 1) socket.resetAndDestroy()
        else
          socket.write(
            'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{"items":[]}',
          )
      })
    })
    await using google = createClient({ endpoint: server.url, auth: anonymous(), retry: { baseDelayMs: 1 } })
    await google.listApis()
    await google.listApis()
    expect(server.connections).toBe(2)
  })

  test.each([
    ['no scheme', '127.0.0.1/x'],
    ['another scheme', 'ftp://127.0.0.1/x'],
    ['user information', 'http://user:hunter22@127.0.0.1/x'],
    ['a backslash', 'http://127.0.0.1\\@evil.example/'],
    ['a query right after the host', 'http://127.0.0.1?x'],
    ['a port that is none', 'http://127.0.0.1:99999/'],
    ['a space in the host', 'http://127.0 .0.1/'],
    ['a line end in the path', 'http://127.0.0.1:9/a\r\nx-injected: 1'],
    ['a space in the path', 'http://127.0.0.1:9/a b'],
    ['a letter beyond ASCII in the path', 'http://127.0.0.1:9/ü€'],
  ])('refuses an address with %s before anything is sent', async (_, url) => {
    const connect = vi.spyOn(net.Socket.prototype, 'connect')
    const error = await failureOf(nodeTransport()(get(url), contextOf()))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.message).not.toContain('hunter22')
    expect(connect).not.toHaveBeenCalled()
  })

  test.each([
    ['a line end in a header', { method: 'GET', headers: { 'x-secret': 'canary-one\r\nx-injected: 1' } }],
    ['a header name with a space', { method: 'GET', headers: { 'x secret': 'canary-one' } }],
    ['a method that is no word', { method: 'GET / canary-one', headers: {} }],
  ])('refuses %s before anything is sent', async (_, request) => {
    const server = await tcpServer(() => {})
    const error = await failureOf(nodeTransport()({ ...request, url: `${server.url}/` }, contextOf()))
    expect(error).toBeInstanceOf(ValidationError)
    expect(String(error.stack)).not.toContain('canary')
    expect(server.connections).toBe(0)
  })

  test('fails on an answer that is not HTTP', async () => {
    const server = await tcpServer((socket) => socket.on('data', () => socket.end('220 smtp ready\r\n')))
    const error = await failureOf(nodeTransport()(get(server.url), contextOf()))
    expect(error).toMatchObject({ code: 'transport_failed', progress: 'sent' })
    expect(error.reason).toMatch(/^HPE_/)
  })

  test('fails on a switch of protocols that nobody asked for', async () => {
    const server = await tcpServer((socket) =>
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: ws\r\nconnection: upgrade\r\n\r\n'),
      ),
    )
    const error = await failureOf(nodeTransport()(get(server.url), contextOf()))
    expect(error).toBeInstanceOf(TransportError)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })

  test('passes over early hints', async () => {
    const server = await tcpServer((socket) =>
      socket.once('data', () =>
        socket.write(
          'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
        ),
      ),
    )
    const send = nodeTransport()
    const { status, body } = await send(get(server.url), contextOf())
    expect([status, await body.text()]).toEqual([200, 'ok'])
    await send.close()
  })

  test('joins repeated headers, cookies too', async () => {
    const server = await httpServer(
      (_, response) =>
        void response.setHeader('set-cookie', ['a=1', 'b=2']).setHeader('vary', ['x', 'y']).end(),
    )
    const send = nodeTransport()
    const { headers, body } = await send(get(server.url), contextOf())
    await body.bytes()
    expect(headers['set-cookie']).toBe('a=1, b=2')
    expect(headers['vary']).toBe('x, y')
    await send.close()
  })

  test('follows no redirect', async () => {
    const other = await httpServer((_, response) => void response.end('elsewhere'))
    const server = await httpServer(
      (_, response) => void response.writeHead(302, { location: other.url }).end(),
    )
    const answer = await authorizedFetch(anonymous())(server.url)
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe(other.url)
    expect(other.connections).toBe(0)
  })

  test('speaks to an IPv6 address', async (context) => {
    let server: TestServer
    try {
      server = await start(
        http.createServer((request, response) => void response.end(request.headers.host)),
        undefined,
        '::1',
      )
    } catch (error) {
      // Without IPv6 on this machine there is nothing to speak to; the reason is told.
      await context.annotate(`no IPv6 loopback here: ${String(error)}`)
      return
    }
    const answer = await authorizedFetch(anonymous())(`${server.url}/x`)
    expect(await answer.text()).toBe(`[::1]:${server.port}`)
  })
})
