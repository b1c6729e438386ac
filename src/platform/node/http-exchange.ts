import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { tooLarge } from '../../protocol/http-body.ts'
import type { HttpRequest, HttpResponse, HttpResponseBody, OpenOptions } from '../../protocol/http.ts'
import type { TransportContext } from '../../transport/transport.ts'
import { toTransportError } from './http-error.ts'
import { writeBody } from './http-write-body.ts'

/** What an exchange is given besides its call. */
export interface HttpExchangeOptions {
  readonly request: HttpRequest
  readonly context: TransportContext
  /** Whether to take a gzip coding off the answer. */
  readonly inflate: boolean
  /** Whether the transport was closed, which then is the reason of whatever fails. */
  readonly closed: () => boolean
}

/** Sends a request on a call that was opened for it, and gives the answer when its headers are there. */
export function exchangeOverHttp(call: ClientRequest, options: HttpExchangeOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => new HttpExchange(call, options, resolve, reject))
}

/**
 * One request and the body of its answer: a single object, because a small call has little else to allocate. A
 * failure that comes before anybody reads the body is kept for the reader. Text and bytes are gathered from events,
 * which is the cheapest way Node has; an iteration holds the connection back until each chunk is taken.
 */
class HttpExchange implements HttpResponseBody {
  readonly #call: ClientRequest
  readonly #options: HttpExchangeOptions
  readonly #resolve: (response: HttpResponse) => void
  readonly #reject: (reason: unknown) => void
  readonly #forget: () => void
  #message: IncomingMessage | undefined
  /** The message, or what inflates it. */
  #stream: Readable | undefined
  #aborted: { reason: unknown } | undefined
  #failed: { reason: unknown } | undefined
  /** Nobody wants the rest of the body, so nothing may hold it back. */
  #left = false
  /** Who waits for the body, to be told of a failure. */
  #reader: ((reason: unknown) => void) | undefined

