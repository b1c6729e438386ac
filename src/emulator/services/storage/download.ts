import { formatGoogHash } from '../../../protocol/goog-hash.ts'
import { responseBody } from '../../../protocol/http-body.ts'
import type { HttpHeaders, HttpResponse } from '../../../protocol/http.ts'
import { bytesAnswer } from '../../media-answer.ts'
import { etagOf, namesEtag } from './etag.ts'
import { acceptsGzip, inflate, isGzip } from './inflate.ts'
import type { StoredObject } from './storage-state.ts'

/**
 * The bytes of an object, or the part that a `Range` header asks for. The headers tell of the whole object either way.
 * What is stored as gzip is inflated for callers that do not take gzip; then it comes whole.
 * @throws {ApiFailure} 416 when the range has no byte of the object.
 */
export async function mediaAnswer(object: StoredObject, headers: HttpHeaders): Promise<HttpResponse> {
  const { range, 'if-range': ifRange } = headers
  const sent = mediaHeaders(object)
  if (isTranscoded(object, headers) && (await isGzip(object.bytes))) return inflatedAnswer(object, sent)
  // A range of another version than the one there is would be no part of anything: RFC 9110 section 13.1.5.
  const applies = ifRange === undefined || namesVersion(ifRange, object)
  return bytesAnswer(object.bytes, applies ? range : undefined, sent)
}

/** Whether an object is inflated on its way: stored as gzip, for a caller that takes none, and not forbidden. */
function isTranscoded({ fields }: StoredObject, headers: HttpHeaders): boolean {
  return (
    fields.contentEncoding === 'gzip' &&
    !/(^|,)\s*no-transform\s*(,|$)/i.test(fields.cacheControl ?? '') &&
    !acceptsGzip(headers['accept-encoding'])
  )
}

function inflatedAnswer(
  object: StoredObject,
  headers: Readonly<Record<string, string | undefined>>,
): HttpResponse {
  const { 'content-encoding': _, 'accept-ranges': __, ...kept } = headers
  const whole = bytesAnswer(object.bytes, undefined, {
    ...kept,
    vary: 'Accept-Encoding',
    warning: '214 UploadServer gunzipped',
  })
  const { 'content-length': ___, ...sent } = whole.headers
  const release = (): void => whole.body.cancel()
  return { ...whole, headers: sent, body: responseBody(inflate(whole.body), release) }
}

function namesVersion(ifRange: string, object: StoredObject): boolean {
  const date = Date.parse(ifRange)
  const updated = Math.floor(object.updated / 1000) * 1000
  return namesEtag(ifRange, etagOf(object)) || (/^[A-Z][a-z]{2},/.test(ifRange) && date === updated)
}

function mediaHeaders(object: StoredObject): Readonly<Record<string, string | undefined>> {
  const { fields, crc32c, md5Hash, componentCount } = object
  return {
    'content-type': fields.contentType ?? 'application/octet-stream',
    'cache-control': fields.cacheControl ?? 'no-cache, no-store, max-age=0, must-revalidate',
    'content-disposition': fields.contentDisposition,
    'content-encoding': fields.contentEncoding,
    'content-language': fields.contentLanguage,
    etag: etagOf(object),
    'last-modified': new Date(object.updated).toUTCString(),
    'accept-ranges': 'bytes',
    'x-goog-generation': String(object.generation),
    'x-goog-metageneration': String(object.metageneration),
    'x-goog-hash': formatGoogHash({ crc32c, ...(md5Hash !== undefined && { md5: md5Hash }) }),
    ...(componentCount !== undefined && { 'x-goog-component-count': String(componentCount) }),
    'x-goog-stored-content-encoding': fields.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(object.bytes.length),
    'x-goog-storage-class': fields.storageClass ?? 'STANDARD',
  }
}
