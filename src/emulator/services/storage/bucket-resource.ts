import { invalid, notModelled } from '../../api-failure.ts'
import { isJsonObject, type JsonObject } from '../../service.ts'
import {
  checkShape,
  checkTextMap,
  checkTexts,
  mergePatch,
  pick,
  refuseUnmodelled,
  type Shape,
} from '../../fields.ts'
import { etagOf } from './etag.ts'
import { projectNumber } from './project-number.ts'
import type { Bucket } from './storage-state.ts'

/** What callers set on a bucket, as JSON. */
export type BucketFields = JsonObject

/** The fields of a bucket made from nothing. */
const NEW_BUCKET_FIELDS: BucketFields = {
  location: 'US',
  storageClass: 'STANDARD',
  rpo: 'DEFAULT',
  iamConfiguration: {
    bucketPolicyOnly: { enabled: false },
    uniformBucketLevelAccess: { enabled: false },
    publicAccessPrevention: 'inherited',
  },
}

/** Fields after an insert or a patch. The location is fixed by the first; a null gives back what a new bucket has. */
export function patchBucketFields(current: BucketFields, body: JsonObject): BucketFields {
  const patch = pick(body, WRITABLE)
  const fields = { ...NEW_BUCKET_FIELDS, ...mergePatch(current, patch) }
  checkFields(fields, body)
  return fields
}

/** Fields after an update: those the body leaves out are as in a new bucket. A retention policy stays. */
export function replaceBucketFields(current: BucketFields, body: JsonObject): BucketFields {
  const kept = pick(current, ['location', 'storageClass', 'retentionPolicy'])
  return patchBucketFields({ ...NEW_BUCKET_FIELDS, ...kept }, body)
}

/** Fields of a new bucket. Locations are written in capitals, however they were given. */
export function newBucketFields(body: JsonObject): BucketFields {
  const fields = patchBucketFields(NEW_BUCKET_FIELDS, body)
  const location = body.location
  return typeof location === 'string' && location !== ''
    ? { ...fields, location: location.toUpperCase() }
    : fields
}

/** The bucket as the API shows it. */
export function bucketResource(bucket: Bucket, origin: string): JsonObject {
  const location = String(bucket.fields.location)
  return {
    kind: 'storage#bucket',
    selfLink: `${origin}/storage/v1/b/${encodeURIComponent(bucket.name)}`,
    id: bucket.name,
    name: bucket.name,
    projectNumber: projectNumber(bucket.project),
    metageneration: String(bucket.metageneration),
    etag: etagOf(bucket),
    timeCreated: new Date(bucket.timeCreated).toISOString(),
    updated: new Date(bucket.updated).toISOString(),
    locationType: MULTI_REGIONS.has(location) ? 'multi-region' : 'region',
    ...bucket.fields,
  }
}

/** Refuses a name that Google would not give: 3–63 characters, longer with dots, and no address or Google's name. */
export function checkBucketName(name: unknown): asserts name is string {
  const parts = typeof name === 'string' ? name.split('.') : []
  const valid =
    typeof name === 'string' &&
    /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(name) &&
    (parts.length > 1 || name.length <= 63) &&
    parts.every((part) => /^[a-z0-9_-]{1,63}$/.test(part)) &&
    !/^\d+(\.\d+){3}$/.test(name) &&
    !/^goog|google|g00gle/.test(name)
  if (!valid) throw invalid(`Invalid bucket name: '${String(name)}'`)
}

const TEXTS = ['storageClass', 'rpo']
const WRITABLE = [
  ...TEXTS,
  'autoclass',
  'billing',
  'cors',
  'defaultEventBasedHold',
  'encryption',
  'iamConfiguration',
  'labels',
  'lifecycle',
  'logging',
  'softDeletePolicy',
  'versioning',
  'website',
]
const SHAPES: Readonly<Record<string, Shape>> = {
  cors: [{ origin: ['string'], method: ['string'], responseHeader: ['string'], maxAgeSeconds: 'number' }],
  iamConfiguration: {
    bucketPolicyOnly: { enabled: 'boolean' },
    uniformBucketLevelAccess: { enabled: 'boolean' },
    publicAccessPrevention: 'string',
  },
  versioning: { enabled: 'boolean' },
}
const MULTI_REGIONS = new Set(['US', 'EU', 'ASIA'])

function checkFields(fields: BucketFields, body: JsonObject): void {
  checkTexts(fields, TEXTS)
  checkTextMap(fields.labels, 'labels')
  for (const [name, shape] of Object.entries(SHAPES)) checkShape(fields[name], shape, name)
  refuseUnmodelled(body, ['hierarchicalNamespace', 'defaultEventBasedHold'])
  const { versioning } = fields
  if (isJsonObject(versioning) && versioning.enabled === true) throw notModelled('object versioning')
}
