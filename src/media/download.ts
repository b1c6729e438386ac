import { collect } from '../protocol/http-body.ts'
import type { WebAsyncDisposable, WebStream } from '../web-types.ts'
import { toReadableStream } from '../transport/web-stream.ts'
import type { DownloadSteps } from './download-steps.ts'
import type { MediaDestination } from './media-destination.ts'

/** How far a download is. */
export interface DownloadProgress {
  /** Bytes, as stored, that have come. */
  readonly received: number
  /** Bytes in all, or undefined when the server does not say. */
  readonly total: number | undefined
  /** How fast they came lately, or undefined in the beginning. */
  readonly bytesPerSecond: number | undefined
  /** How long the rest will take at that rate, in milliseconds, or undefined when that cannot be known. */
  readonly remainingMs: number | undefined
}

/** The part of a content that is wanted, in bytes from 0, both ends included; or so many at its end. */
export type DownloadRange =
  | { readonly first?: number; readonly last?: number }
  | { readonly lastBytes: number }

/**
 * A download that begins when it is read, in one of these ways. A connection that breaks is made again and goes on where
 * it broke off, with the same version of the content. The bytes are compared with the checksum that the server declares
 * (`x-goog-hash`) and with the announced length; a difference is a `DataLossError`, thrown at the end of a stream and
 * instead of any other result.
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
  to(destination: MediaDestination, options?: SaveOptions): Promise<DownloadSummary>
}

/** How a download is saved. */
export interface SaveOptions {
  /**
   * Whether what came is kept when the download fails or its process ends, beside the place it is to take: the same call
   * goes on with it then. For destinations that can, such as `file(path)`. Default false.
   */
  readonly resume?: boolean
  /**
   * How many slices of a large content come at the same time, each over a connection of its own. For destinations that
   * can be written in any order, such as `file(path)`. Default 1, or 4 with `sliceBytes`.
   */
  readonly slices?: number
  /** The size of a slice in bytes, at least 65,536. There are 10,000 at most; of more, each is larger. Default 32 MiB. */
  readonly sliceBytes?: number
}

/** What was downloaded. */
export interface DownloadSummary {
  /** Bytes that were given, or saved. */
  readonly length: number
  readonly contentType: string | undefined
  /** CRC-32C in Google's form, of the bytes as stored: before gzip is taken off. */
  readonly crc32c: string
  /** Whether the server declared a checksum that was compared. Without one, only the length was. */
  readonly verified: boolean
}

/** A download that has not begun. */
export function createDownload(steps: DownloadSteps): Download {
  let end: (() => unknown) | undefined
  const claim = (stop: () => unknown): void => {
    if (end)
      throw new TypeError(`${steps.id}: this download was begun already; call download() again for another`)
    end = stop
  }
  const begin = (inMemory = false): AsyncGenerator<Uint8Array> => {
    const chunks = late(async () => (await steps.load()).receive(steps, { inMemory }))
    claim(() => chunks.return(undefined)) // its result is not looked at
    return chunks
  }
  return {
    [Symbol.asyncIterator]: () => begin(),
    stream: () => toReadableStream(begin()) as WebStream,
    bytes: async () => collect(begin(true)),
    text: async () => new TextDecoder().decode(await collect(begin(true))),
    to: async (destination, options = {}) => (await steps.load()).save(steps, destination, options, claim),
    async [Symbol.asyncDispose]() {
      await end?.()
    },
  }
}

/** The chunks of a generator that is loaded when the first is asked for. */
function late(load: () => Promise<AsyncGenerator<Uint8Array>>): AsyncGenerator<Uint8Array> {
  let loading: Promise<AsyncGenerator<Uint8Array>> | undefined
  let ended = false
  const generator = {
    next: async () => (ended ? DONE : (await (loading ??= load())).next()),
    async return() {
      ended = true
      return (await loading?.catch(() => {}))?.return(undefined) ?? DONE
    },
    [Symbol.asyncIterator]: () => generator,
  }
  return generator as unknown as AsyncGenerator<Uint8Array> // all that is used of one
}

const DONE = { done: true, value: undefined } as const
