import type { HttpHeaders } from '../protocol/http.ts'
import type { MediaInput } from './media-input.ts'

/**
 * A request that has not been sent: plain data. Without media it survives `JSON.stringify`, so it can wait in a job
 * queue, be printed, or be sent by another process. It holds no credential.
 *
 * ```ts
 * const request = storage.buckets.get.prepare({ bucket: 'photos' })
 * console.log(request.method, request.url)
 * await google.send(request)
 * ```
 */
export interface PreparedRequest<Result = unknown> {
  /** The method id, such as `storage.buckets.get`. */
  readonly id: string
  readonly method: string
  /** The whole address. */
  readonly url: string
  readonly headers: HttpHeaders
  /** The request body as it goes over the wire: JSON. */
  readonly body?: string
  /** Bytes to upload, or to send as they are. */
  readonly media?: MediaInput
  /** What the method says of uploads. Only with media. */
  readonly upload?: UploadFacts
  /** Whether the address holds an API key or a token. The request then goes out with that and nothing else. */
  readonly ownCredential?: boolean
  /** Scopes of which any one suffices. */
  readonly scopes?: readonly string[]
  /** Where the API takes batches. Absent when it takes none. */
  readonly batchUrl?: string
  /** The type of the answer. Only the type checker sees this. */
  readonly [resultType]?: Result
}

/** What a method says of the content that it takes. Plain data. */
export interface UploadFacts {
  /** Where a resumable upload begins: the whole address, with the query of the request and `uploadType=resumable`. */
  readonly resumable?: string
  /** The most that the method takes. */
  readonly maxSizeBytes?: number
  /** The media types that it takes, such as `image/*`. */
  readonly accept?: readonly string[]
  /** Whether the metadata has a CRC-32C, so that it can be declared: Cloud Storage. */
  readonly crc32c?: boolean
}

declare const resultType: unique symbol
