import type { RestDescription, RestMethod } from '../discovery/document.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import { checkBoundary } from './access-boundary.ts'
import type { Address } from './address.ts'
import { notModelled } from './api-failure.ts'
import { jsonAnswer } from './answers.ts'
import { authenticate } from './authenticate.ts'
import { checkFieldMask } from './check-field-mask.ts'
import { shownCredentials } from './credentials.ts'
import { type ErrorForm, errorFormOf } from './error-form.ts'
import type { Stations } from './exchange.ts'
import { applyFieldMask, type FieldMask, parseFieldMask } from './field-mask.ts'
import { readParameters } from './parameters.ts'
import type { RequestBody } from './request-body.ts'
import { readRequestJson, takesJson } from './request-json.ts'
import { startDialect, startUpload } from './resumable/start.ts'
import type { RouteMatch } from './router.ts'
import { apiId } from './served-documents.ts'
import type { Call } from './service.ts'

/** One call of a method: permitted, well-formed, and then up to its handler, if it has one. */
export async function callMethod(
  stations: Stations,
  { headers }: HttpRequest,
  { origin, path, query }: Address,
  route: RouteMatch,
  body: RequestBody,
): Promise<HttpResponse> {
  const { document, method, door, host, pathValues } = route
  const service = stations.services.get(apiId(document))
  const openToKeys = service?.apiKey?.includes(method.id) ?? false
  const shown = shownCredentials(method, headers, query)
  const open = { document, method: withScopes(method, service?.scopes) }
  const principal = await authenticate(open, shown, openToKeys, stations.gate, origin)
  const parameters = readParameters(document, method, pathValues, query)
  const fields = asksForMedia(route, query) ? undefined : parameters.text('fields')
  const mask = fields ? parseFieldMask(fields) : undefined
  if (mask) checkFieldMask(mask, document, method)
  const { state, clock, identity, documents } = stations
  const given: Call = {
    document,
    method,
    door,
    parameters,
    headers,
    body,
    principal,
    origin,
    host,
    state,
    clock,
    identity,
    errorForm: errorForm(stations, document),
    documents,
  }
  checkBoundary(given)
  const handlers = service?.handlers ?? {}
  if (!Object.hasOwn(handlers, method.id)) {
    if (takesJson(given)) await readRequestJson(given)
    throw notModelled(method.id)
  }
  const answer = async (call: Call): Promise<HttpResponse> => {
    const response = await handlers[method.id]!(call)
    return mask && holdsResource(response, method) ? withFields(response, mask) : response
  }
  const dialect = startDialect(door, query, headers)
  if (!dialect) return answer(given)
  const { chunkGranularityBytes: granularityBytes } = stations
  return startUpload({ call: given, url: origin + path, granularityBytes, answer }, dialect)
}

function withScopes(method: RestMethod, more: readonly string[] = []): RestMethod {
  return method.scopes ? { ...method, scopes: [...method.scopes, ...more] } : method
}

async function withFields(response: HttpResponse, mask: FieldMask): Promise<HttpResponse> {
  const { 'content-length': _, ...kept } = response.headers
  return jsonAnswer(applyFieldMask(JSON.parse(await response.body.text()), mask), response.status, kept)
}

/** Whether an answer is a resource in JSON: not a failure, not bytes that only happen to be JSON, not nothing. */
function holdsResource({ status, headers }: HttpResponse, { response }: RestMethod): boolean {
  const isJson = headers['content-type']?.startsWith('application/json') ?? false
  return status >= 200 && status < 300 && status !== 204 && isJson && response !== undefined
}

/** How an API writes its errors. */
export function errorForm({ services }: Stations, document: RestDescription): ErrorForm {
  return services.get(apiId(document))?.errors ?? errorFormOf(document)
}

/** Whether the answer to a call is the bytes themselves. */
export function asksForMedia({ method, door }: RouteMatch, query: URLSearchParams): boolean {
  return (
    door === 'download' || (method.supportsMediaDownload === true && query.getAll('alt').at(-1) === 'media')
  )
}
