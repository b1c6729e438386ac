import { encodeMultipart } from '../../protocol/multipart-encode.ts'
import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import { checkBoundary } from '../access-boundary.ts'
import type { Principal } from '../access-tokens.ts'
import { notModelled } from '../api-failure.ts'
import type { Stations } from '../exchange.ts'
import { methodsOf } from '../methods-of.ts'
import { readParameters } from '../parameters.ts'
import { type RequestBody, requestBody } from '../request-body.ts'
import type { Door } from '../routes.ts'
import { apiId } from '../served-documents.ts'
import { startUpload } from '../resumable/start.ts'
import type { Call, Handler, JsonObject } from '../service.ts'

/** What a call of the XML API comes with, whatever it does. */
export interface XmlCaller {
  readonly stations: Stations
  readonly principal: Principal | undefined
  /** Of the request. */
  readonly headers: HttpHeaders
  /** Scheme, host and port that the request came to. */
  readonly origin: string
  readonly host: string
}

/** What differs from one method to another. */
interface StorageCall {
  readonly methodId: string
  readonly parameters: Readonly<Record<string, string | undefined>>
  readonly door?: Door
  readonly headers?: HttpHeaders
  readonly body?: RequestBody
}

/** Calls the method of the JSON API that does the same. */
export async function callStorage(caller: XmlCaller, given: StorageCall): Promise<HttpResponse> {
  const { call, handler } = storageCall(caller, given)
  return handler(call)
}

function storageCall(caller: XmlCaller, given: StorageCall): { call: Call; handler: Handler } {
  const { stations, principal, origin, host } = caller
  const { state, clock, identity, documents } = stations
  const document = documents.find((each) => apiId(each) === 'storage:v1')
  const method = document && methodsOf(document).find(({ id }) => id === given.methodId)
  const handler = stations.services.get('storage:v1')?.handlers[given.methodId]
  if (!document || !method || !handler) throw notModelled(given.methodId)
  const parameters = Object.entries(given.parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  const call: Call = {
    document,
    method,
    door: given.door ?? 'plain',
    parameters: readParameters(
      document,
      method,
      Object.fromEntries(parameters),
      new URLSearchParams(parameters),
    ),
    headers: given.headers ?? caller.headers,
    body: given.body ?? requestBody(undefined),
    principal,
    origin,
    host,
    state,
    clock,
    identity,
    errorForm: 'older',
    documents,
  }
  checkBoundary(call)
  return { call, handler }
}

/** What an upload makes. */
export interface XmlUpload {
  readonly bucket: string
  readonly object: string
  /** Fields of the object, as the JSON API has them. */
  readonly metadata: JsonObject
  /** Preconditions, as parameters of the JSON API. */
  readonly conditions?: Readonly<Record<string, string | undefined>>
}

/** Makes an object of bytes while they arrive: metadata and bytes in one body, as the JSON API takes them. */
export function insertObject(
  caller: XmlCaller,
  { bucket, object: name, metadata, conditions }: XmlUpload,
  chunks: AsyncIterable<Uint8Array>,
): Promise<HttpResponse> {
  const boundary = `xml-${crypto.randomUUID()}`
  const bytes = { length: undefined, replayable: false, open: () => chunks }
  const body = encodeMultipart(
    [
      { headers: { 'content-type': 'application/json; charset=UTF-8' }, body: JSON.stringify(metadata) },
      { headers: { 'content-transfer-encoding': 'binary' }, body: bytes },
    ],
    boundary,
  )
  const { 'content-length': _, ...headers } = caller.headers
  return callStorage(caller, {
    methodId: 'storage.objects.insert',
    parameters: { ...conditions, bucket, name, uploadType: 'multipart' },
    door: 'upload',
    headers: { ...headers, 'content-type': `multipart/related; boundary=${boundary}` },
    body: asBody(body.open()),
  })
}

/**
 * Begins a session for bytes that come later. The answer names its address.
 * @param url the address that the request came to, without its query
 * @param finished the answer when the last bytes have come
 */
export async function startSession(
  caller: XmlCaller,
  { bucket, object: name, metadata, conditions }: XmlUpload,
  url: string,
  finished: () => HttpResponse,
): Promise<HttpResponse> {
  const { 'content-length': _, 'content-type': type, ...headers } = caller.headers
  const { call, handler } = storageCall(caller, {
    methodId: 'storage.objects.insert',
    parameters: { ...conditions, bucket, name, uploadType: 'resumable' },
    door: 'upload',
    headers: {
      ...headers,
      'content-type': 'application/json; charset=UTF-8',
      ...(type !== undefined && { 'x-upload-content-type': type }),
    },
    body: requestBody(JSON.stringify(metadata)),
  })
  const answer = async (again: Call): Promise<HttpResponse> => {
    await handler(again)
    return finished()
  }
  const granularityBytes = caller.stations.chunkGranularityBytes
  return startUpload({ call, url, granularityBytes, answer }, 'content-range')
}

/** Failures of the sender came with the bytes, so nothing here makes one of its own. */
function asBody(chunks: AsyncIterable<Uint8Array>): RequestBody {
  return { ...requestBody(undefined), chunks }
}
