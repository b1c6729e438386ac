import type { Client } from '../client.ts'
import type { RestDescription, RestMethod, RestParameter } from '../discovery/document.ts'
import type { ApiMethod, DownloadMethod, ListMethod } from '../discovery/method.ts'
import { ParseError } from '../errors.ts'
import type { ApiDefinition } from '../options.ts'
import type { MediaInput } from '../request/media-input.ts'

/** The methods of objects that this folder needs, without discovery: they are the same in every program. */
export function objectsApi(google: Client): ObjectsApi {
  return google.api(DOCUMENT)
}

/** An object, as far as it is looked at here. Sizes and generations are texts of digits, `crc32c` is in base64. */
export interface StoredObject {
  readonly name: string
  readonly bucket?: string
  readonly generation: string
  readonly size: string
  readonly crc32c?: string
  readonly contentType?: string
  readonly contentEncoding?: string
  /** Of how many objects it was composed; absent when of none. */
  readonly componentCount?: number
  /** A time of RFC 3339. */
  readonly timeCreated?: string
  readonly [field: string]: unknown
}

/**
 * An object as an answer has it.
 * @throws {ParseError} when the answer does not tell name, size and generation, on which everything here rests.
 */
export function checkedObject(object: StoredObject, bucket: string): StoredObject {
  const { name, size, generation } = object ?? {}
  const isCount = (value: unknown): boolean => typeof value === 'string' && /^\d{1,20}$/.test(value)
  if (typeof name === 'string' && isCount(size) && isCount(generation)) return object
  throw new ParseError(
    `an object of the bucket ${bucket}: the answer does not tell its name, size and generation; is this Cloud Storage?`,
    { status: 200, contentType: 'application/json' },
  )
}

/** Methods of `storage:v1`. */
export interface ObjectsApi {
  readonly insert: ApiMethod<
    {
      bucket: string
      name: string
      ifGenerationMatch?: Generation
      body?: object
      media: MediaInput
    },
    StoredObject
  >
  readonly get: ApiMethod<{ bucket: string; object: string }, StoredObject> &
    DownloadMethod<{ bucket: string; object: string }>
  readonly list: ListMethod<
    { bucket: string; prefix?: string; fields?: string },
    { items?: readonly StoredObject[] },
    StoredObject
  >
  readonly delete: ApiMethod<{ bucket: string; object: string }, void>
  readonly compose: ApiMethod<
    { destinationBucket: string; destinationObject: string; ifGenerationMatch?: Generation; body: object },
    StoredObject
  >
}

/** A generation of an object; 0 when there must be none. */
export type Generation = number | string | undefined

const parameter = (location: 'path' | 'query'): RestParameter =>
  location === 'path' ? { type: 'string', location, required: true } : { type: 'string', location }
const IN_PATH = /* @__PURE__ */ parameter('path')
const TEXT = /* @__PURE__ */ parameter('query')
const INT64: RestParameter = { type: 'string', format: 'int64', location: 'query' }

const SCOPE = 'https://www.googleapis.com/auth/'
const WRITE = [`${SCOPE}cloud-platform`, `${SCOPE}devstorage.full_control`, `${SCOPE}devstorage.read_write`]
const READ = [...WRITE, `${SCOPE}devstorage.read_only`]
const UPLOAD = '/upload/storage/v1/b/{bucket}/o'

const METHODS: Readonly<Record<string, RestMethod>> = {
  insert: {
    id: 'storage.objects.insert',
    httpMethod: 'POST',
    path: 'b/{bucket}/o',
    parameterOrder: ['bucket'],
    parameters: { bucket: IN_PATH, name: TEXT, ifGenerationMatch: INT64 },
    request: { $ref: 'Object' },
    supportsMediaUpload: true,
    mediaUpload: {
      accept: ['*/*'],
      protocols: {
        simple: { multipart: true, path: UPLOAD },
        resumable: { multipart: true, path: `/resumable${UPLOAD}` },
      },
    },
    scopes: WRITE,
  },
  get: {
    id: 'storage.objects.get',
    httpMethod: 'GET',
    path: 'b/{bucket}/o/{object}',
    parameterOrder: ['bucket', 'object'],
    parameters: { bucket: IN_PATH, object: IN_PATH, generation: INT64 },
    supportsMediaDownload: true,
    useMediaDownloadService: true,
    scopes: READ,
  },
  list: {
    id: 'storage.objects.list',
    httpMethod: 'GET',
    path: 'b/{bucket}/o',
    parameterOrder: ['bucket'],
    parameters: { bucket: IN_PATH, prefix: TEXT, pageToken: TEXT },
    scopes: READ,
  },
  delete: {
    id: 'storage.objects.delete',
    httpMethod: 'DELETE',
    path: 'b/{bucket}/o/{object}',
    parameterOrder: ['bucket', 'object'],
    parameters: { bucket: IN_PATH, object: IN_PATH },
    scopes: WRITE,
  },
  compose: {
    id: 'storage.objects.compose',
    httpMethod: 'POST',
    path: 'b/{destinationBucket}/o/{destinationObject}/compose',
    parameterOrder: ['destinationBucket', 'destinationObject'],
    parameters: { destinationBucket: IN_PATH, destinationObject: IN_PATH, ifGenerationMatch: INT64 },
    request: { $ref: 'ComposeRequest' },
    scopes: WRITE,
  },
}

const DOCUMENT: RestDescription & ApiDefinition<ObjectsApi> = {
  name: 'storage',
  version: 'v1',
  rootUrl: 'https://storage.googleapis.com/',
  servicePath: 'storage/v1/',
  parameters: { fields: TEXT },
  methods: METHODS,
}
