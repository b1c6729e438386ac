import type { Client } from '../client.ts'
import type { RestDescription } from '../discovery/document.ts'
import { ParseError, type Problem, ValidationError } from '../errors.ts'
import { isMediaType } from '../protocol/header-value.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { DEFAULT_UNIVERSE, isAllowed } from '../transport/origin-policy.ts'
import { originOf, parseOrigin, splitOrigin } from '../transport/origin.ts'
import type { WebAbortSignal } from '../web-types.ts'
import { objectNameProblem } from './bucket-address.ts'

/** What is to be uploaded, and from where. */
export interface StartSessionOptions {
  readonly bucket: string
  readonly object: string
  /** Where the page is from that will send the bytes, such as `https://app.example.com`. Browsers may not send them otherwise. */
  readonly origin?: string | undefined
  /** Default `application/octet-stream`. */
  readonly contentType?: string | undefined
  /** How many bytes it must be. */
  readonly length?: number | undefined
  /** Further fields of the object: `cacheControl`, `metadata` (your own, texts), `crc32c` and others of the resource. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** The generation that it may replace; 0 when there must be none. */
  readonly ifGenerationMatch?: number | string | undefined
  readonly signal?: WebAbortSignal | undefined
  /** Milliseconds for the whole call. Default: as the client's. */
  readonly timeoutMs?: number | undefined
}

/**
 * Begins a resumable upload for somebody else, such as a browser, and gives the address that the bytes go to. Whoever has it
 * needs no credential; it holds for a week, for that one object, and can be used from where it broke off. Metadata and
 * preconditions are fixed here.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { serviceAccount } from 'discokit/auth'
 * import { startSession } from 'discokit/storage'
 *
 * const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
 * const url = await startSession(google, {
 *   bucket: 'my-photos',
 *   object: 'cat.mp4',
 *   origin: 'https://app.example.com',
 *   contentType: 'video/mp4',
 * })
 * ```
 *
 * It is tried again like a read: a session that nobody uses does no harm.
 *
 * @throws {ValidationError} for options that cannot be used.
 * @throws {GoogleApiError} as `storage.objects.insert` does.
 */
export async function startSession(google: Client, options: StartSessionOptions): Promise<string> {
  check(options)
  const { bucket, object: name, origin, contentType, length, metadata, ifGenerationMatch } = options
  const { signal, timeoutMs } = options
  const call = google.api(DOCUMENT)['start'](
    {
      bucket,
      name,
      ifGenerationMatch,
      uploadType: 'resumable',
      body: { ...metadata, ...(contentType !== undefined && { contentType }) },
    },
    {
      headers: {
        ...(origin !== undefined && { origin }),
        ...(contentType !== undefined && { 'x-upload-content-type': contentType }),
        ...(length !== undefined && { 'x-upload-content-length': String(length) }),
      },
      retry: { idempotent: true },
      ...(signal !== undefined && { signal }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    },
  )
  const { response } = await call.withResponse()
  return sessionAddress(response.headers['location'], response.url, response.status)
}

/**
 * The address of a session, which must be where it was asked for, or below Google's own domain.
 * @throws {ParseError}
 */
function sessionAddress(location: string | undefined, asked: string, status: number): string {
  const places = { universeDomain: DEFAULT_UNIVERSE, origins: [splitOrigin(asked)?.origin ?? ''] }
  if (location !== undefined && isAllowed(splitOrigin(location)?.origin ?? '', places)) return location
  const where = location === undefined ? 'none' : (originOf(location)?.host ?? 'no plain address')
  throw new ParseError(
    `startSession: Cloud Storage answered ${status}, but the address of the session is at ${where}`,
    { status, contentType: '' },
  )
}

/** What an object may be given besides its name, bucket and content type. */
const FIELDS = [
  'acl',
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'contexts',
  'crc32c',
  'customTime',
  'eventBasedHold',
  'md5Hash',
  'metadata',
  'retention',
  'storageClass',
  'temporaryHold',
]
const WHAT = 'no session can be started'
const OPTIONS = [
  'bucket',
  'object',
  'origin',
  'contentType',
  'length',
  'metadata',
  'ifGenerationMatch',
  'signal',
  'timeoutMs',
]

function check(options: StartSessionOptions): void {
  checkOptionNames(WHAT, options, OPTIONS)
  const { object, origin, contentType, length } = options
  const problems: Problem[] = []
  const add = (path: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ path, message })
  }
  add('object', objectNameProblem(object))
  for (const name of Object.keys(options.metadata ?? {}))
    if (!FIELDS.includes(name)) add(`metadata.${name}`, ofAnother(name))
  if (origin !== undefined && parseOrigin(origin) === undefined)
    add('origin', 'must be scheme and host, such as https://app.example.com')
  if (contentType !== undefined && !isMediaType(contentType)) add('contentType', 'must be a media type')
  if (length !== undefined && !(Number.isSafeInteger(length) && length >= 0))
    add('length', 'must be a number of bytes')
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
}

function ofAnother(name: string): string {
  if (name === 'name' || name === 'bucket' || name === 'contentType') return 'is given beside metadata'
  return 'is no field of an object that can be set; your own metadata goes under metadata.metadata'
}

const parameter = (location: 'path' | 'query', required = false) =>
  ({ type: 'string', location, required }) as const

/** The one address that is needed here: the way into a session, which the method itself takes only with bytes. */
const DOCUMENT: RestDescription = {
  name: 'storage',
  version: 'v1',
  rootUrl: 'https://storage.googleapis.com/',
  servicePath: 'upload/storage/v1/',
  methods: {
    start: {
      id: 'storage.objects.insert',
      path: 'b/{bucket}/o',
      httpMethod: 'POST',
      parameterOrder: ['bucket'],
      parameters: {
        bucket: parameter('path', true),
        name: parameter('query', true),
        ifGenerationMatch: { ...parameter('query'), format: 'int64' },
        uploadType: parameter('query', true),
      },
      request: { $ref: 'Object' },
      scopes: [
        'https://www.googleapis.com/auth/cloud-platform',
        'https://www.googleapis.com/auth/devstorage.full_control',
        'https://www.googleapis.com/auth/devstorage.read_write',
      ],
    },
  },
}
