import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { crc32c, formatCrc32c } from '../../src/protocol/crc32c.ts'
import { parseRange, resolveRange } from '../../src/protocol/content-range.ts'
import { type RawServer, rawServer } from './raw-server.ts'

/** What a server has at one address. */
export interface ServedContent {
  readonly bytes: Uint8Array
  /** Without it the content has no `x-goog-generation`. */
  readonly generation?: string | undefined
  readonly etag?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Whether ranges are given. Default true. */
  readonly ranges?: boolean
  /** Whether the length is announced. Default true. */
  readonly length?: boolean
}

/** What goes wrong with one request. */
export type Mishap =
  | 'none'
  /** The connection is reset before there is an answer. */
  | 'reset'
  /** Nothing is answered, ever. */
  | 'stall'
  /** After so many bytes of the body: the connection is reset, is closed, or gives nothing any more. */
  | { readonly resetAfter: number }
  | { readonly closeAfter: number }
  | { readonly stallAfter: number }
  /** The status with an error of that name. */
  | { readonly status: number }
  /** The answer is written by hand. */
  | ((request: IncomingMessage, response: ServerResponse) => unknown)

/** A server of one content that meets each request with the next mishap, and after the last with none. */
export interface ContentServer extends RawServer {
  /** What came: the address, and the headers that matter. */
  readonly requests: { readonly url: string; readonly headers: IncomingMessage['headers'] }[]
  /** Bytes of bodies that were given, in all. */
  sent(): number
  content: ServedContent
  mishaps: Mishap[]
}

export async function contentServer(content: ServedContent, ...mishaps: Mishap[]): Promise<ContentServer> {
  let sent = 0
  const server = await rawServer((request, response) => {
    self.requests.push({ url: request.url!, headers: request.headers })
    const mishap = self.mishaps.shift() ?? 'none'
    if (typeof mishap === 'function') return mishap(request, response)
    if (mishap === 'stall') return undefined
    if (mishap === 'reset') return request.socket.resetAndDestroy()
    if (typeof mishap === 'object' && 'status' in mishap) return refuse(response, mishap.status)
    const body = answer(self.content, request, response)
    if (body === undefined) return undefined
    const after = mishap === 'none' ? Infinity : Object.values(mishap)[0]!
    const part = body.subarray(0, after)
    sent += part.length
    if (after > body.length || mishap === 'none') return response.end(part)
    response.flushHeaders()
    return response.write(part.length > 0 ? part : '', () => {
      if ('resetAfter' in mishap) setImmediate(() => request.socket.resetAndDestroy())
      if ('closeAfter' in mishap) request.socket.end()
    })
  })
  const self: ContentServer = { ...server, requests: [], sent: () => sent, content, mishaps }
  return self
}

/** The headers of all that there is. */
export function headersOf({ bytes, generation, etag, headers }: ServedContent): Record<string, string> {
  return {
    'content-type': 'a/b',
    'x-goog-hash': hashOf(bytes),
    'x-goog-stored-content-length': String(bytes.length),
    ...(generation !== undefined && { 'x-goog-generation': generation }),
    ...(etag !== undefined && { etag }),
    ...headers,
  }
}

const hashes = new WeakMap<Uint8Array, string>()

function hashOf(bytes: Uint8Array): string {
  let hash = hashes.get(bytes)
  if (hash === undefined) {
    const md5 = createHash('md5').update(bytes).digest('base64')
    hashes.set(bytes, (hash = `crc32c=${formatCrc32c(crc32c(bytes))},md5=${md5}`))
  }
  return hash
}

/** Writes the head of an answer and gives its body; undefined when there is none. */
function answer(
  content: ServedContent,
  request: IncomingMessage,
  response: ServerResponse,
): Uint8Array | undefined {
  const { bytes, generation, etag, ranges = true, length = true } = content
  const asked = new URL(request.url!, 'http://x').searchParams.get('generation')
  if (asked !== null && asked !== generation) return refuse(response, 404)
  const { 'if-match': ifMatch, 'if-range': ifRange, range: header } = request.headers
  if (ifMatch !== undefined && ifMatch !== etag) return refuse(response, 412)
  const range = ranges && (ifRange === undefined || ifRange === etag) ? parseRange(header) : undefined
  if (!range) {
    const head = { ...headersOf(content), ...(length && { 'content-length': bytes.length }) }
    response.writeHead(200, head)
    return bytes
  }
  const resolved = resolveRange(range, bytes.length)
  if (!resolved) return refuse(response, 416, { 'content-range': `bytes */${bytes.length}` })
  const { first, last } = resolved
  response.writeHead(206, {
    ...headersOf(content),
    'content-range': `bytes ${first}-${last}/${bytes.length}`,
    ...(length && { 'content-length': last + 1 - first }),
  })
  return bytes.subarray(first, last + 1)
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): undefined {
  const body = JSON.stringify({ error: { code: status, message: `it is ${status}` } })
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body)
}
