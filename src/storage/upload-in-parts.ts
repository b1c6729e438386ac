import type { Client } from '../client.ts'
import { type Problem, ValidationError } from '../errors.ts'
import { isMediaType } from '../protocol/header-value.ts'
import type { MediaInput } from '../request/media-input.ts'
import type { UploadProgress } from '../media/progress.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { WebAbortSignal } from '../web-types.ts'
import { objectNameProblem } from './bucket-address.ts'
import type { Generation, StoredObject } from './objects-api.ts'

/** What is uploaded in parts, where to and how. */
export interface UploadInPartsOptions {
  readonly bucket: string
  readonly object: string
  /** Content of known length that can be opened at any place: `file(path)`, bytes, a Blob, a function that opens at an offset. */
  readonly media: MediaInput
  /** Default: that of the content, or by the ending of its name or of `object`. */
  readonly contentType?: string | undefined
  /** Further fields of the object: `cacheControl`, `metadata`, … */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** The generation that it may replace; 0 when there must be none. */
  readonly ifGenerationMatch?: Generation
  /** The size of a part in bytes. Default 32 MiB, or so many that there are 1,024 parts. Smaller content goes up as usual. */
  readonly partBytes?: number | undefined
  /** How many parts go up at the same time. Default 4. */
  readonly concurrency?: number | undefined
  /** What the names of the temporary objects begin with. Default `.discokit-parts/`. */
  readonly partPrefix?: string | undefined
  /**
   * Whether parts stay when the upload fails, is aborted, or its process is killed, so that the same call goes on: it sends those that
   * are not there, or not the same bytes. One such call at a time. Default false.
   */
  readonly resume?: boolean | undefined
  /** Told as the parts go up, of all of them together. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined
  /** Told the names of temporary objects that could not be deleted. */
  readonly onLeftBehind?: ((objects: readonly string[]) => void) | undefined
  readonly signal?: WebAbortSignal | undefined
}

/**
 * Uploads a large content as parts that go up at the same time, each in a session of its own, and has Cloud Storage join
 * them: under temporary names, composed 32 at a time and then deleted, also after a failure unless `resume` keeps them. The object has a CRC-32C, which
 * is compared with that of the parts, and no MD5.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { serviceAccount } from 'discokit/auth'
 * import { file } from 'discokit/node'
 * import { uploadInParts } from 'discokit/storage'
 *
 * const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
 * const stored = await uploadInParts(google, { bucket: 'my-photos', object: 'film.mp4', media: file('film.mp4') })
 * console.log(stored.componentCount)
 * ```
 *
 * Needs leave to delete objects besides. Where deleted objects are kept for some time, as they are by default, the temporary ones are
 * charged for as long; where objects are retained they cannot be deleted.
 *
 * @throws {ValidationError} for options that cannot be used, and content that cannot be opened at any place.
 * @throws {DataLossError} when the content changes meanwhile, or what is stored is not what was sent.
 * @throws {GoogleApiError} as the methods of objects do; the object is then as it was.
 */
export async function uploadInParts(google: Client, options: UploadInPartsOptions): Promise<StoredObject> {
  check(options)
  const { runParts } = await import('./parts/run-parts.ts')
  return runParts(google, options)
}

const WHAT = 'the content cannot be uploaded in parts'
const OPTIONS: readonly (keyof UploadInPartsOptions)[] = [
  'bucket',
  'object',
  'media',
  'contentType',
  'metadata',
  'ifGenerationMatch',
  'partBytes',
  'concurrency',
  'partPrefix',
  'resume',
  'onProgress',
  'onLeftBehind',
  'signal',
]

function check(options: UploadInPartsOptions): void {
  checkOptionNames(WHAT, options, OPTIONS)
  const { object, contentType, partBytes, concurrency, partPrefix = '', resume = false } = options
  const problems: Problem[] = []
  const add = (path: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ path, message })
  }
  add('object', objectNameProblem(object))
  if (contentType !== undefined && !isMediaType(contentType)) add('contentType', 'must be a media type')
  if (partBytes !== undefined && !(Number.isSafeInteger(partBytes) && partBytes > 0))
    add('partBytes', 'must be a positive number of bytes')
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && concurrency > 0 && concurrency <= 64))
    add('concurrency', 'must be a whole number from 1 to 64')
  if (typeof resume !== 'boolean') add('resume', 'must be true or false')
  // The part's own name has some forty characters.
  if (partPrefix !== '' && objectNameProblem(`${partPrefix}${'-'.repeat(64)}`) !== undefined)
    add('partPrefix', 'must be the beginning of names of objects')
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
}
