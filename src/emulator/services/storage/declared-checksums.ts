import { parseGoogHash } from '../../../protocol/goog-hash.ts'
import type { HttpHeaders } from '../../../protocol/http.ts'
import { invalid, notModelled } from '../../api-failure.ts'
import type { JsonObject } from '../../service.ts'
import type { ReceivedBytes } from '../../receive.ts'

/** The checksums a caller says its bytes have. */
export interface DeclaredChecksums {
  readonly crc32c: readonly string[]
  readonly md5: readonly string[]
}

/** Gathers checksums from the metadata, from `x-goog-hash` and from `content-md5`. */
export function declaredChecksums(metadata: JsonObject, headers: HttpHeaders): DeclaredChecksums {
  const hash = parseGoogHash(headers['x-goog-hash'])
  return {
    crc32c: [metadata.crc32c, hash.crc32c].filter(isText),
    md5: [metadata.md5Hash, hash.md5, headers['content-md5']].filter(isText),
  }
}

/**
 * Compares what was declared with what arrived.
 * @throws {ApiFailure} 400 `invalid` when they differ.
 */
export function checkChecksums(declared: DeclaredChecksums, received: ReceivedBytes): void {
  for (const crc32c of declared.crc32c) {
    if (crc32c !== received.crc32c) throw mismatch('CRC32C', crc32c, received.crc32c)
  }
  for (const md5 of declared.md5) {
    if (received.md5Hash === undefined) throw notModelled('MD5 on this runtime; declare a crc32c instead')
    if (md5 !== received.md5Hash) throw mismatch('MD5 hash', md5, received.md5Hash)
  }
}

function mismatch(kind: string, provided: string, calculated: string): Error {
  return invalid(`Provided ${kind} "${provided}" doesn't match calculated ${kind} "${calculated}".`)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
