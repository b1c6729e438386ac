/**
 * One HTTP exchange as plain data. The client's transports and the emulator share these shapes, so the emulator
 * can answer a client in process without a socket between them.
 */

/** Header names in lower case, repeated headers joined with `, `. */
export type HttpHeaders = Readonly<Record<string, string>>

/** A request as it goes over the wire. */
export interface HttpRequest {
  readonly method: string
  /** Absolute address. */
  readonly url: string
  readonly headers: HttpHeaders
  readonly body?: HttpRequestBody
}

/** Small bodies are given whole, large ones as a stream. */
export type HttpRequestBody = string | Uint8Array | StreamBody

/** A body that is produced while it is sent. */
export interface StreamBody {
  /** Bytes in all, or undefined when not known; then the body is sent in chunked coding. */
  readonly length: number | undefined
  /** Whether `open` can be called again and gives the same bytes. */
  readonly replayable: boolean
  open(options?: OpenOptions): AsyncIterable<Uint8Array>
}

/** How the reader of a content treats what it is given. */
export interface OpenOptions {
  /**
   * The reader is done with a chunk when it asks for the one after the next, so its memory may be used again, or
   * given back.
   * Default: chunks are the reader's to keep.
   */
  readonly reuse?: boolean
  /** Bytes to leave out at the beginning. Default 0. Only for sources that say that they are `seekable`. */
  readonly offset?: number
}

/** A response whose body has not been read. */
export interface HttpResponse {
  readonly status: number
  readonly headers: HttpHeaders
  readonly body: HttpResponseBody
}

/** A body to be read once, in one of three ways, or cancelled. */
export interface HttpResponseBody extends AsyncIterable<Uint8Array> {
  /** Everything, as bytes. Rejects with a `TransportError` past `maxBytes`. */
  bytes(maxBytes?: number): Promise<Uint8Array>
  /** Everything, as UTF-8 text. Rejects with a `TransportError` past `maxBytes`. */
  text(maxBytes?: number): Promise<string>
  /** As the iteration, for readers that need not keep what they are given. Not every transport has it. */
  open?(options: OpenOptions): AsyncIterable<Uint8Array>
  /** Gives up on the rest and frees the connection. */
  cancel(): void
}
