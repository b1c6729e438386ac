import type { HttpRequest, HttpResponse } from '../../protocol/http.ts'
import { isHeaderValue } from '../../protocol/header-value.ts'
import type { Principal } from '../access-tokens.ts'
import type { Address } from '../address.ts'
import { emptyAnswer } from '../answers.ts'
import { authenticate } from '../authenticate.ts'
import type { Stations } from '../exchange.ts'
import { methodsOf } from '../methods-of.ts'
import type { RequestBody } from '../request-body.ts'
import { apiId } from '../served-documents.ts'
import { type StoredObject, storageState } from '../services/storage/storage-state.ts'
import { answerForm } from './form-post.ts'
import { listAnswer } from './list-answer.ts'
import { objectMetadata, preconditions, xmlEtag } from './object-headers.ts'
import { withSha256 } from './signed-payload.ts'
import { signedRequest } from './signed-request.ts'
import { callStorage, insertObject, startSession, type XmlCaller } from './storage-call.ts'
import { xmlFailure } from './xml-text.ts'
import type { XmlTarget } from './xml-target.ts'

/**
 * Answers a request of Cloud Storage's XML API: GET, HEAD, PUT and DELETE of an object, POST for a session, GET of a bucket
 * for its list, and POST of a form to a bucket.
 * @throws {ApiFailure}
 */
export async function answerXml(
  stations: Stations,
  request: HttpRequest,
  address: Address,
  target: XmlTarget,
  body: RequestBody,
): Promise<HttpResponse> {
  const { method, headers } = request
  if (address.query.has('upload_id'))
    throw xmlFailure(404, 'NoSuchUpload', 'The requested upload was not found.')
  const caller = { stations, headers, origin: address.origin, host: target.host }
  if (method === 'POST' && headers['content-type']?.toLowerCase().startsWith('multipart/form-data'))
    return answerForm(caller, target.bucket, body)

  const signed = await signedRequest(stations, request, address, target)
  const principal = signed ?? (await bearer(stations, request, address, target))
  const known: XmlCaller = { ...caller, principal }
  const { bucket } = target
  if (target.object === undefined) {
    if (method === 'GET' || method === 'HEAD') return listAnswer(known, bucket, address.query)
    throw xmlFailure(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.')
  }
  const object = decoded(target.object)
  const metadata = (): XmlUploadFields => ({
    bucket,
    object,
    metadata: objectMetadata(headers),
    conditions: preconditions(headers),
  })
  switch (method) {
    case 'GET':
    case 'HEAD':
      return getObject(known, bucket, object, address.query)
    case 'PUT': {
      await insertObject(known, metadata(), withSha256(body.chunks, headers['x-goog-content-sha256']))
      return stored(stations, bucket, object)
    }
    case 'POST': {
      if (headers['x-goog-resumable'] !== 'start') break
      const url = address.origin + address.path
      const done = (): HttpResponse => stored(stations, bucket, object)
      const { headers: given } = await startSession(known, metadata(), url, done)
      return emptyAnswer(201, { ...given, 'content-length': '0' })
    }
    case 'DELETE': {
      const generation = address.query.get('generation') ?? undefined
      const parameters = { ...preconditions(headers), bucket, object, generation }
      return callStorage(known, { methodId: 'storage.objects.delete', parameters })
    }
  }
  throw xmlFailure(405, 'MethodNotAllowed', 'The specified method is not allowed against this resource.')
}

type XmlUploadFields = Parameters<typeof insertObject>[1]

/** Whoever shows a token. Nobody is refused in other words than in the JSON API. */
async function bearer(
  { documents, gate }: Stations,
  { headers }: HttpRequest,
  { origin }: Address,
  { methodId }: XmlTarget,
): Promise<Principal | undefined> {
  const document = documents.find((each) => apiId(each) === 'storage:v1')
  const method = document && methodsOf(document).find(({ id }) => id === methodId)
  if (!document || !method) return undefined
  const { authorization } = headers
  if (authorization === undefined && !gate.anonymous) {
    throw xmlFailure(403, 'AccessDenied', 'Access denied.', {
      Details: `Anonymous caller does not have ${methodId} access to the Google Cloud Storage object.`,
    })
  }
  return authenticate({ document, method }, { authorization, apiKey: undefined }, false, gate, origin)
}

async function getObject(
  caller: XmlCaller,
  bucket: string,
  object: string,
  query: URLSearchParams,
): Promise<HttpResponse> {
  const generation = query.get('generation') ?? undefined
  const answer = await callStorage(caller, {
    methodId: 'storage.objects.get',
    parameters: { ...preconditions(caller.headers), bucket, object, generation, alt: 'media' },
  })
  const found = findObject(caller.stations, bucket, object)
  const overridden = OVERRIDES.flatMap((name) => {
    const value = query.get(`response-${name}`)
    return value !== null && isHeaderValue(value) ? [[name, value]] : []
  })
  const headers = {
    ...answer.headers,
    ...(found && { etag: xmlEtag(found) }),
    ...Object.fromEntries(
      Object.entries(found?.fields.metadata ?? {})
        .filter(([, value]) => isHeaderValue(value))
        .map(([name, value]) => [`x-goog-meta-${name.toLowerCase()}`, value]),
    ),
    ...Object.fromEntries(overridden),
  }
  return { ...answer, headers }
}

/** Headers of an answer that an address may name other values for. */
const OVERRIDES = ['content-type', 'content-disposition']

/** The answer to bytes that became an object. */
function stored(stations: Stations, bucket: string, object: string): HttpResponse {
  const made = findObject(stations, bucket, object)
  return emptyAnswer(
    200,
    made && {
      etag: xmlEtag(made),
      'x-goog-generation': String(made.generation),
      'x-goog-metageneration': String(made.metageneration),
      'x-goog-hash': `crc32c=${made.crc32c}${made.md5Hash === undefined ? '' : `,md5=${made.md5Hash}`}`,
      'x-goog-stored-content-length': String(made.bytes.length),
    },
  )
}

function findObject({ state }: Stations, bucket: string, object: string): StoredObject | undefined {
  return storageState({ state }).buckets.get(bucket)?.objects.get(object)
}

function decoded(object: string): string {
  try {
    return decodeURIComponent(object)
  } catch {
    throw xmlFailure(400, 'InvalidURI', 'Couldn’t parse the specified URI.')
  }
}
