import { TransportError } from '../errors.ts'
import { collect, tooLarge } from '../protocol/http-body.ts'
import type { HttpRequest, HttpResponse, HttpResponseBody } from '../protocol/http.ts'
import { bodyLength } from '../protocol/body-facts.ts'
import { splitOrigin } from '../transport/origin.ts'
import { redactUrl, summarize } from '../transport/redact.ts'
import type { Transport, TransportContext } from '../transport/transport.ts'

/** The part of a dispatcher of undici (version 7 or later) that is used: an `Agent`, a `Pool`, a `Client`. */
export interface UndiciDispatcher {
  dispatch(options: object, handler: object): boolean
}

/**
 * A transport over a dispatcher of the package `undici`, for programs with hundreds of requests at once: about half
 * of the CPU of `node:http`. The dispatcher is the caller's: it brings pools, proxies and certificates, and is closed
 * by whoever made it. Answers are asked for without content codings.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { undiciTransport } from 'discokit/node'
 * import { Agent } from 'undici'
 *
 * const google = createClient({ transport: undiciTransport(new Agent({ connections: 64 })) })
 * ```
 */
export function undiciTransport(dispatcher: UndiciDispatcher): Transport {
  return (request, context) =>
    new Promise((resolve, reject) => {
      const { origin, target } = splitOrigin(request.url) ?? { origin: request.url, target: '/' }
      const { method, headers, body } = request
      const content = typeof body === 'object' && !(body instanceof Uint8Array) ? body.open() : body
      context.phase = 'answer'
      const options = {
        origin,
        path: target,
        method,
        headers: withLength(request, headers),
        body: content ?? null,
      }
      dispatcher.dispatch(options, new Answer(request, context, resolve, reject))
    })
}

/** What undici hands over with each event. */
interface Controller {
  pause(): void
  resume(): void
  abort(reason: unknown): void
}

/** One answer: undici's handler and our body in one object, so that a small call makes few. */
class Answer implements HttpResponseBody {
  readonly #request: HttpRequest
  readonly #resolve: (response: HttpResponse) => void
  readonly #reject: (reason: unknown) => void
  #controller: Controller | undefined
  #forget: (() => void) | undefined
  #ended: { reason?: unknown } | undefined
  #aborted: { reason: unknown } | undefined
  #answered = false
  #chunks: Buffer[] = []
  #wake: (() => void) | undefined

  constructor(
    request: HttpRequest,
    context: TransportContext,
    resolve: (response: HttpResponse) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request
    this.#resolve = resolve
    this.#reject = reject
    this.#forget = context.onEnd((reason) => this.#abort(reason))
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(this.#aborted.reason)
  }

  onResponseStart(_: Controller, status: number, headers: Record<string, string | string[]>): void {
    if (status < 200) return
    this.#answered = true
    this.#resolve({ status, headers: joined(headers), body: this })
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.#chunks.push(chunk)
    if (this.#wake) this.#wake()
    else if (this.#chunks.length >= MAX_WAITING_CHUNKS) controller.pause()
  }

  onResponseEnd(): void {
    this.#end({})
  }

  onResponseError(_: Controller, error: Error & { code?: string }): void {
    const reason = this.#aborted ? this.#aborted.reason : this.#explain(error)
    this.#end({ reason })
    this.#reject(reason)
  }

  text(maxBytes?: number): Promise<string> {
    return this.#gather(maxBytes).then((bytes) => bytes.toString('utf8'))
  }

  bytes(maxBytes?: number): Promise<Uint8Array> {
    return this.#gather(maxBytes)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        while (this.#chunks.length > 0) yield this.#chunks.shift()!
        if (this.#ended) break
        const woken = new Promise<void>((resolve) => (this.#wake = resolve))
        this.#controller?.resume()
        await woken
        this.#wake = undefined
      }
      if (this.#ended.reason !== undefined) throw this.#ended.reason
    } finally {
      this.cancel()
    }
  }

  cancel(): void {
    if (!this.#ended) this.#abort(new Error('the answer is not wanted'))
  }

  async #gather(maxBytes: number = Infinity): Promise<Buffer> {
    // A small answer is often there already when it is asked for.
    if (this.#ended?.reason === undefined && this.#chunks.length === 1 && this.#ended) {
      const [only] = this.#chunks.splice(0)
      if (only!.length > maxBytes) throw tooLarge(maxBytes)
      return only!
    }
    const bytes = await collect(this, maxBytes)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  #abort(reason: unknown): void {
    this.#aborted ??= { reason }
    if (!this.#answered) this.#reject(reason)
    this.#controller?.abort(reason)
  }

  #end(ended: { reason?: unknown }): void {
    this.#ended = ended
    this.#forget?.()
    this.#wake?.()
  }

  #explain(error: Error & { code?: string }): unknown {
    if (!error.code) return error // an error of the body's own source
    const reason = error.code
    const progress = this.#answered ? 'answered' : UNSENT.has(reason) ? 'unsent' : 'sent'
    const what = `${this.#request.method} ${redactUrl(this.#request.url)}`
    return new TransportError(`${what}: the connection failed (${reason})`, {
      reason,
      progress,
      request: summarize(this.#request),
    })
  }
}

const MAX_WAITING_CHUNKS = 16
const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'])

function withLength(request: HttpRequest, headers: HttpRequest['headers']): HttpRequest['headers'] {
  const length = bodyLength(request.body)
  if (request.body === undefined || length === undefined || 'content-length' in headers) return headers
  return { ...headers, 'content-length': String(length) }
}

function joined(headers: Record<string, string | string[]>): Record<string, string> {
  for (const name in headers) {
    const value = headers[name]!
    if (typeof value !== 'string') headers[name] = value.join(', ')
  }
  return headers as Record<string, string> // all lists are joined
}
