import type { HttpRequest } from '../protocol/http.ts'

/**
 * Whether Cloud Storage lets a request without a precondition be sent twice, where its HTTP method does not tell. A second
 * DELETE of an object, or PUT of anything, may undo what others did in between; a second `buckets.insert` is refused.
 * Undefined: it is as with any other API. Follows the classes of Google's retry strategy for Cloud Storage.
 */
export function storageIdempotency({ method, url, body }: HttpRequest): boolean | undefined {
  if (method === 'PUT' && RESOURCE.test(url))
    return typeof body === 'string' && OF_VERSION.test(url) && ETAG.test(body)
  if (method === 'DELETE' && CONTENDED.test(url)) return false
  return method === 'POST' && BUCKETS.test(url) ? true : undefined
}

/** Sessions of uploads lie below `/upload`, and are asked where they stand before anything is sent again. */
const RESOURCE = /(?<!\/upload)\/storage\/v1\//
/** Policies and keys, whose body may name the version that it replaces. */
const OF_VERSION = /\/(iam|hmacKeys\/[^/?]+)(\?|$)/
const ETAG = /"etag":"/
/** Objects, and entries of access control lists. */
const CONTENDED = /\/storage\/v1\/b\/[^/?]+\/(o|acl|defaultObjectAcl)\//
const BUCKETS = /\/storage\/v1\/b(\?|$)/
