import { ApiFailure, invalid, notModelled } from './api-failure.ts'
import { readMultipartUpload } from './multipart-upload.ts'
import { receive, type ReceivedBytes } from './receive.ts'
import type { Call, JsonObject } from './service.ts'

/** What comes of an upload: what was planned before its bytes arrived, and the bytes. */
export interface Upload<Plan> {
  readonly plan: Plan
  readonly received: ReceivedBytes
}

/**
 * Receives the bytes alone, or metadata and bytes in one multipart body. `plan` sees the metadata and the type of the
 * media first, so that it can refuse what can be refused before the bytes are read.
 */
export async function receiveUpload<Plan>(
  call: Call,
  plan: (metadata: JsonObject, mediaType: string | undefined) => Plan,
): Promise<Upload<Plan>> {
  const uploadType = call.parameters.text('uploadType')
  if (call.door !== 'upload' || uploadType === undefined) {
    throw new ApiFailure(
      400,
      'wrongUrlForUpload',
      'Uploads need the parameter uploadType and a path that begins with /upload/.',
    )
  }
  if (uploadType === 'resumable') throw notModelled('resumable uploads (uploadType=resumable)')
  if (uploadType === 'multipart') return receiveMultipart(call, plan)
  if (uploadType !== 'media') throw invalid(`Invalid value for uploadType: '${uploadType}'`)
  const planned = plan({}, call.headers['content-type'])
  return { plan: planned, received: await receive(call.body.chunks) }
}

async function receiveMultipart<Plan>(
  call: Call,
  plan: (metadata: JsonObject, mediaType: string | undefined) => Plan,
): Promise<Upload<Plan>> {
  const parts = readMultipartUpload(call.headers['content-type'], call.body)
  const { metadata, mediaType, media } = await parts.open()
  const planned = plan(metadata, mediaType)
  const received = await receive(media)
  try {
    await parts.expectEnd()
  } catch (error) {
    await received.bytes.delete()
    throw error
  }
  return { plan: planned, received }
}
