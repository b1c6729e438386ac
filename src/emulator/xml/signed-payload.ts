import { storage } from '#platform'
import { notModelled } from '../api-failure.ts'
import { xmlFailure } from './xml-text.ts'

/**
 * The same bytes, which must have the SHA-256 that a header declares; any bytes where there is none.
 * @throws {ApiFailure} 400 `BadDigest`, at the end of them.
 */
export function withSha256(
  chunks: AsyncIterable<Uint8Array>,
  declared: string | undefined,
): AsyncIterable<Uint8Array> {
  return declared === undefined || declared === 'UNSIGNED-PAYLOAD' ? chunks : checked(chunks, declared)
}

async function* checked(
  chunks: AsyncIterable<Uint8Array>,
  declared: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = storage.createSha256()
  if (!hash) throw notModelled('x-goog-content-sha256 on this runtime')
  for await (const chunk of chunks) {
    hash.update(chunk)
    yield chunk
  }
  const digest = Array.from(hash.digest(), (byte) => byte.toString(16).padStart(2, '0')).join('')
  if (digest !== declared)
    throw xmlFailure(400, 'BadDigest', 'The SHA-256 you specified did not match what we received.')
}
