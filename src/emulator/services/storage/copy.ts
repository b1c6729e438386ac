import type { HttpResponse } from '../../../protocol/http.ts'
import { invalid, notModelled } from '../../api-failure.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import { type AclEntry, OBJECT_ROLES, readAcl } from './access-control.ts'
import { checkReplaceable, newObject } from './new-object.ts'
import { objectAnswer } from './object-answer.ts'
import { checkObjectName, OBJECT_FIELDS, type ObjectFields, patchObjectFields } from './object-resource.ts'
import { checkPreconditions } from './preconditions.ts'
import { checkRetention } from './retention.ts'
import { shareBytes } from './share-bytes.ts'
import {
  type Bucket,
  findObject,
  putObject,
  removeObject,
  requireBucket,
  type StoredObject,
} from './storage-state.ts'

/** `storage.objects.copy` */
export async function copyObject(call: Call): Promise<HttpResponse> {
  const plan = planCopy(call, await readJsonObject(call.body))
  return objectAnswer(call, finishCopy(call, plan))
}

/** `storage.objects.move`: within a bucket, in one step. What is set on the object, and who may see it, stays. */
export function moveObject(call: Call): HttpResponse {
  const { parameters } = call
  const bucket = requireBucket(call)
  const source = findObject(bucket, parameters.text('sourceObject')!, undefined)
  const name = parameters.text('destinationObject')!
  checkObjectName(name)
  checkPreconditions(call, source, 'ifSource')
  if (name === source.name) throw invalid('An object cannot be moved to where it is.')
  checkRetention(call, bucket, source)
  checkReplaceable(call, bucket, name)
  const object = newObject(call, bucket, { ...source, name, bytes: shareBytes(source.bytes) })
  putObject(bucket, object)
  removeObject(bucket, source)
  return objectAnswer(call, object)
}

/** What a copy will make, and of what. */
export interface CopyPlan {
  readonly source: StoredObject
  readonly bucket: Bucket
  readonly name: string
  readonly fields: ObjectFields
  readonly acl: readonly AclEntry[] | undefined
  /** Whether the bytes go to another location or storage class. */
  readonly spans: boolean
}

/**
 * Reads what a copy or a rewrite asks for. A body that sets anything sets everything: nothing is taken over from the
 * source then. Access control lists are never taken over.
 */
export function planCopy(call: Call, body: JsonObject): CopyPlan {
  const { parameters } = call
  if (parameters.text('destinationKmsKeyName') ?? parameters.text('kmsKeyName')) {
    throw notModelled('encryption with a key of Cloud KMS')
  }
  const from = requireBucket(call, 'sourceBucket')
  const source = findObject(from, parameters.text('sourceObject')!, parameters.int64('sourceGeneration'))
  checkPreconditions(call, source, 'ifSource')
  const bucket = requireBucket(call, 'destinationBucket')
  const name = parameters.text('destinationObject')!
  checkObjectName(name)
  const { storageClass } = bucket.fields
  const usual = typeof storageClass === 'string' ? { storageClass } : {}
  const replaces = OBJECT_FIELDS.some((field) => Object.hasOwn(body, field))
  const fields = replaces ? patchObjectFields(usual, body) : { ...source.fields, ...usual }
  checkReplaceable(call, bucket, name)
  const spans =
    from.fields.location !== bucket.fields.location || source.fields.storageClass !== fields.storageClass
  return { source, bucket, name, fields, acl: readAcl(body.acl, OBJECT_ROLES), spans }
}

/** Makes the copy. It has the bytes of its source, or those given. */
export function finishCopy(
  call: Call,
  { source, bucket, name, fields, acl, spans }: CopyPlan,
  bytes: StoredObject['bytes'] = shareBytes(source.bytes),
): StoredObject {
  const { crc32c, md5Hash } = source
  // A composite that was written anew is one piece.
  const componentCount = source.componentCount && spans ? 1 : source.componentCount
  const object = newObject(call, bucket, { name, fields, bytes, crc32c, md5Hash, componentCount, acl })
  putObject(bucket, object)
  return object
}
