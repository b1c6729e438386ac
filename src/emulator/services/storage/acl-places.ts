import type { Call, JsonObject } from '../../service.ts'
import { type AclEntry, BUCKET_ROLES, entityFacts, OBJECT_ROLES } from './access-control.ts'
import { etagOf } from './etag.ts'
import { type Bucket, putObject, type StoredObject, touchBucket } from './storage-state.ts'

/** An access control list where it stands. */
export interface AclPlace {
  readonly kind: 'bucketAccessControl' | 'objectAccessControl'
  readonly roles: readonly string[]
  /** What the ids of entries begin with. */
  readonly id: string
  /** The path of the list: `b/box/acl`. */
  readonly path: string
  /** Members that all entries have. */
  readonly facts: JsonObject
  readonly entries: readonly AclEntry[]
  /** Puts another list in its place. */
  replace(call: Pick<Call, 'clock'>, entries: readonly AclEntry[]): void
}

/** Who may do what with a bucket. */
export function bucketAcl(bucket: Bucket): AclPlace {
  return {
    kind: 'bucketAccessControl',
    roles: BUCKET_ROLES,
    id: bucket.name,
    path: `b/${encodeURIComponent(bucket.name)}/acl`,
    facts: { bucket: bucket.name, etag: etagOf(bucket) },
    entries: bucket.acl,
    replace: (call, entries) => {
      bucket.acl = entries
      touchBucket(bucket, call)
    },
  }
}

/** What a bucket's objects get that are made without a list of their own. */
export function defaultObjectAcl(bucket: Bucket): AclPlace {
  return {
    kind: 'objectAccessControl',
    roles: OBJECT_ROLES,
    id: bucket.name,
    path: `b/${encodeURIComponent(bucket.name)}/defaultObjectAcl`,
    facts: { etag: etagOf(bucket) },
    entries: bucket.defaultObjectAcl,
    replace: (call, entries) => {
      bucket.defaultObjectAcl = entries
      touchBucket(bucket, call)
    },
  }
}

/** Who may do what with an object. */
export function objectAcl(bucket: Bucket, object: StoredObject): AclPlace {
  const { name, generation } = object
  return {
    kind: 'objectAccessControl',
    roles: OBJECT_ROLES,
    id: `${bucket.name}/${name}/${generation}`,
    path: `b/${encodeURIComponent(bucket.name)}/o/${encodeURIComponent(name)}/acl`,
    facts: { bucket: bucket.name, object: name, generation: String(generation), etag: etagOf(object) },
    entries: object.acl,
    replace: ({ clock }, acl) =>
      putObject(bucket, {
        ...object,
        acl,
        metageneration: object.metageneration + 1n,
        updated: clock.now(),
      }),
  }
}

/** An entry as the API shows it. */
export function shownEntry(origin: string, place: AclPlace, { entity, role }: AclEntry): JsonObject {
  return {
    kind: `storage#${place.kind}`,
    id: `${place.id}/${entity}`,
    selfLink: `${origin}/storage/v1/${place.path}/${encodeURIComponent(entity)}`,
    ...place.facts,
    entity,
    role,
    ...entityFacts(entity),
  }
}

/** All entries of a list, as buckets and objects have them among their members. */
export function shownEntries(origin: string, place: AclPlace): readonly JsonObject[] {
  return place.entries.map((entry) => shownEntry(origin, place, entry))
}
