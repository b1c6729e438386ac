import { TransportError } from '../errors.ts'
import { responseBody } from '../protocol/http-body.ts'
import type { HttpRequest, HttpRequestBody, HttpResponse } from '../protocol/http.ts'
import { originOf } from './origin.ts'
import { redactUrl, summarize } from './redact.ts'
import type { ClosableTransport, TransportContext } from './transport.ts'

/**
 * A transport for uploads from pages, by `XMLHttpRequest`. Browsers take content that is made while it is sent from `fetch`
 * over HTTP/2 alone, or not at all; here the bytes of one request are gathered first, in a Blob, which browsers keep on disk
 * when it is large: 8 MiB of a session, unless `upload.chunkBytes` says otherwise. Answers are held in memory: for downloads `fetchTransport` is the better one.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { anonymous } from 'discokit/auth'
 * import { xhrTransport } from 'discokit/media'
 *
 * const google = createClient({ auth: anonymous(), transport: xhrTransport() })
 * ```
 *
 * Browsers follow redirects by themselves; an answer from another origin than the one that was asked is a `TransportError`.
 */
export function xhrTransport(): ClosableTransport {
  return Object.assign(send, { holdsBodies: true, close: async () => {} })
}

async function send(request: HttpRequest, context: TransportContext): Promise<HttpResponse> {
  const body = await unlessEnded(context, (isOver) => gathered(request.body, isOver))
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    const what = `${request.method} ${redactUrl(request.url)}`
    const fail = (reason: string, message: string): void =>
      reject(
        new TransportError(`${what}: ${message}`, { reason, progress: 'sent', request: summarize(request) }),
      )
    let over = false
    const forget = context.onEnd((reason) => {
      over = true
      reject(reason)
      xhr.abort()
    })
    if (over) return
    xhr.open(request.method, request.url)
    xhr.responseType = 'arraybuffer'
    for (const [name, value] of Object.entries(request.headers)) {
      if (!OF_THE_BROWSER.has(name)) xhr.setRequestHeader(name, value)
    }
    xhr.addEventListener('load', () => {
      if (originOf(xhr.responseURL)?.host !== originOf(request.url)?.host)
        return fail('REDIRECTED', 'another origin answered')
      // Of the kind that `responseType` says.
      const content = new Uint8Array(xhr.response as ArrayBuffer)
      const headers = readHeaders(xhr.getAllResponseHeaders())
      resolve({ status: xhr.status, headers, body: responseBody(content) })
    })
    xhr.addEventListener('error', () =>
      fail('XHR_FAILED', 'the connection failed, or the server lets no page of this origin'),
    )
    xhr.addEventListener('loadend', forget)
    context.phase = 'answer'
    xhr.send(body)
  })
}

/** Headers that a page may not set. */
const OF_THE_BROWSER = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'host',
  'origin',
  'user-agent',
])

/** Rejects as soon as the call ends, and tells what is under way to stop. */
async function unlessEnded<T>(
  context: TransportContext,
  work: (isOver: () => boolean) => Promise<T>,
): Promise<T> {
  let over = false
  let forget: (() => void) | undefined
  const ended = new Promise<never>((_, reject) => {
    forget = context.onEnd((reason) => {
      over = true
      reject(reason)
    })
  })
  try {
    return await Promise.race([ended, work(() => over)])
  } finally {
    forget?.()
  }
}

async function gathered(
  body: HttpRequestBody | undefined,
  isOver: () => boolean,
): Promise<Blob | string | null> {
  if (body === undefined || typeof body === 'string') return body ?? null
  if (body instanceof Uint8Array) return new Blob([body as Uint8Array<ArrayBuffer>])
  let blob = new Blob([])
  let pieces: Uint8Array<ArrayBuffer>[] = []
  let held = 0
  // Blobs of blobs hold nothing twice, and let go of the pieces.
  const keep = (): void => {
    blob = new Blob([blob, ...pieces])
    pieces = []
    held = 0
  }
  for await (const chunk of body.open()) {
    if (isOver()) return null // which nobody waits for any more
    pieces.push(chunk as Uint8Array<ArrayBuffer>)
    held += chunk.length
    if (held >= HELD_BYTES) keep()
  }
  keep()
  return blob
}

const HELD_BYTES = 1_048_576

function readHeaders(lines: string): Record<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines.split('\r\n').filter(Boolean)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return Object.fromEntries(headers)
}
