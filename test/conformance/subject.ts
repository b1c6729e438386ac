import type { CallOptions, UntypedApi } from 'discokit'
import type { Resource } from './scenarios.ts'

export const PROJECT = 'conformance'
export const OBJECT = 'photos/a b.bin'
export const ACCOUNT = 'robot@conformance.iam.gserviceaccount.com'
export const NOTIFICATION = {
  topic: '//pubsub.googleapis.com/projects/conformance/topics/t',
  payload_format: 'NONE',
}

/** What a method is called on. */
export interface Subject {
  readonly storage: UntypedApi
  /** What the call under test is made with. */
  readonly options: CallOptions
  /** Whether it says from which version it starts. */
  readonly guarded: boolean
  /** A bucket's name that no other run has. */
  readonly bucket: string
  /** What objects hold. */
  readonly bytes: Uint8Array
  readonly accessId?: string
  readonly notification?: string
}

/** Makes what a method needs, and meets no fault in doing so. */
export async function makeResources(
  storage: UntypedApi,
  bucket: string,
  resources: readonly Resource[],
  bytes: Uint8Array,
): Promise<Pick<Subject, 'accessId' | 'notification'>> {
  if (resources.includes('HMAC_KEY')) {
    const { hmacKeys } = storage['projects']
    const { metadata } = await hmacKeys.create({ projectId: PROJECT, serviceAccountEmail: ACCOUNT })
    const { accessId } = metadata
    // Only a key that is out of use can be deleted.
    await hmacKeys.update({ projectId: PROJECT, accessId, body: { state: 'INACTIVE' } })
    return { accessId }
  }
  if (resources.includes('BUCKET')) {
    await storage['buckets'].insert({ project: PROJECT, body: { name: bucket } })
  }
  if (resources.includes('OBJECT')) {
    await storage['objects'].insert({ bucket, name: OBJECT, media: bytes })
  }
  if (!resources.includes('NOTIFICATION')) return {}
  const { id } = await storage['notifications'].insert({ bucket, body: NOTIFICATION })
  return { notification: id }
}
