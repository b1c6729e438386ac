import type { Client } from '../../client.ts'
import { ValidationError } from '../../errors.ts'
import { contentTypeOf, OCTET_STREAM } from '../../media/content-type.ts'
import { toMediaSource } from '../../media/media-source.ts'
import type { MediaDescription } from '../../request/media-input.ts'
import { objectsApi, type StoredObject } from '../objects-api.ts'
import type { UploadInPartsOptions } from '../upload-in-parts.ts'
import { PartsUpload } from './parts-upload.ts'

/** Uploads a content in parts, or at once when it is no larger than one. */
export async function runParts(google: Client, options: UploadInPartsOptions): Promise<StoredObject> {
  const { bucket, object, ifGenerationMatch, onProgress, signal } = options
  signal?.throwIfAborted()
  const api = objectsApi(google)
  const source = toMediaSource(options.media)
  const description = source.describe()
  const { length } = description
  if (length === undefined || !description.seekable || !description.replayable) {
    const message =
      'must have a known length and be readable from any place, such as file(path); upload it as usual'
    throw new ValidationError('the content cannot be uploaded in parts', [{ path: 'media', message }])
  }
  const metadata = await metadataOf(options, description)
  const partBytes = options.partBytes ?? Math.max(PART_BYTES, Math.ceil(length / MOST_PARTS))
  if (length > partBytes) {
    return new PartsUpload(api, options, source, description).run(length, partBytes, metadata)
  }
  return api.insert(
    { bucket, name: object, ifGenerationMatch, media: source, body: metadata },
    { ...(onProgress && { onProgress }), ...(signal && { signal }) },
  )
}

const PART_BYTES = 33_554_432
const MOST_PARTS = 1_024
async function metadataOf(
  { object, metadata, contentType }: UploadInPartsOptions,
  description: MediaDescription,
): Promise<Readonly<Record<string, unknown>>> {
  const type = contentType ?? metadata?.['contentType'] ?? description.contentType
  return {
    ...metadata,
    contentType: type ?? (await contentTypeOf([description.name, object])) ?? OCTET_STREAM,
  }
}
