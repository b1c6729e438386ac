import type { HttpResponse } from '../../../protocol/http.ts'
import { checkReach } from '../../access-boundary.ts'
import { invalid, required } from '../../api-failure.ts'
import type { ReceivedBytes } from '../../receive.ts'
import type { Call, JsonObject } from '../../service.ts'
import { receiveUpload } from '../../upload.ts'
import { checkChecksums, declaredChecksums, type DeclaredChecksums } from './declared-checksums.ts'
import { checkObjectName, type ObjectFields, patchObjectFields } from './object-resource.ts'
import { type AclEntry, OBJECT_ROLES, readAcl } from './access-control.ts'
import { checkReplaceable, newObject } from './new-object.ts'
import { objectAnswer } from './object-answer.ts'
import { putObject, requireBucket } from './storage-state.ts'

/** `storage.objects.insert`: the bytes alone, or metadata and bytes in one multipart body. */
export async function insertObject(call: Call): Promise<HttpResponse> {
  const { plan, received } = await receiveUpload(call, (metadata, mediaType) =>
    planUpload(call, metadata, mediaType),
  )
  return storeUpload(call, plan, received)
}

/** What an upload will make, known before its bytes arrive. */
interface UploadPlan {
  readonly name: string
  readonly fields: ObjectFields
  readonly acl: readonly AclEntry[] | undefined
  readonly checksums: DeclaredChecksums
}

/** Refuses what can be refused before the bytes are read. */
function planUpload(call: Call, metadata: JsonObject, mediaType: string | undefined): UploadPlan {
  const { parameters, headers } = call
  const name = parameters.text('name') ?? metadata.name
  if (name === undefined || name === '') throw required('name')
  if (typeof name !== 'string') throw invalid('Invalid value for name: must be text.')
  checkObjectName(name)
  const bucket = requireBucket(call)
  checkReach(call, 'create', { bucket: bucket.name, object: name })
  if (bucket.objects.get(name)) checkReach(call, 'delete', { bucket: bucket.name, object: name })
  checkContentTypes(metadata.contentType, mediaType)
  const contentEncoding = parameters.text('contentEncoding')
  const contentType = metadata.contentType ?? (mediaType || 'application/octet-stream')
  const { storageClass } = bucket.fields
  const fields = patchObjectFields(typeof storageClass === 'string' ? { storageClass } : {}, {
    ...metadata,
    contentType,
    ...(contentEncoding !== undefined && { contentEncoding }),
  })
  checkReplaceable(call, bucket, name)
  return {
    name,
    fields,
    acl: readAcl(metadata.acl, OBJECT_ROLES),
    checksums: declaredChecksums(metadata, headers),
  }
}

/** The metadata and the part of the media may both name the type; then it must be one type. */
function checkContentTypes(ofMetadata: unknown, ofMedia: string | undefined): void {
  if (typeof ofMetadata !== 'string' || !ofMetadata || !ofMedia) return
  const [first, second] = [ofMetadata, ofMedia].map((type) => type.replace(/\s/g, '').toLowerCase())
  if (first === second) return
  throw invalid(
    `Content-Type specified in the upload (${ofMedia}) does not match Content-Type specified in metadata (${ofMetadata}).`,
  )
}

/** Makes the object, in one step and only if everything still holds; otherwise the bytes go. */
async function storeUpload(call: Call, plan: UploadPlan, received: ReceivedBytes): Promise<HttpResponse> {
  try {
    checkChecksums(plan.checksums, received)
    const bucket = requireBucket(call)
    checkReplaceable(call, bucket, plan.name)
    const { name, fields, acl } = plan
    const object = newObject(call, bucket, { name, fields, acl, ...received })
    const answer = objectAnswer(call, object)
    // The last step: once the object is there, nothing may fail any more and take its bytes away.
    putObject(bucket, object)
    return answer
  } catch (error) {
    await received.bytes.delete()
    throw error
  }
}
