import { TransportError } from '../errors.ts'
import { responseBody } from '../protocol/http-body.ts'
import type { HttpRequest, HttpResponse, HttpResponseBody, StreamBody } from '../protocol/http.ts'
import { CallContext } from '../transport/call-context.ts'
import type { Handler } from '../transport/interceptor.ts'
import type { Pace } from './pace.ts'
import type { ProgressMeter } from './progress.ts'

/** What all requests of an upload have in common. */
export interface AttemptHost {
  readonly handler: Handler
  readonly call: CallContext
  readonly meter: ProgressMeter
  readonly pace: Pace
  readonly stallTimeoutMs: number
}

/**
 * One request of an upload, with an end of its own: it can be broken off while the call goes on, because it stalled or
 * somebody says so.
 */
export class Attempt {
  /** The end of the bytes that were handed to the connection. */
  sentTo: number
  /** The request as it went out, credential and all. */
  sent: HttpRequest | undefined
  /** Why the content could not be read, when that is what ended it. */
  sourceError: { readonly reason: unknown } | undefined
  readonly #host: AttemptHost
  readonly #context: CallContext
  /** Since when the connection has done nothing; undefined while it waits for the content. */
  #idleSince: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #forget: () => void = () => {}
  #over = false

  constructor(host: AttemptHost, from = 0) {
    this.#host = host
    this.sentTo = from
    const { signal: _, timeout: __, ...settings } = host.call.settings
    this.#context = new CallContext(settings)
  }

  /** Sends the request and gives the answer, its body unread; `done` lets go of it. */
  async send(request: HttpRequest, body?: StreamBody): Promise<HttpResponse> {
    const { handler, call, stallTimeoutMs } = this.#host
    this.#forget = call.onEnd((reason) => this.#context.end(reason))
    this.#context.onEnd(() => this.done())
    const from = this.sentTo
    const watched: StreamBody | undefined = body && {
      ...body,
      open: (options) => this.#watch(body.open(options), from),
    }
    this.#idleSince = performance.now()
    this.#watchIdle(stallTimeoutMs)
    call.phase = 'answer'
    try {
      return await handler(watched ? { ...request, body: watched } : request, this.#context)
    } finally {
      this.sent = this.#context.sent ?? request
    }
  }

  /** Breaks the connection off. */
  end(reason: unknown): void {
    this.#context.end(reason)
  }

  /** The answer has begun: what stalls now is the answer, where somebody waits for more of it. */
  answered(response: HttpResponse): HttpResponse {
    clearTimeout(this.#timer)
    const { body } = response
    return { ...response, body: responseBody(this.#inTime(body), () => body.cancel()) }
  }

  /** The answer was read: nothing can break the connection off any more. */
  done(): void {
    this.#over = true
    this.#forget()
    clearTimeout(this.#timer)
  }

  async *#watch(
    content: AsyncIterable<Uint8Array>,
    from: number,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { meter, pace } = this.#host
    let at = from
    meter.startAt(from)
    const chunks = content[Symbol.asyncIterator]()
    try {
      for (;;) {
        this.#idleSince = undefined
        const { done, value } = await this.#read(chunks)
        if (done) return
        for (let offset = 0; offset < value.length;) {
          const end = Math.min(value.length, offset + pace.pieceBytes)
          const piece = offset === 0 && end === value.length ? value : value.subarray(offset, end)
          const delayMs = pace.take(piece.length)
          if (delayMs > 0) await this.#context.sleep(delayMs, 'bandwidth')
          const begun = (this.#idleSince = performance.now())
          offset += piece.length
          at += piece.length
          this.sentTo = Math.max(this.sentTo, at)
          yield piece
          if (performance.now() - begun > SLOW_MS) pace.slow = true
          this.#idleSince = undefined
          if (!this.#over) meter.add(piece.length)
        }
      }
    } finally {
      this.#idleSince = performance.now()
      await chunks.return?.()
    }
  }

  async *#inTime(body: HttpResponseBody): AsyncGenerator<Uint8Array, void, undefined> {
    const { stallTimeoutMs } = this.#host
    const chunks = body[Symbol.asyncIterator]()
    try {
      for (;;) {
        const timer = setTimeout(() => this.end(stalled(stallTimeoutMs, 'answered')), stallTimeoutMs)
        const next = this.#context.wait(chunks.next(), 'body').finally(() => clearTimeout(timer))
        const { done, value } = await next
        if (done) return
        yield value
      }
    } finally {
      chunks.return?.().catch(() => {}) // it may wait for what does not come
    }
  }

  async #read(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array, unknown>> {
    try {
      return await chunks.next()
    } catch (reason) {
      this.sourceError = { reason }
      throw reason
    }
  }

  #watchIdle(delayMs: number): void {
    this.#timer = setTimeout(() => {
      const { stallTimeoutMs } = this.#host
      const idleMs = this.#idleSince === undefined ? 0 : performance.now() - this.#idleSince
      if (idleMs >= stallTimeoutMs) {
        this.#host.pace.slow = true
        this.#context.end(stalled(stallTimeoutMs, 'sent'))
      } else this.#watchIdle(stallTimeoutMs - idleMs)
    }, delayMs)
  }
}

/** A piece that took longer is followed by smaller ones: of a large one nobody sees how far it is. */
const SLOW_MS = 1_000

function stalled(timeoutMs: number, progress: 'sent' | 'answered'): TransportError {
  const what = progress === 'sent' ? 'took nothing and answered nothing' : 'gave nothing more of its answer'
  return new TransportError(
    `the connection ${what} for ${timeoutMs} ms; it was taken for broken (upload.stallTimeoutMs)`,
    { reason: 'STALLED', progress },
  )
}
