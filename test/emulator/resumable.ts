import { request as httpRequest } from 'node:http'
import type { Emulator } from '../../src/emulator/index.ts'
import { bodyLength } from '../../src/protocol/body-facts.ts'
import { requestBodyChunks } from '../../src/protocol/http-body.ts'
import type { HttpRequestBody } from '../../src/protocol/http.ts'
import { until } from '../media/connection.ts'
import { streamed, type Told } from './speak.ts'

/** Sends raw requests to an emulator, in process or over its port. */
export interface Sender {
  say(
    method: string,
    path: string,
    options?: { headers?: Record<string, string>; body?: HttpRequestBody },
  ): Promise<Told>
  to(url: string, method: string, headers: Record<string, string>, body?: HttpRequestBody): Promise<Told>
  /** Begins a resumable upload of `box/f`. */
  begin(options?: { query?: string; metadata?: object; headers?: Record<string, string> }): Promise<Resumable>
}

/** A resumable upload under way. */
export interface Resumable {
  readonly url: string
  put(range: string | undefined, body?: HttpRequestBody, headers?: Record<string, string>): Promise<Told>
  query(): Promise<Told>
  /** Asks until the upload stands there. */
  queryUntil(range: string): Promise<Told>
  delete(): Promise<Told>
  /** Sends the beginning of a body of `length` bytes; the function that this gives breaks the connection. */
  beginPut(range: string, bytes: Uint8Array, length: number): () => Promise<void>
}

export function sender(emulator: Emulator, manner: 'in process' | 'over a port'): Sender {
  const to: Sender['to'] = (url, method, headers, body) =>
    manner === 'in process' ? handled(emulator, url, method, headers, body) : sent(url, method, headers, body)
  return {
    to,
    say: (method, path, { headers = {}, body } = {}) => to(emulator.url + path, method, headers, body),
    begin: async ({ query = '', metadata, headers = {} } = {}) => {
      const told = await to(
        `${emulator.url}/upload/storage/v1/b/box/o?uploadType=resumable&name=f${query}`,
        'POST',
        { ...(metadata && { 'content-type': 'application/json; charset=UTF-8' }), ...headers },
        metadata && JSON.stringify(metadata),
      )
      if (told.status !== 200) throw new Error(`the upload did not begin: ${told.status} ${told.text}`)
      return resumable(told.headers.location!, to, manner)
    },
  }
}

function resumable(url: string, to: Sender['to'], manner: 'in process' | 'over a port'): Resumable {
  const put: Resumable['put'] = (range, body, headers = {}) =>
    to(url, 'PUT', { ...(range !== undefined && { 'content-range': range }), ...headers }, body ?? '')
  const query = (): Promise<Told> => put('bytes */*')
  return {
    url,
    put,
    query,
    queryUntil: async (range) => {
      let told: Told
      await until(async () => (told = await query()).headers.range === range)
      return told!
    },
    delete: () => to(url, 'DELETE', { 'content-length': '0' }),
    beginPut: (range, bytes, length) => {
      if (manner === 'over a port') return beginOverPort(url, range, bytes, length)
      let breakNow: () => void
      const broken = new Promise<void>((resolve) => (breakNow = resolve))
      async function* chunks(): AsyncGenerator<Uint8Array> {
        yield bytes
        await broken
        throw new Error('the sender has gone')
      }
      const ended = put(range, streamed(chunks(), length)).catch(() => {})
      return async () => {
        breakNow()
        await ended
      }
    },
  }
}

function beginOverPort(url: string, range: string, bytes: Uint8Array, length: number): () => Promise<void> {
  const headers = { 'content-range': range, 'content-length': length }
  const outgoing = httpRequest(url, { method: 'PUT', headers, agent: false })
  const ended = new Promise<void>((resolve) => void outgoing.on('error', () => {}).on('close', resolve))
  outgoing.write(bytes)
  return () => {
    outgoing.socket!.resetAndDestroy()
    return ended
  }
}

async function handled(
  emulator: Emulator,
  url: string,
  method: string,
  headers: Record<string, string>,
  body: HttpRequestBody | undefined,
): Promise<Told> {
  const response = await emulator.handle({ method, url, headers, ...(body !== undefined && { body }) })
  return toldOf(response.status, response.headers, await response.body.bytes())
}

function sent(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: HttpRequestBody | undefined,
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const length = bodyLength(body)
    const framed = { ...headers, ...(length !== undefined && { 'content-length': String(length) }) }
    const outgoing = httpRequest(url, { method, headers: framed, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', reject)
        .on('end', () => {
          const told = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
          resolve(toldOf(response.statusCode!, Object.fromEntries(told), Buffer.concat(chunks)))
        })
    })
    outgoing.on('error', reject)
    void (async () => {
      for await (const chunk of requestBodyChunks(body)) outgoing.write(chunk)
      outgoing.end()
    })()
  })
}

function toldOf(status: number, headers: Readonly<Record<string, string>>, bytes: Uint8Array): Told {
  const text = new TextDecoder().decode(bytes)
  return {
    status,
    headers,
    bytes,
    text,
    get json() {
      return JSON.parse(text)
    },
  }
}
