import { fastestCrc32c } from '../../media/checksum.ts'
import { parseCrc32c } from '../../protocol/crc32c.ts'
import type { MediaDescription, MediaSource } from '../../request/media-input.ts'
import type { ObjectsApi, StoredObject } from '../objects-api.ts'
import type { UploadInPartsOptions } from '../upload-in-parts.ts'

/** What the names of the parts have that the same call is to find again: the same for the same content, place and size of parts. */
export async function nameOfUpload(
  { bucket, object }: UploadInPartsOptions,
  { length, fingerprint }: MediaDescription,
  partBytes: number,
): Promise<string> {
  const text = JSON.stringify([bucket, object, length, fingerprint ?? '', partBytes])
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The parts that an earlier call left in the bucket, by name. */
export async function findParts(
  api: ObjectsApi,
  { bucket, signal }: UploadInPartsOptions,
  prefix: string,
): Promise<Map<string, StoredObject>> {
  const found = new Map<string, StoredObject>()
  const fields = 'nextPageToken,items(name,size,generation,crc32c,timeCreated)'
  for await (const part of api.list({ bucket, prefix, fields }, signal && { signal }))
    found.set(part.name, part)
  return found
}

/** Whether a part that is there is what would be sent: this is read again, and compared by its CRC-32C. */
export async function isPart(
  { size, crc32c }: StoredObject,
  media: MediaSource,
  length: number,
): Promise<boolean> {
  const stored = parseCrc32c(crc32c ?? '')
  if (size !== String(length) || stored === undefined) return false
  const update = await fastestCrc32c()
  let crc = 0
  for await (const chunk of media.open({ reuse: true })) crc = update(chunk, crc)
  return crc === stored
}
