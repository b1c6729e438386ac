import { formatGoogHash } from '../../../protocol/goog-hash.ts'
import type { HttpResponse } from '../../../protocol/http.ts'
import { bytesAnswer } from '../../media-answer.ts'
import { objectEtag } from './object-resource.ts'
import type { StoredObject } from './storage-state.ts'

/**
 * The bytes of an object, or the part that a `Range` header asks for. The headers tell of the whole object either way.
 * @throws {ApiFailure} 416 when the range has no byte of the object.
 */
export function mediaAnswer(object: StoredObject, rangeHeader: string | undefined): HttpResponse {
  return bytesAnswer(object.bytes, rangeHeader, mediaHeaders(object))
}

function mediaHeaders(object: StoredObject): Readonly<Record<string, string | undefined>> {
  const { fields, crc32c, md5Hash } = object
  return {
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
}
