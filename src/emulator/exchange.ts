import type { RestDescription } from '../discovery/document.ts'
import { bodyLength } from '../protocol/body-facts.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import { parseAddress, type Address } from './address.ts'
import { ApiFailure, notFound } from './api-failure.ts'
import { errorAnswer, sentenceAnswer, withoutBody } from './answers.ts'
import type { Gate } from './authenticate.ts'
import { connectionReset, spoilAnswer, statusFault } from './broken-answers.ts'
import { answerBatch, BATCH_METHOD_ID, batchDocuments } from './batch.ts'
import { asksForMedia, callMethod, errorForm } from './call-method.ts'
import { answerHostDiscovery } from './discovery-service.ts'
import type { Fault, Faults } from './faults.ts'
import type { Exchange } from './journal.ts'
import { answerMetadata } from './metadata-server.ts'
import { meantRequest } from './method-override.ts'
import { type Endpoint, findEndpoint } from './oauth-endpoints.ts'
import { BrokenBody, requestBody } from './request-body.ts'
import { answerSession } from './resumable/answer-session.ts'
import { sessions } from './resumable/session.ts'
import type { RouteMatch, Router } from './router.ts'
import type { Call, Service } from './service.ts'
import { answerXml } from './xml/answer-xml.ts'
import { hostedTarget, pathTarget, type XmlTarget } from './xml/xml-target.ts'
import { xmlErrorAnswer } from './xml/xml-text.ts'

/** The parts an exchange goes through. */
export interface Stations extends Pick<Call, 'state' | 'documents' | 'identity' | 'clock'> {
  readonly router: Router
  /** What is modelled of each API, by its id. */
  readonly services: ReadonlyMap<string, Service>
  readonly gate: Gate
  readonly faults: Faults
  readonly record: (exchange: Exchange) => void
  /** What uploads with `X-Goog-Upload-…` are told to send multiples of. */
  readonly chunkGranularityBytes: number
  /** The addresses under which this emulator's keys name its token endpoint. */
  readonly tokenUris: () => readonly string[]
}

/**
 * Answers one request. Rejects only when there is no answer to give: the connection is to be reset, or the body of
 * the request broke off.
 */
export async function exchange(stations: Stations, received: HttpRequest): Promise<HttpResponse> {
  const request = await meantRequest(received)
  const address = parseAddress(request.url)
  // HEAD is answered as GET, but for the body.
  const httpMethod = request.method === 'HEAD' ? 'GET' : request.method
  const target = findTarget(stations, httpMethod, address, request)
  const fault = target.methodId === undefined ? undefined : stations.faults.take(target.methodId)
  let response: HttpResponse | undefined
  try {
    if (fault?.kind === 'reset-connection') throw connectionReset()
    response = await answer(stations, request, address, target, fault)
    if (request.method === 'HEAD') response = withoutBody(response)
    return fault ? spoilAnswer(response, fault) : response
  } finally {
    stations.record({
      at: stations.clock.now(),
      method: request.method,
      path: address.target,
      headers: request.headers,
      status: response?.status,
      methodId: target.methodId,
    })
  }
}

/** What an address names. */
export interface Target {
  readonly kind:
    | 'endpoint'
    | 'metadata'
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

/** Finds out what a request is about. */
export function findTarget(
  stations: Stations,
  httpMethod: string,
  address: Address,
  request: HttpRequest,
): Target {
  const { router, documents, state } = stations
  const uploadId = address.query.get('upload_id')
  const underWay = uploadId === null ? undefined : findUpload(stations, uploadId, address)
  if (uploadId !== null && underWay) {
    return { kind: 'upload', methodId: underWay.method.id, host: underWay.host, route: underWay, uploadId }
  }
  const hosted = hostedTarget(state, request, address)
  if (hosted) return xmlTarget(hosted)
  const { host, path } = router.resolveHost(address.host, address.path)
  const endpoint = findEndpoint(httpMethod, host, path)
  if (endpoint) {
    const { methodId } = endpoint
    return { kind: 'endpoint', host, endpoint, ...(methodId !== undefined && { methodId }) }
  }
  if (httpMethod === 'GET' && path === '/' && request.headers['metadata-flavor'] !== undefined)
    return { kind: 'metadata', host }
  if (/^\/(\$|%24)discovery\/rest$/.test(path) && httpMethod === 'GET')
    return { kind: 'host-discovery', host }
  const batched = httpMethod === 'POST' ? batchDocuments(documents, host, path) : []
  if (batched.length > 0) return { kind: 'batch', methodId: BATCH_METHOD_ID, host, documents: batched }
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
function findUpload({ router, state }: Stations, uploadId: string, address: Address): RouteMatch | undefined {
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

async function answer(
  stations: Stations,
  request: HttpRequest,
  address: Address,
  target: Target,
  fault: Fault | undefined,
): Promise<HttpResponse> {
  const { route } = target
  try {
    if (fault?.kind === 'status') throw statusFault(fault.status)
    const body = requestBody(
      request.body,
      fault?.kind === 'status-after'
        ? { afterBytes: fault.afterBytes, failure: statusFault(fault.status) }
        : undefined,
    )
    if (target.uploadId !== undefined) {
      const { method, headers } = request
      return await answerSession(stations, target.uploadId, {
        method,
        headers,
        bodyLength: bodyLength(request.body),
        bodyFrom: () => body,
      })
    }
    if (route) return await callMethod(stations, request, address, route, body)
    if (target.xml) return await answerXml(stations, request, address, target.xml, body)
    if (target.endpoint) return await target.endpoint.answer({ ...stations, request, address, body })
    if (target.kind === 'metadata')
      return await answerMetadata(stations.identity, '', address.query, request.headers)
    if (target.documents) {
      const { router } = stations
      const { path } = router.resolveHost(address.host, address.path)
      return await answerBatch({
        base: address.origin + address.path.slice(0, address.path.length - path.length),
        headers: request.headers,
        body,
        documents: target.documents,
        fault,
        route: (httpMethod, url) => {
          const inner = parseAddress(url)
          return router.match(httpMethod, inner.host, inner.path)
        },
        run: (inner) => exchange(stations, inner),
      })
    }
    if (target.kind === 'host-discovery') {
      return answerHostDiscovery(
        stations.documents,
        target.host,
        address.query.get('version'),
        address.origin,
        request.headers,
      )
    }
    throw notFound(`No method of the APIs served here answers ${request.method} ${address.path}`)
  } catch (error) {
    // The sender's own failure is what the sender wants to hear.
    if (error instanceof BrokenBody) throw error.cause
    const failure = error instanceof ApiFailure ? error : ownFailure(error)
    if (target.xml) return xmlErrorAnswer(failure)
    if (route && asksForMedia(route, address.query)) return sentenceAnswer(failure)
    return errorAnswer(failure, route && errorForm(stations, route.document))
  }
}

/** A full disk, or a fault of the emulator itself: answered, so that it is not taken for a broken connection. */
function ownFailure(error: unknown): ApiFailure {
  return new ApiFailure(500, 'internalError', `The emulator failed: ${String(error)}`)
}
