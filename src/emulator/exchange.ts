import { bodyLength } from '../protocol/body-facts.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import { parseAddress, type Address } from './address.ts'
import { ApiFailure, notFound } from './api-failure.ts'
import { errorAnswer, sentenceAnswer, withoutBody } from './answers.ts'
import type { Gate } from './authenticate.ts'
import { connectionReset, spoilAnswer, statusFault } from './broken-answers.ts'
import { answerBatch } from './batch.ts'
import { asksForMedia, callMethod, errorForm } from './call-method.ts'
import type { WaitingClock } from './clock.ts'
import { answerHostDiscovery } from './discovery-service.ts'
import { type Faults, happensFirst, type PendingFault } from './faults.ts'
import { findFault } from './find-fault.ts'
import { findTarget, type Target } from './find-target.ts'
import { interruptionOf } from './interruption.ts'
import type { Exchange } from './journal.ts'
import { answerMetadata } from './metadata-server.ts'
import { meantRequest } from './method-override.ts'
import { BrokenBody, type RequestBody, requestBody } from './request-body.ts'
import { answerSession } from './resumable/answer-session.ts'
import { sessions } from './resumable/session.ts'
import { startDialect } from './resumable/start.ts'
import type { RetryTests } from './retry-tests.ts'
import type { Router } from './router.ts'
import type { Call, Service } from './service.ts'
import { answerXml } from './xml/answer-xml.ts'
import { xmlErrorAnswer } from './xml/xml-text.ts'

/** The parts an exchange goes through. */
export interface Stations extends Pick<Call, 'state' | 'documents' | 'identity'> {
  readonly router: Router
  readonly clock: WaitingClock
  /** What is modelled of each API, by its id. */
  readonly services: ReadonlyMap<string, Service>
  readonly gate: Gate
  readonly faults: Faults
  readonly retryTests: RetryTests
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
  const target = findTarget(stations, httpMethod, address, request.headers)
  const pending =
    target.methodId === undefined ? undefined : findFault(stations, target.methodId, request.headers)
  const fault = pending?.fault
  if (pending && happensFirst(pending.fault)) pending.meet()
  let response: HttpResponse | undefined
  try {
    if (fault?.kind === 'reset-connection') throw connectionReset()
    const answered = await answer(stations, request, address, target, pending)
    const done = isDone(stations, target, address, request, answered)
    if (fault?.kind === 'reset-connection-after-commit' && done && pending?.meet()) {
      answered.body.cancel()
      throw connectionReset()
    }
    response = request.method === 'HEAD' ? withoutBody(answered) : answered
    if (!pending || (fault?.kind === 'broken-final-chunk' && !(target.kind === 'upload' && done)))
      return response
    return spoilAnswer(response, pending, stations.clock)
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

/** Whether what the call is for has happened: of a resumable upload, only the request that completes it does that. */
function isDone(
  { state }: Pick<Stations, 'state'>,
  { uploadId, route, xml }: Target,
  { query }: Address,
  { headers }: HttpRequest,
  { status }: HttpResponse,
): boolean {
  if (status < 200 || status >= 300) return false
  if (uploadId !== undefined) return sessions({ state }).get(uploadId)?.outcome !== undefined
  if (xml) return headers['x-goog-resumable'] === undefined
  return !route || startDialect(route.door, query, headers) === undefined
}

async function answer(
  stations: Stations,
  request: HttpRequest,
  address: Address,
  target: Target,
  pending: PendingFault | undefined,
): Promise<HttpResponse> {
  const { route } = target
  const { method, headers } = request
  try {
    if (pending?.fault.kind === 'status') throw statusFault(pending.fault.status)
    if (pending?.fault.kind === 'failure') throw pending.fault.failure
    const isStart = target.xml
      ? headers['x-goog-resumable'] !== undefined
      : route && startDialect(route.door, address.query, headers) !== undefined
    const isUpload = route?.door === 'upload' || target.methodId === 'storage.objects.insert'
    const bodyFrom = (offset: number | undefined): RequestBody =>
      requestBody(
        request.body,
        offset === undefined ? undefined : interruptionOf(pending, stations.clock, isUpload, offset),
      )
    if (target.uploadId !== undefined) {
      const sent = { method, headers, bodyLength: bodyLength(request.body), bodyFrom }
      return await answerSession(stations, target.uploadId, sent)
    }
    const body = bodyFrom(isStart ? undefined : 0)
    if (route) return await callMethod(stations, request, address, route, body)
    if (target.xml) return await answerXml(stations, request, address, target.xml, body)
    if (target.endpoint) return await target.endpoint.answer({ ...stations, request, address, body })
    if (target.kind === 'retry-test') return await stations.retryTests.answer(method, address.path, body)
    if (target.kind === 'metadata') return await answerMetadata(stations.identity, '', address.query, headers)
    if (target.documents) {
      const { router } = stations
      const { path } = router.resolveHost(address.host, address.path)
      return await answerBatch({
        base: address.origin + address.path.slice(0, address.path.length - path.length),
        headers,
        body,
        documents: target.documents,
        fault: pending?.fault,
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
        headers,
      )
    }
    throw notFound(`No method of the APIs served here answers ${method} ${address.path}`)
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
