import type { OpenOptions } from '../protocol/http.ts'

/** Bytes to upload, in any of the forms that programs have them in. */
export type MediaInput = MediaContent | MediaSource | DescribedMedia

/**
 * The content itself. A text is sent as UTF-8; to send a file, use `file(path)` of `discokit/node`. Node's streams
 * are async iterables. Streams can be read once: in a resumable upload a chunk of them is held until the server has it,
 * and any other upload from one is never retried.
 */
export type MediaContent =
  | string
  | Uint8Array
  | ArrayBuffer
  | BlobLike
  | ResponseLike
  | StreamLike
  | MediaOpener
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

/** Content that a function opens at any place, as often as it is needed: a range of a database, a remote file. */
export interface MediaOpener {
  /** The bytes from an offset to the end, the same each time. */
  open(offset: number): AsyncIterable<Uint8Array> | PromiseLike<AsyncIterable<Uint8Array>>
  /** Bytes in all, counted from the beginning. */
  readonly length?: number
  readonly contentType?: string
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
  /** Whether `open({ offset })` begins there without reading what is before. Default false. */
  readonly seekable?: boolean | undefined
  /** Tells this content from other content in the same place. A file: size, time of change in ms, inode. */
  readonly fingerprint?: string | undefined
}

/** A `Blob` or `File`, described without the web's types. */
export interface BlobLike {
  readonly size: number
  readonly type: string
  readonly name?: string
  /** When a `File` was changed, in ms. */
  readonly lastModified?: number
  stream(): StreamLike
  slice?(start: number): BlobLike
}

/** A `Response` of `fetch`, described without the web's types. */
export interface ResponseLike {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: StreamLike | null
  readonly bodyUsed: boolean
}

/** A web `ReadableStream`, described without the web's types. */
export interface StreamLike {
  getReader(): { read(): Promise<{ done: boolean; value?: any }>; cancel(reason?: unknown): Promise<void> } // oxlint-disable-line typescript/no-explicit-any -- chunks are checked when read
}
