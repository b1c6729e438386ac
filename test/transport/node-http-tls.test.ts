import https from 'node:https'
import { createClient } from 'discokit'
import { anonymous, authorizedFetch } from 'discokit/auth'
import { nodeTransport } from 'discokit/node'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { type Certificate, makeCertificate } from './certificates.ts'
import { contextOf, failureOf } from './contexts.ts'
import { start, tcpServer, type TestServer } from './servers.ts'

let known: Certificate
let other: Certificate
beforeAll(() => {
  known = makeCertificate('localhost', ['IP:127.0.0.1'])
  other = makeCertificate('elsewhere.example')
})

async function secureServer(certificate: Certificate): Promise<TestServer & { secureUrl: string }> {
  const server = await start(
    https.createServer({ ...certificate }, (request, response) => {
      request.resume().on('end', () => response.end(`${request.method} ${request.url}`))
    }),
  )
  return Object.assign(server, { secureUrl: `https://127.0.0.1:${server.port}` })
}

const post = (url: string) => ({ method: 'POST', url, headers: {}, body: 'x' })

describe('nodeTransport over TLS', () => {
  test('speaks to a server whose authority is named with ca, over one connection', async () => {
    const server = await secureServer(known)
    const transport = nodeTransport({ ca: known.cert })
    const fetch = authorizedFetch(anonymous(), { transport })
    for (let i = 0; i < 3; i++) expect(await (await fetch(`${server.secureUrl}/a`)).text()).toBe('GET /a')
    expect(server.connections).toBe(1)
    await transport.close()
  })

  test('sends an upload larger than the buffers of TLS', async () => {
    const server = await secureServer(known)
    const transport = nodeTransport({ ca: known.cert })
    const fetch = authorizedFetch(anonymous(), { transport })
    const answer = await fetch(`${server.secureUrl}/up`, { method: 'POST', body: new Uint8Array(5_000_000) })
    expect(await answer.text()).toBe('POST /up')
    await transport.close()
  })

  test('presents the client certificate it was given', async () => {
    const seen: unknown[] = []
    const server = await start(
      https.createServer(
        { ...known, requestCert: true, rejectUnauthorized: true, ca: other.cert },
        (request, response) => {
          seen.push((request.socket as import('node:tls').TLSSocket).getPeerCertificate().subject.CN)
          response.end()
        },
      ),
    )
    const transport = nodeTransport({ ca: known.cert, ...other })
    await authorizedFetch(anonymous(), { transport })(`https://127.0.0.1:${server.port}/`)
    expect(seen).toEqual(['elsewhere.example'])
    await transport.close()
  })

  test('refuses a certificate that signs itself, says how to trust it, and has sent nothing', async () => {
    const server = await secureServer(known)
    const error = await failureOf(nodeTransport()(post(server.secureUrl), contextOf()))
    expect(error).toMatchObject({
      code: 'transport_failed',
      reason: 'DEPTH_ZERO_SELF_SIGNED_CERT',
      progress: 'unsent',
    })
    expect(error.message).toContain('self-signed')
    expect(error.message).toContain('option ca')
  })

  test('refuses a certificate for another name', async () => {
    const server = await secureServer(other)
    const transport = nodeTransport({ ca: other.cert })
    expect(await failureOf(transport(post(server.secureUrl), contextOf()))).toMatchObject({
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
      progress: 'unsent',
    })
  })

  test('does not try again with a certificate that cannot be trusted', async () => {
    const server = await secureServer(known)
    await using google = createClient({
      endpoint: server.secureUrl,
      auth: anonymous(),
      retry: { baseDelayMs: 1 },
    })
    expect(await failureOf(google.listApis())).toMatchObject({ reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(server.connections).toBe(1)
  })

  test('knows that nothing was sent when the connection breaks in the handshake', async () => {
    const server = await tcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const error = await failureOf(nodeTransport()(post(`https://127.0.0.1:${server.port}`), contextOf()))
    expect(error).toMatchObject({ reason: 'ECONNRESET', progress: 'unsent' })
  })

  test('fails clearly where the server does not speak TLS', async () => {
    const server = await tcpServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad\r\n\r\n')),
    )
    const error = await failureOf(nodeTransport()(post(`https://127.0.0.1:${server.port}`), contextOf()))
    expect(error).toMatchObject({ code: 'transport_failed', progress: 'unsent' })
  })

  test('is aborted in the handshake and closes the connection', async () => {
    const server = await tcpServer((socket) => socket.resume())
    const ended = new AbortController()
    const failure = failureOf(
      nodeTransport()(post(`https://127.0.0.1:${server.port}`), contextOf(ended.signal)),
    )
    await vi.waitFor(() => expect(server.open.size).toBe(1))
    const reason = new Error('enough')
    ended.abort(reason)
    expect(await failure).toBe(reason)
    await vi.waitFor(() => expect(server.open.size).toBe(0))
  })
})
