import type { RestDescription } from '../discovery/document.ts'
import { TransportError } from '../errors.ts'
import { headerParameter } from '../protocol/header-value.ts'
import { collect, responseBody } from '../protocol/http-body.ts'
import type { HttpHeaders, HttpRequest, HttpResponse } from '../protocol/http.ts'
import {
  decodeEmbeddedRequest,
  decodePart,
  type EmbeddedRequest,
  encodeEmbeddedResponse,
} from '../protocol/http-message.ts'
import { splitMultipart } from '../protocol/multipart-split.ts'
import { parseAddress } from './address.ts'
import { errorAnswer } from './answers.ts'
import { ApiFailure, notFound } from './api-failure.ts'
import type { Fault } from './faults.ts'
import type { RequestBody } from './request-body.ts'
import type { RouteMatch } from './router.ts'
import { hostOf } from './served-documents.ts'
import { MAX_JSON_BYTES } from './service.ts'

/** The id by which faults and the journal call batch requests, which no document describes. */
export const BATCH_METHOD_ID = 'batch'

/** A batch request, and how to answer what is in it. */
export interface BatchCall {
  /** Scheme, host and port, with the leading path segment that named the API's host if there was one. */
  readonly base: string
  readonly headers: HttpHeaders
  readonly body: RequestBody
  /** The APIs that take batches at this address. */
  readonly documents: readonly RestDescription[]
  readonly fault: Fault | undefined
  /** The method that an address belongs to. */
  route(httpMethod: string, url: string): RouteMatch | undefined
  /** Answers one request as if it had come alone. */
  run(request: HttpRequest): Promise<HttpResponse>
}

/** The documents whose batch address this is. Several APIs may share one where the address names no API's host. */
export function batchDocuments(
  documents: readonly RestDescription[],
  host: string,
  path: string,
): RestDescription[] {
  const isOfHost = (document: RestDescription): boolean => hostOf(document) === host
  const here = documents.filter(({ rootUrl, batchPath }) => {
    return batchPath && path.endsWith(lastSegment(batchPath)) && new URL(batchPath, rootUrl).pathname === path
  })
  return here.length > 0 && documents.some(isOfHost) ? here.filter(isOfHost) : here
}

function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/**
 * Answers a batch: its parts one after the other, each as if it had come alone. What the outer headers say goes for
 * every part that does not say otherwise, but for those about the content. A part whose connection is to break breaks
 * that of the whole.
 * @throws {ApiFailure} 400 when the body is no batch, or has too many parts.
 */
export async function answerBatch(call: BatchCall): Promise<HttpResponse> {
  const answers: string[] = []
  for (const part of await readParts(call)) {
    const { headers, body } = wellFormed(() => decodePart(part))
    if (!/^application\/http\s*(;|$)/i.test(headers.get('content-type') ?? '')) {
      throw malformed('a part is not application/http')
    }
    const id = headers.get('content-id')?.replace(/^<?/, '<response-')
    const answer = await answerPart(
      call,
      wellFormed(() => decodeEmbeddedRequest(body)),
    )
    const line = id === undefined ? '' : `Content-ID: ${id}\r\n`
    answers.push(`Content-Type: application/http\r\n${line}\r\n${answer}`)
  }
  const boundary = `batch_${crypto.randomUUID()}`
  const lines = spoilOrder(answers, call.fault).map((answer) => `--${boundary}\r\n${answer}\r\n`)
  const bytes = new TextEncoder().encode(`${lines.join('')}--${boundary}--\r\n`)
  const headers = {
    'content-type': `multipart/mixed; boundary=${boundary}`,
    'content-length': String(bytes.length),
  }
  return { status: 200, headers, body: responseBody(bytes) }
}

/** Cloud Storage and Drive document a hundred calls; no API takes more than Calendar's thousand. */
const MAX_PARTS = 1_000
const MAX_PARTS_OF: Readonly<Record<string, number>> = { storage: 100, drive: 100 }

async function readParts({ headers, body, documents }: BatchCall): Promise<readonly string[]> {
  const type = headers['content-type']
  const boundary = headerParameter(type, 'boundary')
  if (!/^multipart\/mixed\s*(;|$)/i.test(type ?? '') || !boundary) {
    throw malformed(`the content type '${type ?? ''}' is not multipart/mixed with a boundary`)
  }
  const bytes = await collect(body.chunks, MAX_JSON_BYTES).catch((error: unknown) => {
    const tooLarge = error instanceof TransportError && error.reason === 'ANSWER_TOO_LARGE'
    throw tooLarge ? malformed(`it has more than ${MAX_JSON_BYTES} bytes`) : error
  })
  const most = Math.min(...documents.map(({ name }) => MAX_PARTS_OF[name] ?? MAX_PARTS))
  const { parts, complete } = wellFormed(() =>
    splitMultipart(new TextDecoder().decode(bytes), boundary, most),
  )
  if (!complete) throw malformed('it ends before its closing boundary')
  if (parts.length === 0) throw malformed('it has no parts')
  return parts
}

async function answerPart(call: BatchCall, part: EmbeddedRequest): Promise<string> {
  // Some libraries write the whole address; the host is the batch's all the same.
  const target = /^https?:\/\//i.test(part.target) ? parseAddress(part.target).target : part.target
  const url = call.base + target
  const route = call.route(part.method === 'HEAD' ? 'GET' : part.method, url)
  const { status, headers, body } = await answerTarget(call, part, url, route)
  return encodeEmbeddedResponse(status, headers, await body.text())
}

async function answerTarget(
  call: BatchCall,
  { method, headers, body, target }: EmbeddedRequest,
  url: string,
  route: RouteMatch | undefined,
): Promise<HttpResponse> {
  if (!route || !call.documents.includes(route.document)) {
    return errorAnswer(notFound(`No method of the API that this batch went to answers ${method} ${target}`))
  }
  if (route.door !== 'plain' || parseAddress(url).query.getAll('alt').includes('media')) {
    return errorAnswer(new ApiFailure(400, 'badRequest', 'Media cannot be moved in a batch.'))
  }
  const request = { method, url, headers: { ...outerHeaders(call.headers), ...headers.toHeaders() } }
  return call.run(body.length > 0 ? { ...request, body } : request)
}

/** The headers of a batch that go for its parts. */
function outerHeaders(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OUTER_ONLY.test(name)))
}

const OUTER_ONLY =
  /^(content-.*|transfer-encoding|connection|host|accept-encoding|expect|te|trailer|upgrade)$/i

function spoilOrder(answers: readonly string[], fault: Fault | undefined): readonly string[] {
  if (fault?.kind === 'shuffled-parts') return answers.toReversed()
  if (fault?.kind === 'missing-part') return answers.slice(1)
  if (fault?.kind === 'repeated-part') return [...answers, ...answers.slice(0, 1)]
  return answers
}

function wellFormed<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof SyntaxError) throw malformed(error.message)
    throw error
  }
}

function malformed(problem: string): ApiFailure {
  return new ApiFailure(400, 'badRequest', `Malformed batch: ${problem}.`)
}
