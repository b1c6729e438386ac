import type { Call } from '../../service.ts'
import { predefinedObjectAcl, type AclEntry } from './access-control.ts'
import type { ObjectFields } from './object-resource.ts'
import { checkPreconditions } from './preconditions.ts'
import { checkRetention } from './retention.ts'
import { type Bucket, nextGeneration, storageState, type StoredObject } from './storage-state.ts'

/** What an object is made of. */
export interface ObjectContent extends Pick<StoredObject, 'name' | 'bytes' | 'crc32c' | 'md5Hash'> {
  readonly fields: ObjectFields
  readonly componentCount?: number | undefined
  /** A list of its own; default: what the call names, or else the bucket has for new objects. */
  readonly acl?: readonly AclEntry[] | undefined
}

/** A new object of a bucket, not yet in it. */
export function newObject(call: Call, bucket: Bucket, content: ObjectContent): StoredObject {
  const now = call.clock.now()
  return {
    componentCount: undefined,
    ...content,
    bucket: bucket.name,
    acl: content.acl ?? newAcl(call, bucket),
    generation: nextGeneration(storageState(call), call.clock),
    metageneration: 1n,
    timeCreated: now,
    updated: now,
  }
}

/**
 * Refuses to make an object where the caller's preconditions do not hold, or where the bucket still retains what is there.
 * @throws {ApiFailure} 412, 403
 */
export function checkReplaceable(call: Call, bucket: Bucket, name: string): void {
  const before = bucket.objects.get(name)
  checkPreconditions(call, before)
  if (before) checkRetention(call, bucket, before)
}

function newAcl({ parameters, principal }: Call, bucket: Bucket): readonly AclEntry[] {
  const predefined = parameters.text('predefinedAcl') ?? parameters.text('destinationPredefinedAcl')
  const owner = principal && `user-${principal.email}`
  if (predefined !== undefined) return predefinedObjectAcl(bucket.project, predefined, owner)
  const own = owner === undefined ? [] : [{ entity: owner, role: 'OWNER' }]
  return [...own, ...bucket.defaultObjectAcl.filter(({ entity }) => entity !== owner)]
}
