import { ApiFailure, notModelled } from '../../api-failure.ts'
import { checkShape, pick, type Shape } from '../../fields.ts'
import { isJsonObject, type JsonObject } from '../../service.ts'
import type { Video } from './youtube-state.ts'

const SNIPPET: Shape & object = {
  title: 'string',
  description: 'string',
  tags: ['string'],
  categoryId: 'string',
  defaultLanguage: 'string',
}
const STATUS: Shape & object = {
  privacyStatus: 'string',
  license: 'string',
  embeddable: 'boolean',
  publicStatsViewable: 'boolean',
  selfDeclaredMadeForKids: 'boolean',
}

/** What an upload says of its video, checked. */
export function readMetadata(body: JsonObject): Pick<Video, 'snippet' | 'status'> {
  checkShape(body, { snippet: SNIPPET, status: STATUS }, 'video')
  const [snippet, status] = [objectOf(body.snippet), objectOf(body.status)]
  const { title = 'unknown' } = snippet
  if (typeof title !== 'string' || title.trim() === '' || title.length > 100 || /[<>]/.test(title)) {
    throw new ApiFailure(
      400,
      'invalidTitle',
      'The request metadata specifies an invalid or empty video title.',
      {
        domain: 'youtube.video',
        location: 'body.snippet.title',
      },
    )
  }
  if (status.publishAt) throw notModelled('the publication of a video at a later time')
  return {
    snippet: { description: '', categoryId: '22', ...pick(snippet, Object.keys(SNIPPET)), title },
    status: readStatus(status),
  }
}

/** What is set on who may see something. */
export function readStatus(status: JsonObject): Video['status'] {
  const { privacyStatus = 'public' } = status as { privacyStatus?: string }
  if (!['public', 'unlisted', 'private'].includes(privacyStatus)) {
    throw new ApiFailure(
      400,
      'invalidVideoMetadata',
      'The request metadata specifies an invalid privacy status.',
      {
        domain: 'youtube.video',
      },
    )
  }
  return { ...pick(status, Object.keys(STATUS)), privacyStatus }
}

/** A member that may be left out or null. */
export function objectOf(member: unknown): JsonObject {
  return isJsonObject(member) ? member : {}
}
