import type { RestDescription } from '../discovery/document.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import type { Address } from './address.ts'
import { BATCH_METHOD_ID, batchDocuments } from './batch.ts'
import { type Endpoint, findEndpoint } from './oauth-endpoints.ts'
import { sessions } from './resumable/session.ts'
import { isRetryTestPath } from './retry-tests.ts'
import type { RouteMatch, Router } from './router.ts'
import type { Call } from './service.ts'
import { hostedTarget, pathTarget, type XmlTarget } from './xml/xml-target.ts'

/** Where targets are looked for. */
interface Directory extends Pick<Call, 'state' | 'documents'> {
  readonly router: Router
}

/** What an address names. */
export interface Target {
  readonly kind:
    | 'endpoint'
    | 'metadata'
    | 'retry-test'
    | 'host-discovery'
    | 'batch'
    | 'upload'
    | 'method'
    | 'xml'
    | 'nothing'
  readonly methodId?: string
  readonly host: string
  readonly route?: RouteMatch
  readonly endpoint?: Endpoint
  /** The id of a resumable upload under way. */
  readonly uploadId?: string
  /** What Cloud Storage's XML API has there. */
  readonly xml?: XmlTarget
  /** The APIs that take batches there. */
  readonly documents?: readonly RestDescription[]
}

/**
 * Finds it. The methods and the uploads under way come late, as some of their paths would fit many; the paths of buckets come
 * last, as theirs fit all.
 */
export function findTarget(
  stations: Directory,
  httpMethod: string,
  address: Address,
  headers: HttpHeaders,
): Target {
  const { router, documents, state } = stations
  const request = { method: httpMethod, headers }
  const uploadId = address.query.get('upload_id')
  const hosted = hostedTarget(state, request, address)
  if (hosted && !sessions({ state }).has(uploadId ?? '')) return xmlTarget(hosted)
  const { host, path } = router.resolveHost(address.host, address.path)
  const endpoint = findEndpoint(httpMethod, host, path)
  if (endpoint) {
    const { methodId } = endpoint
    return { kind: 'endpoint', host, endpoint, ...(methodId !== undefined && { methodId }) }
  }
  if (isRetryTestPath(path)) return { kind: 'retry-test', host }
  if (httpMethod === 'GET' && path === '/' && headers['metadata-flavor'] !== undefined)
    return { kind: 'metadata', host }
  if (/^\/(\$|%24)discovery\/rest$/.test(path) && httpMethod === 'GET')
    return { kind: 'host-discovery', host }
  const batched = httpMethod === 'POST' ? batchDocuments(documents, host, path) : []
  if (batched.length > 0) return { kind: 'batch', methodId: BATCH_METHOD_ID, host, documents: batched }
  const underWay = uploadId === null ? undefined : findUpload(stations, uploadId, address)
  if (uploadId !== null && underWay) {
    return { kind: 'upload', methodId: underWay.method.id, host: underWay.host, route: underWay, uploadId }
  }
  const route = router.match(httpMethod, address.host, address.path)
  if (route) return { kind: 'method', methodId: route.method.id, host: route.host, route }
  const xml = pathTarget(state, request, address, { host, path })
  return xml ? xmlTarget(xml) : { kind: 'nothing', host }
}

function xmlTarget(xml: XmlTarget): Target {
  const { host, methodId } = xml
  return { kind: 'xml', host, xml, ...(methodId !== undefined && { methodId }) }
}

/** The method whose upload is under way at an address. The requests to it have HTTP methods of their own. */
function findUpload(
  { router, state }: Directory,
  uploadId: string,
  address: Address,
): RouteMatch | undefined {
  const begun = sessions({ state }).get(uploadId)?.call
  if (begun) {
    const { document, method, door, host } = begun
    return { document, method, door, host, pathValues: {} }
  }
  const routes = ['POST', 'PUT', 'PATCH'].map((httpMethod) =>
    router.match(httpMethod, address.host, address.path),
  )
  return routes.find((route) => route?.door === 'upload')
}
