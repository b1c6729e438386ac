import { ApiFailure, invalid } from './api-failure.ts'
import { readMultipartUpload } from './multipart-upload.ts'
import { receive, type ReceivedBytes } from './receive.ts'
import { UploadBegins } from './resumable/start.ts'
import type { HeldUpload } from './resumable/session.ts'
import type { Call, JsonObject } from './service.ts'

/** What comes of an upload: what was planned before its bytes arrived, and the bytes. */
export interface Upload<Plan> {
  readonly plan: Plan
  readonly received: ReceivedBytes
}

/** Looks at the metadata and the type of the media, and throws what can be refused before the bytes are read. */
export type PlanUpload<Plan> = (metadata: JsonObject, mediaType: string | undefined) => Plan

/**
 * Receives the bytes alone, metadata and bytes in one multipart body, or what a resumable upload has gathered. A
 * resumable upload is planned twice: when it begins, which is where this ends then, and when its bytes are there.
 */
export async function receiveUpload<Plan>(call: Call, plan: PlanUpload<Plan>): Promise<Upload<Plan>> {
  if (call.upload) return takeHeld(call.upload, plan)
  const kind = uploadKind(call)
  if (kind === 'multipart') return receiveMultipart(call, plan)
  if (kind !== 'media' && kind !== 'raw') throw invalid(`Invalid value for uploadType: '${kind}'`)
  const planned = plan({}, call.headers['x-goog-upload-header-content-type'] ?? call.headers['content-type'])
  return { plan: planned, received: await receive(call.body.chunks) }
}

function uploadKind({ door, parameters, headers }: Call): string {
  const kind = headers['x-goog-upload-protocol']?.trim().toLowerCase() ?? parameters.text('uploadType')
  if (door === 'upload' && kind !== undefined) return kind
  throw new ApiFailure(
    400,
    'wrongUrlForUpload',
    'Uploads need the parameter uploadType and a path that begins with /upload/.',
  )
}

async function takeHeld<Plan>(
  { metadata, mediaType, received }: HeldUpload,
  plan: PlanUpload<Plan>,
): Promise<Upload<Plan>> {
  if (!received) {
    plan(metadata, mediaType)
    throw new UploadBegins()
  }
  try {
    return { plan: plan(metadata, mediaType), received }
  } catch (error) {
    await received.bytes.delete()
    throw error
  }
}

async function receiveMultipart<Plan>(call: Call, plan: PlanUpload<Plan>): Promise<Upload<Plan>> {
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
