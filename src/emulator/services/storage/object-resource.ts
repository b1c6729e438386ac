import { invalid } from '../../api-failure.ts'
import type { JsonObject } from '../../service.ts'
import { checkTextMap, checkTexts, mergePatch, pick, refuseUnmodelled } from '../../fields.ts'
import { etagOf } from './etag.ts'
import type { StoredObject } from './storage-state.ts'

/** What callers set on an object. */
export interface ObjectFields {
  readonly cacheControl?: string
  readonly contentDisposition?: string
  readonly contentEncoding?: string
  readonly contentLanguage?: string
  readonly contentType?: string
  readonly customTime?: string
  readonly storageClass?: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** Fields after an insert or a patch. */
export function patchObjectFields(current: ObjectFields, body: JsonObject): ObjectFields {
  const fields = mergePatch(current as JsonObject, pick(body, OBJECT_FIELDS))
  checkTexts(fields, TEXTS)
  checkTextMap(fields.metadata, 'metadata')
  refuseUnmodelled(body, ['eventBasedHold', 'temporaryHold', 'retention'])
  // The checks above are what makes it one.
  const checked = fields as ObjectFields
  checkCustomTime(current.customTime, checked.customTime)
  return checked
}

/** Fields after an update: those the body leaves out are gone, but for the storage class. */
export function replaceObjectFields(current: ObjectFields, body: JsonObject): ObjectFields {
  const { storageClass, customTime } = current
  const kept = { ...(storageClass !== undefined && { storageClass }) }
  const fields = patchObjectFields(kept, body)
  checkCustomTime(customTime, fields.customTime)
  return fields
}

/** The object as the API shows it. */
export function objectResource(object: StoredObject, origin: string): JsonObject {
  const { bucket, name, generation, metageneration, bytes, md5Hash, crc32c, componentCount, fields } = object
  const path = `b/${encodeURIComponent(bucket)}/o/${encodeURIComponent(name)}`
  const created = new Date(object.timeCreated).toISOString()
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${origin}/storage/v1/${path}`,
    mediaLink: `${origin}/download/storage/v1/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation: String(generation),
    metageneration: String(metageneration),
    storageClass: 'STANDARD',
    size: String(bytes.length),
    ...(md5Hash !== undefined && { md5Hash }),
    crc32c,
    ...(componentCount !== undefined && { componentCount }),
    etag: etagOf(object),
    timeCreated: created,
    updated: new Date(object.updated).toISOString(),
    timeStorageClassUpdated: created,
    timeFinalized: created,
    ...fields,
  }
}

/** Refuses a name that Google would not take. */
export function checkObjectName(name: string): void {
  const bytes = new TextEncoder().encode(name).length
  const valid =
    bytes >= 1 &&
    bytes <= 1024 &&
    !/[\r\n]|\p{Surrogate}/u.test(name) &&
    name !== '.' &&
    name !== '..' &&
    !name.startsWith('.well-known/acme-challenge/')
  if (!valid) throw invalid(`Invalid object name: '${name.slice(0, 100)}'`)
}

const TEXTS = [
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'contentType',
  'customTime',
  'storageClass',
]
/** What callers may set on an object. */
export const OBJECT_FIELDS: readonly string[] = [...TEXTS, 'metadata']

/** Once set, a custom time can only be moved forward. */
function checkCustomTime(before: string | undefined, after: string | undefined): void {
  if (after !== undefined && !(RFC_3339.test(after) && !Number.isNaN(Date.parse(after)))) {
    throw invalid('Invalid value for customTime: must be a time as in RFC 3339.')
  }
  if (before === undefined) return
  if (after === undefined || Date.parse(after) < Date.parse(before)) {
    throw invalid('The customTime of an object cannot be removed or set back.')
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i
