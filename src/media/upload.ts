import type { HttpRequest, StreamBody } from '../protocol/http.ts'
import { encodeMultipart } from '../protocol/multipart-encode.ts'
import type { MediaInput } from '../request/media-input.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import { createBoundary } from './boundary.ts'
import { checkContentType, contentTypeOf, OCTET_STREAM } from './content-type.ts'
import { exactly, toMediaSource } from './media-source.ts'
import type { UploadProgress } from './progress.ts'

/**
 * The HTTP request that uploads the media of a prepared request: the bytes alone (`uploadType=media`), or the
 * metadata and the bytes in one `multipart/related` body. The content is read while it is sent. Its media type is the
 * one in the metadata, else the one given with the content, else the one that the ending of its name stands for.
 * @throws {ValidationError} before anything is sent, when the content or its media type cannot be.
 */
export async function uploadRequest(
  request: PreparedRequest,
  onProgress?: (progress: UploadProgress) => void,
): Promise<HttpRequest> {
  const source = toMediaSource(request.media!)
  const { length, replayable, contentType, name } = source.describe()
  const metadata = request.body === undefined ? {} : ((JSON.parse(request.body) ?? {}) as Metadata)
  const told = (['contentType', 'mimeType'] as const).find((member) => asText(metadata[member]) !== undefined)
  const type = checkContentType(
    (told && asText(metadata[told])) ??
      contentType ??
      (await contentTypeOf([name, asText(metadata.name), nameInQuery(request.url)])) ??
      (isText(request.media!) ? PLAIN_TEXT : OCTET_STREAM),
    told === undefined ? 'media.contentType' : `body.${told}`,
  )
  const media: StreamBody = {
    length,
    replayable,
    open(options) {
      const chunks = source.open(options)
      return watched(length === undefined ? chunks : exactly(chunks, length), length, onProgress)
    },
  }
  const { method, url } = request
  if (request.body === undefined) {
    return { method, url, headers: { ...request.headers, 'content-type': type }, body: media }
  }
  const boundary = createBoundary([request.body])
  const parts = [
    { headers: { 'content-type': 'application/json; charset=UTF-8' }, body: request.body },
    { headers: { 'content-type': type }, body: media },
  ]
  const headers = { ...request.headers, 'content-type': `multipart/related; boundary=${boundary}` }
  return { method, url, headers, body: encodeMultipart(parts, boundary) }
}

/** The members of Cloud Storage's and Drive's metadata that tell the media type. */
interface Metadata {
  readonly contentType?: unknown
  readonly mimeType?: unknown
  readonly name?: unknown
}

async function* watched(
  chunks: AsyncIterable<Uint8Array>,
  total: number | undefined,
  onProgress: ((progress: UploadProgress) => void) | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = 0
  onProgress?.({ sent, acknowledged: 0, total, bytesPerSecond: undefined, remainingMs: undefined })
  for await (const chunk of chunks) {
    yield chunk
    sent += chunk.length
    onProgress?.({ sent, acknowledged: 0, total, bytesPerSecond: undefined, remainingMs: undefined })
  }
}

const PLAIN_TEXT = 'text/plain; charset=utf-8'

function isText(media: MediaInput): boolean {
  return typeof (typeof media === 'object' && 'content' in media ? media.content : media) === 'string'
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function nameInQuery(url: string): string | undefined {
  const encoded = /[?&]name=([^&]*)/.exec(url)?.[1]
  return encoded === undefined ? undefined : decodeURIComponent(encoded)
}
