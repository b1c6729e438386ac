import { ValidationError } from '../errors.ts'
import { collect } from '../protocol/http-body.ts'
import type { HttpResponse } from '../protocol/http.ts'
import type { WebAsyncDisposable, WebStream } from '../web-types.ts'
import { toReadableStream } from '../transport/web-stream.ts'

/** How far a download is. */
export interface DownloadProgress {
  readonly received: number
  /** Bytes in all, or undefined when the server does not say. */
  readonly total: number | undefined
}

/** Somewhere bytes can go. `file(path)` of `discokit/node` is one. */
export interface MediaDestination {
  /**
   * Whether `save` is done with a chunk when it asks for the one after the next, so that its memory can be given back
   * at once. Default: chunks are its to keep.
   */
  readonly reuse?: boolean
  /**
   * Takes all bytes, or nothing: when `chunks` fails, what was there before stays.
   */
  save(chunks: AsyncIterable<Uint8Array>): Promise<void>
}

/**
 * A download that begins when it is read, in one of these ways. The bytes are compared with the checksum that the
 * server declares (`x-goog-hash`) and with the announced length; a difference is a `DataLossError`, thrown at the end
 * of a stream and instead of any other result.
 *
 * ```ts
 * const photo = storage.objects.get.download({ bucket: 'photos', object: 'cat.png' })
 * await photo.to(file('cat.png'))
 * ```
 */
export interface Download extends AsyncIterable<Uint8Array>, WebAsyncDisposable {
  /** The bytes as a web stream. Cancelling it, or leaving a loop over it, frees the connection. */
  stream(): WebStream
  /** All bytes in memory. */
  bytes(): Promise<Uint8Array>
  /** All bytes as UTF-8 text. */
  text(): Promise<string>
  /** Saves the bytes; the destination is changed only when all of them came and are right. */
  to(destination: MediaDestination): Promise<DownloadSummary>
}

/** What was downloaded. */
export interface DownloadSummary {
  /** Bytes. */
  readonly length: number
  readonly contentType: string | undefined
  /** CRC-32C of the bytes, in Google's form. */
  readonly crc32c: string
  /** Whether the server declared a checksum that was compared. Without one, only the length was. */
  readonly verified: boolean
}

/** How a download does its work; made by the client. */
export interface DownloadSteps {
  /** Loads what reads the bytes, when the first download begins. */
  load(): Promise<{ readonly receive: Receive }>
  /** Sends the request; rejects with a typed error unless the answer is a success. */
  send(): Promise<HttpResponse>
  /** The connection is free again. */
  finish(): void
  /** Gives up, wherever the request is. */
  cancel(): void
  /** For errors: the method id. */
  readonly id: string
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined
}

/** Gives the bytes of an answer as they come. */
export type Receive = (
  steps: DownloadSteps,
  response: HttpResponse,
  reuse: boolean,
) => AsyncGenerator<Uint8Array, DownloadSummary, undefined>

/** A download that has not begun. */
export function createDownload(steps: DownloadSteps): Download {
  let begun = false
  let chunks: AsyncGenerator<Uint8Array, DownloadSummary, undefined> | undefined
  const begin = (reuse = false): AsyncGenerator<Uint8Array, DownloadSummary, undefined> => {
    if (begun)
      throw new TypeError(`${steps.id}: this download was begun already; call download() again for another`)
    begun = true
    return (chunks = endable(receive(steps, reuse), steps.cancel))
  }
  return {
    [Symbol.asyncIterator]: () => begin(),
    stream: () => toReadableStream(begin()) as WebStream,
    bytes: async () => collect(begin()),
    text: async () => new TextDecoder().decode(await collect(begin())),
    async to(destination) {
      if (typeof (destination as Partial<MediaDestination> | undefined)?.save !== 'function') {
        throw new ValidationError(steps.id, [
          { path: 'destination', message: "is no place for bytes; give file(path) of 'discokit/node'" },
        ])
      }
      const received = begin(destination.reuse)
      let summary: DownloadSummary | undefined
      try {
        await destination.save(keepResult(received, (result) => (summary = result)))
      } finally {
        await received.return(undefined as never) // does nothing after the end
      }
      if (summary) return summary
      throw new TypeError(`${steps.id}: the destination did not read the download to its end`)
    },
    async [Symbol.asyncDispose]() {
      await chunks?.return(undefined as never) // ends the generator; its result is not looked at
    },
  }
}

/** A generator that can be ended while it waits for its next chunk, which may never come. */
function endable<Result>(
  chunks: AsyncGenerator<Uint8Array, Result, undefined>,
  cancel: () => void,
): AsyncGenerator<Uint8Array, Result, undefined> {
  const end = chunks.return.bind(chunks)
  return Object.assign(chunks, {
    return(result: Result | PromiseLike<Result>) {
      cancel()
      return end(result)
    },
  })
}

/**
 * The chunks of a download whose reader is loaded while the answer comes. Not a generator around a generator: each layer
 * holds a chunk, and they are large.
 */
function receive(
  steps: DownloadSteps,
  reuse: boolean,
): AsyncGenerator<Uint8Array, DownloadSummary, undefined> {
  let opening: Promise<void> | undefined
  let chunks: AsyncGenerator<Uint8Array, DownloadSummary, undefined> | undefined
  let ended = false
  const open = async (): Promise<void> => {
    try {
      const [response, { receive: begin }] = await Promise.all([steps.send(), steps.load()])
      chunks = begin(steps, response, reuse)
    } catch (error) {
      ended = true
      steps.cancel() // the answer may be there, or come
      steps.finish()
      throw error
    }
  }
  const end = (value: unknown): IteratorResult<Uint8Array, DownloadSummary> => {
    ended = true
    return { done: true, value: value as DownloadSummary }
  }
  const generator = {
    async next() {
      if (chunks === undefined && !ended) await (opening ??= open())
      return chunks?.next() ?? end(undefined)
    },
    async return(value: unknown) {
      await opening?.catch(() => {})
      return chunks?.return(value as DownloadSummary) ?? end(value)
    },
    async throw(error: unknown) {
      await generator.return(undefined)
      throw error
    },
    [Symbol.asyncIterator]: () => generator,
  }
  return generator as unknown as AsyncGenerator<Uint8Array, DownloadSummary, undefined> // all that is used of one
}

async function* keepResult<Result>(
  chunks: AsyncGenerator<Uint8Array, Result, undefined>,
  keep: (result: Result) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  keep(yield* chunks)
}
