import type { OpenOptions } from '../protocol/http.ts'

/** Bytes to upload, in any of the forms that programs have them in. */
export type MediaInput = MediaContent | MediaSource | DescribedMedia

/**
 * The content itself. A text is sent as UTF-8; to send a file, use `file(path)` of `discokit/node`. Node's streams
 * are async iterables. Streams can be read once, so an upload from one is never retried.
 */
export type MediaContent =
  | string
  | Uint8Array
  | ArrayBuffer
  | BlobLike
  | StreamLike
  | AsyncIterable<Uint8Array | string>

/** Content with what cannot be seen from it. */
export interface DescribedMedia {
  readonly content: MediaContent
  /** The media type. Default: that of the Blob, or by the ending of the name. */
  readonly contentType?: string
  /** Bytes in all, for a stream whose length the program knows. Another number of bytes is an error. */
  readonly length?: number
  /** A name from whose ending the media type may be known. */
  readonly name?: string
}

/** Content that says what it is and can be opened, once or more often. `file(path)` makes one. */
export interface MediaSource {
  /**
   * Looks at the content: called once for each upload, before anything is sent.
   * @throws {ValidationError} when there is nothing to send: a file that does not exist, a folder.
   */
  describe(): MediaDescription
  /** The bytes. */
  open(options?: OpenOptions): AsyncIterable<Uint8Array>
}

/** What is known about a content before it is read. */
export interface MediaDescription {
  /** Bytes, or undefined when not known. */
  readonly length: number | undefined
  readonly contentType?: string | undefined
  readonly name?: string | undefined
  /** Whether `open` can be called again and gives the same bytes. */
  readonly replayable: boolean
}

/** A `Blob` or `File`, described without the web's types. */
export interface BlobLike {
  readonly size: number
  readonly type: string
  readonly name?: string
  stream(): StreamLike
}

/** A web `ReadableStream`, described without the web's types. */
export interface StreamLike {
  getReader(): { read(): Promise<{ done: boolean; value?: any }>; cancel(reason?: unknown): Promise<void> } // oxlint-disable-line typescript/no-explicit-any -- chunks are checked when read
}
