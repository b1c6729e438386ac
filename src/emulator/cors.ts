import type { HttpHeaders, HttpRequest, HttpResponse } from '../protocol/http.ts'
import { type Address, parseAddress } from './address.ts'
import { emptyAnswer } from './answers.ts'
import { exchange, type Stations } from './exchange.ts'
import { findTarget } from './find-target.ts'
import { sessions } from './resumable/session.ts'
import { isJsonObject } from './service.ts'
import { storageState } from './services/storage/storage-state.ts'

/**
 * Answers one request, and says whether a page of another origin may read the answer (Fetch Standard, "CORS protocol"): APIs
 * let any page, sessions the one that they were begun for, and buckets those that their `cors` names.
 */
export async function exchangeWithCors(stations: Stations, request: HttpRequest): Promise<HttpResponse> {
  const { origin } = request.headers
  if (origin === undefined) return exchange(stations, request)
  const address = parseAddress(request.url)
  const asked = request.headers['access-control-request-method']
  if (request.method === 'OPTIONS' && asked !== undefined) {
    const wanted = names(request.headers['access-control-request-headers'])
    const permission = permissionFor(stations, { ...request, method: asked }, address, origin)
    const response = emptyAnswer(200, permission ? preflightHeaders(permission, asked, wanted) : {})
    const { headers, method } = request
    const at = stations.clock.now()
    stations.record({ at, method, path: address.target, headers, status: 200, methodId: undefined })
    return response
  }
  const permission = permissionFor(stations, request, address, origin)
  const response = await exchange(stations, request)
  return permission
    ? { ...response, headers: { ...response.headers, ...answerHeaders(permission) } }
    : response
}

/** What a page may do. */
interface Permission {
  /** As it is told: the page's own, or `*`. */
  readonly origin: string
  /** The headers that it may send, and those that it may read; undefined for all that it asks for, and the usual ones. */
  readonly headers?: readonly string[]
  readonly maxAgeSeconds: number
}

function permissionFor(
  stations: Stations,
  request: HttpRequest,
  address: Address,
  origin: string,
): Permission | undefined {
  const session = sessions(stations).get(address.query.get('upload_id') ?? '')
  if (session) return session.call.headers['origin'] === origin ? anything(origin) : undefined
  const { xml, endpoint } = findTarget(
    stations,
    request.method === 'HEAD' ? 'GET' : request.method,
    address,
    request.headers,
  )
  // What people are shown has in it what proves that they sent a form.
  if (endpoint?.isPage) return undefined
  if (!xml) return anything(origin)
  const rules: unknown = storageState(stations).buckets.get(xml.bucket)?.fields.cors
  for (const rule of Array.isArray(rules) ? rules.filter(isJsonObject) : []) {
    const allowed = texts(rule.origin).find((each) => each === '*' || each === origin)
    const methods = texts(rule.method)
    if (allowed === undefined || !(methods.includes('*') || methods.includes(request.method))) continue
    const { maxAgeSeconds = 3_600 } = rule
    const headers = texts(rule.responseHeader).map((name) => name.toLowerCase())
    return { origin: allowed, headers, maxAgeSeconds: Number(maxAgeSeconds) }
  }
  return undefined
}

function anything(origin: string): Permission {
  return { origin, maxAgeSeconds: 3_600 }
}

function preflightHeaders(
  { origin, headers, maxAgeSeconds }: Permission,
  method: string,
  wanted: readonly string[],
): HttpHeaders {
  if (headers && !headers.includes('*') && !wanted.every((name) => headers.includes(name))) return {}
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': method,
    ...(wanted.length > 0 && { 'access-control-allow-headers': wanted.join(',') }),
    'access-control-max-age': String(maxAgeSeconds),
    vary: 'Origin',
  }
}

function answerHeaders({ origin, headers = EXPOSED }: Permission): HttpHeaders {
  return {
    'access-control-allow-origin': origin,
    ...(headers.length > 0 && { 'access-control-expose-headers': headers.join(', ') }),
    vary: 'Origin',
  }
}

/** Those that uploads and downloads need. */
const EXPOSED = [
  'content-length',
  'content-range',
  'content-type',
  'date',
  'etag',
  'location',
  'range',
  'retry-after',
  'x-goog-generation',
  'x-goog-hash',
  'x-goog-metageneration',
  'x-goog-stored-content-encoding',
  'x-goog-stored-content-length',
  'x-goog-upload-chunk-granularity',
  'x-goog-upload-control-url',
  'x-goog-upload-size-received',
  'x-goog-upload-status',
  'x-goog-upload-url',
  'x-guploader-uploadid',
  'x-http-status-code-override',
]

function names(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean)
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
