import type { HttpResponse } from '../../../protocol/http.ts'
import { ApiFailure, invalid, notModelled, required } from '../../api-failure.ts'
import type { Call, JsonObject } from '../../service.ts'
import { checkChecksums, declaredChecksums, type DeclaredChecksums } from './declared-checksums.ts'
import { readMultipartUpload } from './multipart-upload.ts'
import { checkObjectName, type ObjectFields, patchObjectFields } from './object-resource.ts'
import { objectAnswer } from './objects.ts'
import { checkPreconditions } from './preconditions.ts'
import { receive, type ReceivedBytes } from './receive.ts'
import { nextGeneration, putObject, requireBucket, storageState, type StoredObject } from './storage-state.ts'

/** `storage.objects.insert`: the bytes alone, or metadata and bytes in one multipart body. */
export async function insertObject(call: Call): Promise<HttpResponse> {
  const uploadType = call.parameters.text('uploadType')
  if (call.door !== 'upload' || uploadType === undefined) {
    throw new ApiFailure(
      400,
      'wrongUrlForUpload',
      'Uploads need the parameter uploadType and a path that begins with /upload/.',
    )
  }
  if (uploadType === 'resumable') throw notModelled('resumable uploads (uploadType=resumable)')
  if (uploadType === 'multipart') return insertMultipart(call)
  if (uploadType !== 'media') throw invalid(`Invalid value for uploadType: '${uploadType}'`)
  const upload = planUpload(call, {}, call.headers['content-type'])
  return storeUpload(call, upload, await receive(call.body.chunks))
}

async function insertMultipart(call: Call): Promise<HttpResponse> {
  const parts = readMultipartUpload(call.headers['content-type'], call.body)
  const { metadata, mediaType, media } = await parts.open()
  const upload = planUpload(call, metadata, mediaType)
  const received = await receive(media)
  try {
    await parts.expectEnd()
  } catch (error) {
    await received.bytes.delete()
    throw error
  }
  return storeUpload(call, upload, received)
}

/** What an upload will make, known before its bytes arrive. */
interface UploadPlan {
  readonly name: string
  readonly fields: ObjectFields
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
  checkContentTypes(metadata.contentType, mediaType)
  const contentEncoding = parameters.text('contentEncoding')
  const contentType = metadata.contentType ?? (mediaType || 'application/octet-stream')
  const { storageClass } = bucket.fields
  const fields = patchObjectFields(typeof storageClass === 'string' ? { storageClass } : {}, {
    ...metadata,
    contentType,
    ...(contentEncoding !== undefined && { contentEncoding }),
  })
  checkPreconditions(call, bucket.objects.get(name))
  return { name, fields, checksums: declaredChecksums(metadata, headers) }
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
    checkPreconditions(call, bucket.objects.get(plan.name))
    const now = call.clock.now()
    const { name, fields } = plan
    const object: StoredObject = {
      bucket: bucket.name,
      name,
      fields,
      ...received,
      generation: nextGeneration(storageState(call), call.clock),
      metageneration: 1n,
      timeCreated: now,
      updated: now,
    }
    const answer = objectAnswer(call, object)
    // The last step: once the object is there, nothing may fail any more and take its bytes away.
    putObject(bucket, object)
    return answer
  } catch (error) {
    await received.bytes.delete()
    throw error
  }
}
