import type { ApiSource } from '../discovery/api-source.ts'
import type { RestMethod } from '../discovery/document.ts'
import type { UploadFacts } from './prepared-request.ts'

/**
 * What a method says of the content that it takes. Documents are untrusted: what cannot be read is left out.
 * @param resumable where a resumable upload begins
 */
export function uploadFacts(
  { schemaOf }: ApiSource,
  { id, mediaUpload, request }: RestMethod,
  resumable: string | undefined,
): UploadFacts {
  const facts: { -readonly [Name in keyof UploadFacts]: UploadFacts[Name] } = {}
  const maxSizeBytes = parseSize(mediaUpload?.maxSize)
  const accept: unknown = mediaUpload?.accept
  if (resumable !== undefined) facts.resumable = resumable
  if (maxSizeBytes !== undefined) facts.maxSizeBytes = maxSizeBytes
  if (Array.isArray(accept) && accept.every((type) => typeof type === 'string')) facts.accept = accept
  const schema = request?.$ref === undefined ? undefined : schemaOf(request.$ref)
  // A table has no schemas; there is one API that it matters for.
  if (schema?.properties ? 'crc32c' in schema.properties : id === 'storage.objects.insert')
    facts.crc32c = true
  return facts
}

/** Bytes of a size such as `5120GB` or `52428800`: units are powers of 1,024, as in Google's own limits. */
function parseSize(size: unknown): number | undefined {
  const [, count, unit = ''] = /^(\d{1,15})\s*([KMGTP]?)B?$/i.exec(String(size)) ?? []
  if (count === undefined) return undefined
  const bytes = Number(count) * 1_024 ** ' KMGTP'.indexOf(unit.toUpperCase() || ' ')
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
