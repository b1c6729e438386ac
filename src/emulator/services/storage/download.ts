import { formatContentRange, parseRange, resolveRange } from '../../../protocol/content-range.ts'
import { formatGoogHash } from '../../../protocol/goog-hash.ts'
import { isHeaderValue } from '../../../protocol/header-value.ts'
import { responseBody } from '../../../protocol/http-body.ts'
import type { HttpHeaders, HttpResponse } from '../../../protocol/http.ts'
import { ApiFailure } from '../../api-failure.ts'
import { objectEtag } from './object-resource.ts'
import type { StoredObject } from './storage-state.ts'

/**
 * The bytes of an object, or the part that a `Range` header asks for. The headers tell of the whole object either way.
 * @throws {ApiFailure} 416 when the range has no byte of the object.
 */
export function mediaAnswer(object: StoredObject, rangeHeader: string | undefined): HttpResponse {
  const total = object.bytes.length
  const asked = parseRange(rangeHeader)
  const headers = mediaHeaders(object)
  if (!asked) {
    return {
      status: 200,
      headers: { ...headers, 'content-length': String(total) },
      body: responseBody(object.bytes.read()),
    }
  }
  const range = resolveRange(asked, total)
  if (!range) {
    throw new ApiFailure(
      416,
      'requestedRangeNotSatisfiable',
      `The object has ${total} bytes; the range asks for none of them.`,
      {
        location: 'Range',
        locationType: 'header',
        headers: { 'content-range': `bytes */${total}` },
      },
    )
  }
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(range.last - range.first + 1),
      'content-range': formatContentRange({ ...range, total }),
    },
    body: responseBody(object.bytes.read(range.first, range.last)),
  }
}

function mediaHeaders(object: StoredObject): HttpHeaders {
  const { fields, crc32c, md5Hash } = object
  const headers: Record<string, string | undefined> = {
    'content-type': fields.contentType ?? 'application/octet-stream',
    'cache-control': fields.cacheControl ?? 'no-cache, no-store, max-age=0, must-revalidate',
    'content-disposition': fields.contentDisposition,
    'content-encoding': fields.contentEncoding,
    'content-language': fields.contentLanguage,
    etag: objectEtag(object),
    'last-modified': new Date(object.updated).toUTCString(),
    'accept-ranges': 'bytes',
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': formatGoogHash({ crc32c, ...(md5Hash !== undefined && { md5: md5Hash }) }),
    'x-goog-stored-content-encoding': fields.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(object.bytes.length),
    'x-goog-storage-class': fields.storageClass ?? 'STANDARD',
  }
  // What callers set may hold characters that no header may.
  const sendable = Object.entries(headers).filter(
    (entry): entry is [string, string] => !!entry[1] && isHeaderValue(entry[1]),
  )
  return Object.fromEntries(sendable)
}
