/**
 * A hand-written declaration of four methods of Cloud Storage, in the form that generated files will have: a document
 * as a value, and the type of the object that `google.api` makes of it. It imports nothing but types of `discokit`, and
 * needs neither the web's types nor Node's.
 */
import type { ApiDefinition, ApiMethod, DownloadMethod, ListMethod, MediaInput } from 'discokit'

/** Cloud Storage, as far as it is declared here. */
export interface StorageV1 {
  readonly buckets: {
    /** Lists the buckets of a project. */
    readonly list: ListMethod<BucketsListParameters, Buckets, Bucket>
  }
  readonly objects: {
    /** Gets an object's metadata, or its bytes with `download`. */
    readonly get: ApiMethod<ObjectsGetParameters, StorageObject> & DownloadMethod<ObjectsGetParameters>
    /** Stores an object with its metadata. */
    readonly insert: ApiMethod<ObjectsInsertParameters, StorageObject>
    /** Deletes an object. */
    readonly delete: ApiMethod<ObjectsDeleteParameters, void>
  }
}

export interface StandardParameters {
  fields?: string | undefined
  prettyPrint?: boolean | undefined
  quotaUser?: string | undefined
}

export interface BucketsListParameters extends StandardParameters {
  project: string
  maxResults?: number | undefined
  pageToken?: string | undefined
  prefix?: string | undefined
  projection?: 'full' | 'noAcl' | (string & {}) | undefined
}

export interface ObjectsGetParameters extends StandardParameters {
  bucket: string
  object: string
  /** int64 */
  generation?: string | number | bigint | undefined
}

export interface ObjectsInsertParameters extends StandardParameters {
  bucket: string
  name?: string | undefined
  ifGenerationMatch?: string | number | bigint | undefined
  body?: StorageObjectBody | undefined
  media?: MediaInput | undefined
}

export interface ObjectsDeleteParameters extends StandardParameters {
  bucket: string
  object: string
}

export interface Bucket {
  name?: string
  location?: string
  readonly timeCreated?: string
}

export interface Buckets {
  kind?: string
  items?: Bucket[]
  nextPageToken?: string
}

/** What a request may say of an object. */
export interface StorageObjectBody {
  name?: string
  contentType?: string
  cacheControl?: string
  metadata?: { [name: string]: string }
}

export interface StorageObject extends StorageObjectBody {
  readonly bucket?: string
  /** int64 */
  readonly size?: string
  readonly crc32c?: string
}

const storageV1: ApiDefinition<StorageV1> = {
  name: 'storage',
  version: 'v1',
  rootUrl: 'https://storage.googleapis.com/',
  servicePath: 'storage/v1/',
  resources: {
    buckets: {
      methods: {
        list: {
          id: 'storage.buckets.list',
          path: 'b',
          httpMethod: 'GET',
          parameters: {
            project: { type: 'string', location: 'query', required: true },
            maxResults: { type: 'integer', location: 'query' },
            pageToken: { type: 'string', location: 'query' },
            prefix: { type: 'string', location: 'query' },
          },
        },
      },
    },
    objects: {
      methods: {
        get: {
          id: 'storage.objects.get',
          path: 'b/{bucket}/o/{object}',
          httpMethod: 'GET',
          supportsMediaDownload: true,
          parameters: {
            bucket: { type: 'string', location: 'path', required: true },
            object: { type: 'string', location: 'path', required: true },
            generation: { type: 'string', format: 'int64', location: 'query' },
          },
        },
        insert: {
          id: 'storage.objects.insert',
          path: 'b/{bucket}/o',
          httpMethod: 'POST',
          request: { $ref: 'Object' },
          mediaUpload: {
            protocols: { simple: { multipart: true, path: '/upload/storage/v1/b/{bucket}/o' } },
          },
          parameters: {
            bucket: { type: 'string', location: 'path', required: true },
            name: { type: 'string', location: 'query' },
            ifGenerationMatch: { type: 'string', format: 'int64', location: 'query' },
          },
        },
        delete: {
          id: 'storage.objects.delete',
          path: 'b/{bucket}/o/{object}',
          httpMethod: 'DELETE',
          parameters: {
            bucket: { type: 'string', location: 'path', required: true },
            object: { type: 'string', location: 'path', required: true },
          },
        },
      },
    },
  },
}

export default storageV1
