import { notFound } from '../../api-failure.ts'
import type { Clock } from '../../clock.ts'
import type { Call } from '../../service.ts'
import type { StateSlot } from '../../state.ts'
import type { BucketFields } from './bucket-resource.ts'
import { compareNames } from './name-order.ts'
import type { ObjectFields } from './object-resource.ts'
import type { SpooledBytes } from '../../receive.ts'

/** A bucket and what is in it. */
export interface Bucket {
  readonly name: string
  readonly project: string
  readonly timeCreated: number
  updated: number
  metageneration: bigint
  fields: BucketFields
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
  /** Base64; undefined where the runtime has no MD5. */
  readonly md5Hash: string | undefined
  readonly timeCreated: number
  readonly updated: number
  readonly fields: ObjectFields
}

/** Everything Cloud Storage remembers. */
export interface StorageState {
  readonly buckets: Map<string, Bucket>
  lastGeneration: bigint
}

/** The storage part of a call's state. */
export function storageState({ state }: Pick<Call, 'state'>): StorageState {
  return state.get(slot)
}

/** A bucket that exists, or 404. */
export function requireBucket(call: Pick<Call, 'state' | 'parameters'>): Bucket {
  const bucket = storageState(call).buckets.get(call.parameters.text('bucket')!)
  if (!bucket) throw notFound('The specified bucket does not exist.')
  return bucket
}

/** The object a call names, of the generation it names, or 404. */
export function requireObject(call: Pick<Call, 'state' | 'parameters'>): StoredObject {
  const bucket = requireBucket(call)
  const name = call.parameters.text('object')!
  const object = bucket.objects.get(name)
  const generation = call.parameters.int64('generation')
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

const slot: StateSlot<StorageState> = {
  create: () => ({ buckets: new Map(), lastGeneration: 0n }),
  dispose: async ({ buckets }) => {
    const objects = [...buckets.values()].flatMap((bucket) => [...bucket.objects.values()])
    await Promise.all(objects.map((object) => object.bytes.delete()))
  },
}

/** Bytes on disk go in the background: no answer depends on it, and a file that stays is removed at exit. */
function release(bytes: SpooledBytes): void {
  bytes.delete().catch(() => {})
}
