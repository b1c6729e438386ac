import { TransportError } from '../errors.ts'
import { headerParameter } from '../protocol/header-value.ts'
import { collect } from '../protocol/http-body.ts'
import { type DecodedPart, decodeMultipart } from '../protocol/multipart-decode.ts'
import { ApiFailure, notModelled } from './api-failure.ts'
import type { RequestBody } from './request-body.ts'
import { type JsonObject, MAX_JSON_BYTES, parseJsonObject } from './service.ts'

/** A multipart upload while it arrives: metadata, then media, then nothing. */
export interface MultipartUpload {
  /** Reads the metadata. The media must be read to its end before `expectEnd`. */
  open(): Promise<{
    readonly metadata: JsonObject
    readonly mediaType: string | undefined
    readonly media: AsyncIterable<Uint8Array>
  }>
  /** Fails when anything follows the media. */
  expectEnd(): Promise<void>
}

/**
 * Reads `multipart/related`, and `multipart/form-data` with the same two parts, which a well-known recipe for Python
 * sends and Google accepts.
 * @throws {ApiFailure} 400 for anything else.
 */
export function readMultipartUpload(contentType: string | undefined, body: RequestBody): MultipartUpload {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  const boundary = headerParameter(contentType, 'boundary')
  if ((type !== 'multipart/related' && type !== 'multipart/form-data') || !boundary) {
    throw malformed(`the content type '${contentType ?? ''}' is not multipart/related with a boundary`)
  }
  const parts = decodeMultipart(body.chunks, boundary)
  return {
    open: async () => {
      const metadata = await readMetadata(await nextPart(parts))
      const media = await nextPart(parts)
      if (!media) throw malformed('it has no second part, the media')
      checkTransferEncoding(media)
      return { metadata, mediaType: media.headers['content-type'], media: wellFormed(media.body) }
    },
    expectEnd: async () => {
      if (await nextPart(parts)) throw malformed('it has more than two parts')
    },
  }
}

async function readMetadata(part: DecodedPart | undefined): Promise<JsonObject> {
  const type = part?.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (!part || (type !== undefined && type !== 'application/json')) {
    throw malformed('its first part must be the metadata, of type application/json')
  }
  const bytes = await collect(part.body, MAX_JSON_BYTES).catch(asMalformed)
  return parseJsonObject(new TextDecoder().decode(bytes) || '{}')
}

function checkTransferEncoding(part: DecodedPart): void {
  const encoding = part.headers['content-transfer-encoding']?.toLowerCase() ?? 'binary'
  if (!['binary', '8bit', '7bit'].includes(encoding)) throw notModelled(`the transfer encoding ${encoding}`)
}

async function nextPart(parts: AsyncGenerator<DecodedPart, void>): Promise<DecodedPart | undefined> {
  const next = await parts.next().catch(asMalformed)
  return next.done ? undefined : next.value
}

async function* wellFormed(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* chunks
  } catch (error) {
    asMalformed(error)
  }
}

/** What the decoder calls a syntax error is the caller's to mend, and so is metadata without end. */
function asMalformed(error: unknown): never {
  if (error instanceof SyntaxError) throw malformed(error.message)
  if (error instanceof TransportError && error.reason === 'ANSWER_TOO_LARGE') {
    throw malformed(`its metadata has more than ${MAX_JSON_BYTES} bytes`)
  }
  throw error
}

function malformed(problem: string): ApiFailure {
  return new ApiFailure(400, 'badRequest', `Malformed multipart body: ${problem}.`)
}
