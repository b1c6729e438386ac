import { fromBase64 } from '../../protocol/base64.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import type { JsonObject } from '../service.ts'
import type { StoredObject } from '../services/storage/storage-state.ts'

/** The fields of an object that headers of a request, or the fields of a form, set. Names in lower case. */
export function objectMetadata(headers: HttpHeaders): JsonObject {
  const own = Object.entries(headers).filter(([name]) => name.startsWith(OWN))
  return {
    contentType: headers['content-type'] || 'application/octet-stream',
    ...Object.fromEntries(
      Object.entries(FIELDS).flatMap(([header, field]) =>
        headers[header] === undefined ? [] : [[field, headers[header]]],
      ),
    ),
    ...(own.length > 0 && {
      metadata: Object.fromEntries(own.map(([name, value]) => [name.slice(OWN.length), value])),
    }),
  }
}

/** Preconditions as parameters of the JSON API. */
export function preconditions(headers: HttpHeaders): Readonly<Record<string, string | undefined>> {
  return {
    ifGenerationMatch: headers['x-goog-if-generation-match'],
    ifMetagenerationMatch: headers['x-goog-if-metageneration-match'],
    ifGenerationNotMatch: headers['x-goog-if-generation-not-match'],
    ifMetagenerationNotMatch: headers['x-goog-if-metageneration-not-match'],
  }
}

/** The entity tag of the XML API: the MD5 of the bytes in hexadecimal digits, or the one of the JSON API. */
export function xmlEtag({ md5Hash, generation }: Pick<StoredObject, 'md5Hash' | 'generation'>): string {
  const bytes = md5Hash === undefined ? undefined : fromBase64(md5Hash)
  return bytes
    ? `"${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}"`
    : `"${generation}"`
}

const OWN = 'x-goog-meta-'
const FIELDS: Readonly<Record<string, string>> = {
  'cache-control': 'cacheControl',
  'content-disposition': 'contentDisposition',
  'content-encoding': 'contentEncoding',
  'content-language': 'contentLanguage',
  'x-goog-custom-time': 'customTime',
  'x-goog-storage-class': 'storageClass',
}
