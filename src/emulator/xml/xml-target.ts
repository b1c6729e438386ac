import type { HttpRequest } from '../../protocol/http.ts'
import type { Address } from '../address.ts'
import { storageState } from '../services/storage/storage-state.ts'
import type { State } from '../state.ts'

/** A bucket or an object that an address of Cloud Storage's XML API names. */
export interface XmlTarget {
  readonly bucket: string
  /** Still percent-encoded; undefined for the bucket itself. */
  readonly object: string | undefined
  /** The path as it is signed: without a host in front. */
  readonly path: string
  /** The host that was asked, when it stands in the path. */
  readonly host: string
  /** The method of the JSON API that does the same; for faults and the journal. */
  readonly methodId: string | undefined
}

/**
 * A bucket that the host of an address names: `BUCKET.storage.googleapis.com`, `BUCKET.localhost`, or a host that is the name
 * of a bucket itself, as hosts bound to a bucket are. Of names that anybody may have only those of buckets that there are.
 */
export function hostedTarget(
  state: State,
  { method }: Pick<HttpRequest, 'method'>,
  { host, path }: Pick<Address, 'host' | 'path'>,
): XmlTarget | undefined {
  // The machine's own names lead to all APIs, whatever buckets are called.
  if (host === 'localhost' || host === 'emulator.localhost') return undefined
  const { buckets } = storageState({ state })
  const [, ofGoogle] = /^(.+)\.storage\.googleapis\.com$/.exec(host) ?? []
  const [, local = ''] = /^(.+?)(?:\.emulator)?\.localhost$/.exec(host) ?? []
  const bucket = ofGoogle ?? [local, host].find((name) => buckets.has(name))
  return bucket === undefined ? undefined : target(method, bucket, path.slice(1), path, host)
}

/**
 * A bucket that the path of an address names: `/BUCKET/OBJECT`. It stands back behind every address that an API has, and is
 * one at the host of Cloud Storage, where the request is signed, and where there is such a bucket.
 */
export function pathTarget(
  state: State,
  { method, headers }: Pick<HttpRequest, 'method' | 'headers'>,
  { query }: Pick<Address, 'query'>,
  { host, path }: Pick<Address, 'host' | 'path'>,
): XmlTarget | undefined {
  const [, bucket, object = ''] = /^\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:\/(.*))?$/s.exec(path) ?? []
  if (bucket === undefined) return undefined
  const isMeant =
    (host === 'storage.googleapis.com' && !OF_THE_JSON_API.has(bucket)) ||
    query.has('X-Goog-Signature') ||
    headers['x-goog-resumable'] !== undefined ||
    storageState({ state }).buckets.has(bucket)
  return isMeant ? target(method, bucket, object, path, host) : undefined
}

function target(method: string, bucket: string, object: string, path: string, host: string): XmlTarget {
  const methodId = object === '' ? OF_BUCKETS[method] : OF_OBJECTS[method]
  return { bucket, object: object === '' ? undefined : object, path, host, methodId }
}

/** What paths of the JSON API begin with there. */
const OF_THE_JSON_API = new Set(['batch', 'download', 'resumable', 'storage', 'upload'])
const OF_OBJECTS: Readonly<Record<string, string>> = {
  GET: 'storage.objects.get',
  HEAD: 'storage.objects.get',
  PUT: 'storage.objects.insert',
  POST: 'storage.objects.insert',
  DELETE: 'storage.objects.delete',
}
const OF_BUCKETS: Readonly<Record<string, string>> = {
  GET: 'storage.objects.list',
  HEAD: 'storage.objects.list',
  POST: 'storage.objects.insert',
}
