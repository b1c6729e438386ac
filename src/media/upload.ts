import { type Problem, ValidationError } from '../errors.ts'
import type { UploadOptions } from '../options.ts'
import type { MediaDescription, MediaInput } from '../request/media-input.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import type { CallContext } from '../transport/call-context.ts'
import { checkContentType, contentTypeOf, OCTET_STREAM } from './content-type.ts'
import { limitProblems, onlyType } from './limits.ts'
import { toMediaSource } from './media-source.ts'
import { type PlannedUpload, UPLOAD_TYPE, type UploadContent, type UploadHost } from './planned-upload.ts'
import { simpleUpload } from './simple-upload.ts'
import { UploadHand } from './upload-hand.ts'
import { checkUploadSettings, type UploadSettings } from './upload-settings.ts'

/**
 * Plans the upload of the media of a prepared request: the bytes alone (`uploadType=media`), metadata and bytes in one
 * `multipart/related` body, or a session. The content is read while it is sent. Its media type is the one in the
 * metadata, else the one given with the content, else the one that the ending of its name stands for.
 * @throws {ValidationError} before anything is sent, when the content or its media type cannot be.
 */
export async function planUpload(
  prepared: PreparedRequest,
  options: Pick<UploadOptions, 'upload' | 'onProgress' | 'maxAnswerBytes'>,
  call: CallContext,
  host: UploadHost,
): Promise<PlannedUpload> {
  const { upload: settings = {}, onProgress, maxAnswerBytes: maxBytes = host.maxAnswerBytes } = options
  checkUploadSettings(prepared.id, settings)
  const hand = new UploadHand(settings.control)
  call.onEnd(() => hand.end('failed'))
  try {
    const content = await toContent(prepared, {
      settings,
      onProgress,
      hand,
      maxBytes: maxBytes ?? MAX_ANSWER_BYTES,
    })
    if (kindOf(content) !== 'resumable') return simpleUpload(content, host)
    const { resumableUpload } = await import('./resumable/resumable-upload.ts')
    return resumableUpload(content, host)
  } catch (error) {
    hand.end('failed')
    throw error
  }
}

/** As for all answers. */
const MAX_ANSWER_BYTES = 67_108_864

async function toContent(
  prepared: PreparedRequest,
  rest: Pick<UploadContent, 'settings' | 'onProgress' | 'hand' | 'maxBytes'>,
): Promise<UploadContent> {
  const { settings } = rest
  const { id, upload: facts = {} } = prepared
  const source = toMediaSource(prepared.media!)
  const description = source.describe()
  const { type: contentType, path: typePath } = await typeOf(prepared, description)
  if (settings.checkLimits ?? true) {
    const problems = limitProblems(facts, { length: description.length, contentType, typePath })
    if (problems.length > 0) throw new ValidationError(id, problems)
  }
  return { prepared, source, description, contentType, ...rest }
}

/** Content that is at least so long goes up in a session. */
const RESUMABLE_FROM_BYTES = 8_388_608

function kindOf({ prepared, description, settings }: UploadContent): UploadSettings['kind'] {
  const { kind, store, control, chunkBytes, dialect } = settings
  const resumable = prepared.upload?.resumable !== undefined
  const single = UPLOAD_TYPE.test(prepared.url)
  const problems: Problem[] = []
  const refuse = (message: string): void => void problems.push({ path: 'upload.kind', message })
  if (kind === 'resumable' && !resumable) refuse('the method has no resumable uploads')
  if (kind === 'simple' && prepared.body !== undefined) {
    refuse('a simple upload has no metadata; leave the body out, or choose multipart')
  }
  if (kind !== undefined && kind !== 'resumable' && !single) refuse('the method takes the bytes as they are')
  if (problems.length > 0) throw new ValidationError(prepared.id, problems)
  if (kind !== undefined) return kind
  const { length = Infinity } = description
  const wanted = (store ?? control ?? chunkBytes ?? dialect) !== undefined || length >= RESUMABLE_FROM_BYTES
  return resumable && wanted ? 'resumable' : 'simple'
}

/** The media type of a content, and where it was said. */
async function typeOf(
  { media, body, url, upload }: PreparedRequest,
  { contentType, name }: MediaDescription,
): Promise<{ type: string; path: string }> {
  const metadata = body === undefined ? {} : ((JSON.parse(body) ?? {}) as Metadata)
  const told = (['contentType', 'mimeType'] as const).find((member) => asText(metadata[member]) !== undefined)
  const path = told === undefined ? 'media.contentType' : `body.${told}`
  const type =
    (told && asText(metadata[told])) ??
    contentType ??
    (await contentTypeOf([name, asText(metadata.name), nameInQuery(url)])) ??
    (upload && onlyType(upload)) ??
    (isText(media!) ? PLAIN_TEXT : OCTET_STREAM)
  return { type: checkContentType(type, path), path }
}

/** The members of Cloud Storage's and Drive's metadata that tell the media type. */
interface Metadata {
  readonly contentType?: unknown
  readonly mimeType?: unknown
  readonly name?: unknown
}

const PLAIN_TEXT = 'text/plain; charset=utf-8'

function isText(media: MediaInput): boolean {
  return typeof (typeof media === 'object' && 'content' in media ? media.content : media) === 'string'
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function nameInQuery(url: string): string | undefined {
  const encoded = /[?&]name=([^&]*)/.exec(url)?.[1]
  return encoded === undefined ? undefined : decodeURIComponent(encoded)
}
