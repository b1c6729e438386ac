import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { BrowserContext, Page } from 'playwright-core'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { HttpRequest } from '../../src/protocol/http.ts'
import { needBrowser, openBrowser, present } from '../examples/browser.ts'

/** What the page has for the tests. */
interface InPage {
  /** Sends, and gives the answer or the failure as plain data; ends the call after a time. */
  ask(request: HttpRequest, endAfterMs?: number): Promise<Answer>
}
interface Answer {
  status?: number
  headers?: Record<string, string>
  text?: string
  failure?: { name: string; reason: unknown; message: string }
}

let server: Server
let other: Server
let origin: string
let elsewhere: string
const paths: string[] = []
let browser: BrowserContext & AsyncDisposable
let page: Page

beforeEach(needBrowser)
beforeAll(async () => {
  if (!present) return
  server = createServer((request, response) => {
    const [url] = (request.url ?? '').split('?')
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      paths.push(url!)
      if (url === '/') return response.setHeader('content-type', 'text/html').end('<!doctype html>')
      if (url === '/308') return response.writeHead(308, { range: 'bytes=0-262143' }).end()
      if (url === '/redirect') return response.writeHead(302, { location: `${elsewhere}/there` }).end()
      if (url === '/break') return request.socket.destroy()
      if (url === '/never') return undefined
      const { 'content-length': length, 'content-type': type, 'x-own': own } = request.headers
      const told = { method: request.method, length, type, own, last: body.at(-1) }
      return response.setHeader('x-two', ['a', 'b']).end(JSON.stringify(told))
    })
  }).listen(0, '127.0.0.1')
  other = createServer((_, response) => {
    response.writeHead(200, { 'access-control-allow-origin': '*' }).end('elsewhere')
  }).listen(0, '127.0.0.1')
  await Promise.all([once(server, 'listening'), once(other, 'listening')])
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  const bundle = await rolldown({
    input: fileURLToPath(new URL('children/xhr-in-page.ts', import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['discokit-source', 'browser'] },
  })
  const { output } = await bundle.generate({ format: 'esm' })
  browser = await openBrowser()
  page = await browser.newPage()
  await page.goto(origin)
  await page.addScriptTag({ type: 'module', content: output[0].code })
  await page.waitForFunction(() => 'ask' in globalThis)
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  server?.close()
  other?.close()
  server?.closeAllConnections()
  other?.closeAllConnections()
})

function ask(path: string, more: Partial<HttpRequest> = {}, endAfterMs?: number): Promise<Answer> {
  const request: HttpRequest = {
    method: 'GET',
    url: path.startsWith('/') ? origin + path : path,
    headers: {},
    ...more,
  }
  return page.evaluate(([sent, ms]) => (globalThis as unknown as InPage).ask(sent, ms), [
    request,
    endAfterMs,
  ] as const)
}

describe('xhrTransport', () => {
  test('sends texts, bytes and content that is made while it is sent, and leaves the browser its headers', async () => {
    const headers = { 'content-type': 'text/x', 'x-own': '1', 'user-agent': 'x', 'content-length': '9' }
    const told = await ask('/echo', { method: 'PUT', headers, body: 'héllo' })
    expect(JSON.parse(told.text!)).toEqual({
      method: 'PUT',
      length: '6',
      type: 'text/x',
      own: '1',
      last: 111,
    })
    expect([told.status, told.headers?.['x-two']]).toEqual([200, 'a, b'])
    // The page makes a stream of three million bytes of that.
    const streamed = await ask('/echo', { method: 'POST', headers: {}, body: 'stream' })
    expect(JSON.parse(streamed.text!)).toMatchObject({ length: '3000000', last: 2 })
  })

  test('gives the 308 of uploads', async () => {
    expect(await ask('/308', { method: 'PUT', body: 'x' })).toMatchObject({
      status: 308,
      headers: { range: 'bytes=0-262143' },
    })
  })

  test.each([
    ['/redirect', 'REDIRECTED'],
    ['/break', 'XHR_FAILED'],
  ])('fails on %s with the reason %s, and without what is secret in the address', async (path, reason) => {
    const { failure } = await ask(`${path}?upload_id=secret`)
    expect(failure).toMatchObject({ name: 'TransportError', reason })
    expect(failure!.message).not.toContain('secret')
  })

  test('ends with the call', async () => {
    expect((await ask('/never', {}, 50)).failure).toMatchObject({ message: 'that is enough' })
  })

  test('ends with the call while it gathers the content, and sends nothing of it', async () => {
    const { failure } = await ask('/late', { method: 'POST', body: 'late' }, 50)
    expect(failure).toMatchObject({ message: 'that is enough' })
    await ask('/echo', { method: 'POST' })
    expect(paths).toContain('/echo')
    expect(paths).not.toContain('/late')
  })
})
