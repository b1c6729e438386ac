import { notFound } from '../../api-failure.ts'
import type { Clock } from '../../clock.ts'
import type { Call } from '../../service.ts'
import type { StateSlot } from '../../state.ts'
import type { AclEntry } from './access-control.ts'
import type { BucketFields } from './bucket-resource.ts'
import type { HmacKey } from './hmac-keys.ts'
import type { BucketPolicy } from './iam.ts'
import { compareNames } from '../../../protocol/name-order.ts'
import type { NotificationConfig } from './notifications.ts'
import type { ObjectFields } from './object-resource.ts'
import type { SpooledBytes } from '../../receive.ts'
import type { Rewrite } from './rewrite.ts'
import { releaseBytes } from './share-bytes.ts'

/** A bucket and what is in it. */
export interface Bucket {
  readonly name: string
  readonly project: string
  readonly timeCreated: number
  updated: number
  metageneration: bigint
  fields: BucketFields
  acl: readonly AclEntry[]
  /** What objects get that are made without a list of their own. */
  defaultObjectAcl: readonly AclEntry[]
  policy: BucketPolicy
  readonly notifications: Map<string, NotificationConfig>
  readonly objects: Map<string, StoredObject>
  /** The objects' names in order; undefined when it must be made anew. */
  sortedNames: readonly string[] | undefined
}

/** An object as it stands. It is replaced, never changed. */
export interface StoredObject {
  readonly bucket: string
  readonly name: string
  readonly generation: bigint
  readonly metageneration: bigint
  readonly bytes: SpooledBytes
  /** Base64, as Google writes it. */
  readonly crc32c: string
  /** Base64; undefined for what was composed, and where the runtime has no MD5. */
  readonly md5Hash: string | undefined
  /** How many uploads it was composed of; undefined when it was not. */
  readonly componentCount: number | undefined
  readonly timeCreated: number
  readonly updated: number
  readonly fields: ObjectFields
  readonly acl: readonly AclEntry[]
}

/** Everything Cloud Storage remembers. */
export interface StorageState {
  readonly buckets: Map<string, Bucket>
  readonly hmacKeys: Map<string, HmacKey>
  /** Rewrites under way, by their tokens. */
  readonly rewrites: Map<string, Rewrite>
  lastGeneration: bigint
  lastNotification: number
}

/** The storage part of a call's state. */
export function storageState({ state }: Pick<Call, 'state'>): StorageState {
  return state.get(slot)
}

/** The bucket that a parameter of the call names, or 404. */
export function requireBucket(call: Pick<Call, 'state' | 'parameters'>, parameter = 'bucket'): Bucket {
  const bucket = storageState(call).buckets.get(call.parameters.text(parameter)!)
  if (!bucket) throw notFound('The specified bucket does not exist.')
  return bucket
}

/** The object a call names, of the generation it names, or 404. */
export function requireObject(call: Pick<Call, 'state' | 'parameters'>): StoredObject {
  const { parameters } = call
  return findObject(requireBucket(call), parameters.text('object')!, parameters.int64('generation'))
}

/** An object, of a generation where one is given, or 404. */
export function findObject(bucket: Bucket, name: string, generation: bigint | undefined): StoredObject {
  const object = bucket.objects.get(name)
  if (!object || (generation !== undefined && generation !== object.generation)) {
    throw notFound(`No such object: ${bucket.name}/${name}`)
  }
  return object
}

/** Puts an object in place of what had its name, whose bytes are released. */
export function putObject(bucket: Bucket, object: StoredObject): void {
  const before = bucket.objects.get(object.name)
  if (!before) bucket.sortedNames = undefined
  bucket.objects.set(object.name, object)
  if (before && before.bytes !== object.bytes) release(before.bytes)
}

export function removeObject(bucket: Bucket, object: StoredObject): void {
  bucket.objects.delete(object.name)
  bucket.sortedNames = undefined
  release(object.bytes)
}

/** The names of a bucket's objects in Google's order. */
export function sortedNames(bucket: Bucket): readonly string[] {
  return (bucket.sortedNames ??= [...bucket.objects.keys()].sort(compareNames))
}

/** A generation newer than all before: the time in microseconds, as with Google, as far as that is unique. */
export function nextGeneration(storage: StorageState, clock: Clock): bigint {
  const now = BigInt(Math.floor(clock.now())) * 1000n
  storage.lastGeneration = now > storage.lastGeneration ? now : storage.lastGeneration + 1n
  return storage.lastGeneration
}

/** Metadata of a bucket changed. */
export function touchBucket(bucket: Bucket, { clock }: Pick<Call, 'clock'>): void {
  bucket.metageneration += 1n
  bucket.updated = clock.now()
}

const slot: StateSlot<StorageState> = {
  create: () => ({
    buckets: new Map(),
    hmacKeys: new Map(),
    rewrites: new Map(),
    lastGeneration: 0n,
    lastNotification: 0,
  }),
  dispose: async ({ buckets, rewrites }) => {
    const objects = [...buckets.values()].flatMap((bucket) => [...bucket.objects.values()])
    const held = [...objects, ...rewrites.values()].map(({ bytes }) => bytes)
    await Promise.all(held.map(releaseBytes))
  },
}

/** Bytes on disk go in the background: no answer depends on it, and a file that stays is removed at exit. */
function release(bytes: SpooledBytes): void {
  releaseBytes(bytes).catch(() => {})
}