  constructor(
    call: ClientRequest,
    options: HttpExchangeOptions,
    resolve: (response: HttpResponse) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#call = call
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    this.#forget = options.context.onEnd((reason) => this.#abort(reason))
    call.on('error', (error) => this.#failUnanswered(error))
    call.on('close', () => this.#close())
    call.on('response', (message) => this.#answer(message))
    writeBody(call, options.request.body, () => this.#message !== undefined, reject)
  }

  text(maxBytes?: number): Promise<string> {
    return this.#gather(maxBytes, (bytes) => bytes.toString('utf8'))
  }

  bytes(maxBytes?: number): Promise<Uint8Array> {
    return this.#gather(maxBytes, (bytes) => bytes)
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    return this.open({})
  }

  async *open({ reuse = false }: OpenOptions): AsyncGenerator<Uint8Array, void, undefined> {
    this.#throwFailure()
    const stream = this.#stream!
    if (stream.destroyed) throw this.#explain(CUT_SHORT)
    // Not the stream's own iterator: it joins what has come, and so copies everything once more.
    const chunks: Buffer[] = []
    let ended = false
    let wake = ignore
    const onData = (chunk: Buffer): void => {
      chunks.push(chunk)
      if (chunks.length >= MOST_WAITING && !this.#left) stream.pause()
      wake()
    }
    const onEnd = (): void => {
      ended = true
      wake()
    }
    stream.on('data', onData).on('end', onEnd)
    this.#reader = () => wake()
    const release = reuse && stream === this.#message
    let before: Buffer | undefined
    try {
      for (;;) {
        for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
          this.#throwFailure()
          yield chunk
          if (release && before) giveBack(before)
          before = chunk
        }
        this.#throwFailure()
        if (ended) return
        stream.resume()
        await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      stream.off('data', onData).off('end', onEnd)
      if (!ended) this.cancel()
    }
  }

  cancel(): void {
    this.#left = true
    const { complete, headers } = this.#message!
    // A small rest is read, so that the connection can be used again; a large one is not worth it.
    if (complete || Number(headers['content-length'] ?? Infinity) <= SMALL_REST_BYTES) this.#stream!.resume()
    else this.#giveUp()
  }

  #gather<Result>(maxBytes = Infinity, finish: (bytes: Buffer) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#throwFailure()
      const stream = this.#stream!
      if (stream.destroyed) throw this.#explain(CUT_SHORT)
      let first: Buffer | undefined
      let rest: Buffer[] | undefined
      let length = 0
      this.#reader = reject
      stream.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > maxBytes) {
          reject(tooLarge(maxBytes))
          this.#giveUp()
        } else if (first === undefined) first = chunk
        else (rest ??= [first]).push(chunk)
      })
      stream.on('end', () => {
        const failure = this.#failed ?? this.#aborted
        if (failure) reject(failure.reason)
        else resolve(finish(rest ? Buffer.concat(rest, length) : (first ?? Buffer.alloc(0))))
      })
    })
  }

  #answer(message: IncomingMessage): void {
    const { request, inflate } = this.#options
    this.#message = message
    message.on('error', (error) => this.#fail(isReset(error) ? CUT_SHORT : error))
    this.#stream = inflate && request.method !== 'HEAD' && isGzip(message) ? this.#gunzip(message) : message
    // What was written last may be on its way still; more than that cannot have arrived.
    if (!this.#call.writableEnded || this.#call.writableLength > SMALL_REST_BYTES) {
      if (message.statusCode! < 300) {
        this.#call.destroy()
        return this.#reject(this.#explain(EARLY))
      }
      // Half a request lies on the connection, so it can serve no other.
      message.once('end', () => this.#call.destroy())
    }
    this.#resolve({ status: message.statusCode!, headers: joinedHeaders(message), body: this })
  }

  #gunzip(message: IncomingMessage): Readable {
    const inflater = process.getBuiltinModule('node:zlib').createGunzip()
    inflater.on('error', () => this.#fail(message.errored ?? NOT_GZIP))
    message.on('error', () => inflater.destroy(CUT_SHORT))
    return message.pipe(inflater)
  }

  #abort(reason: unknown): void {
    this.#aborted = { reason }
    this.#call.destroy()
    if (!this.#message) this.#reject(reason)
  }

  #failUnanswered(error: Error): void {
    if (!this.#message) this.#reject(this.#explain(error)) // else the message has an error too
  }

  /** The connection is free again, or gone. */
  #close(): void {
    this.#forget()
    if (!this.#message && !this.#call.errored) this.#reject(this.#explain(NO_ANSWER))
  }

  #fail(error: Error): void {
    this.#failed ??= { reason: this.#explain(error) }
    this.#reader?.(this.#failed.reason)
  }

  #throwFailure(): void {
    const failure = this.#failed ?? this.#aborted
    if (failure) throw failure.reason
  }

  #explain(error: Error): unknown {
    if (this.#aborted) return this.#aborted.reason
    const cause = this.#options.closed() ? CLOSED : error
    return toTransportError(cause, this.#options.request, this.#call, this.#message !== undefined)
  }

  #giveUp(): void {
    this.#message!.destroy()
    this.#stream!.destroy()
  }
}

/**
 * Gives memory back at once, where the runtime can (Node 22 and later). Left to the collector, 64 MiB of it pile up
 * before that looks. Only memory that is this chunk's alone: others may lie beside it in one piece.
 */
function giveBack({ buffer, byteOffset, byteLength }: Buffer): void {
  if (byteOffset !== 0 || byteLength !== buffer.byteLength) return
  ;(buffer as { transfer?: (length: number) => unknown }).transfer?.(0)
}

const ignore = (): void => {}
const MOST_WAITING = 4
const SMALL_REST_BYTES = 65_536

/** An error of ours in the form of Node's. */
function coded(code: string): Error {
  return Object.assign(new Error(code), { code })
}

/** What a closed transport ends its calls with. */
export const CLOSED: Error = /* @__PURE__ */ coded('CLOSED')
const CUT_SHORT = /* @__PURE__ */ coded('ANSWER_CUT_SHORT')
const NOT_GZIP = /* @__PURE__ */ coded('ANSWER_NOT_GZIP')
const NO_ANSWER = /* @__PURE__ */ coded('NO_ANSWER')
const EARLY = /* @__PURE__ */ coded('ANSWERED_EARLY')

function isReset(error: Error): boolean {
  return (error as { code?: string }).code === 'ECONNRESET'
}

/** Whether there is something to inflate: answers without a body may carry the header too. */
function isGzip({ headers, statusCode }: IncomingMessage): boolean {
  if (headers['content-encoding'] !== 'gzip' || headers['content-length'] === '0') return false
  return statusCode !== 204 && statusCode !== 304
}

/** Node joins all repeated headers but this one. */
function joinedHeaders({ headers }: IncomingMessage): Record<string, string> {
  const cookies = headers['set-cookie']
  return (cookies ? { ...headers, 'set-cookie': cookies.join(', ') } : headers) as Record<string, string>
}
