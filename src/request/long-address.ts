import type { HttpRequest } from '../protocol/http.ts'

/**
 * The same request with its query in the body, when its address is longer than Google's servers take: a POST that says
 * that it is a GET.
 */
export function withShortAddress(request: HttpRequest): HttpRequest {
  const { method, url, headers, body } = request
  if (method !== 'GET' || url.length <= LONGEST_ADDRESS || body !== undefined) return request
  const at = url.indexOf('?')
  if (at < 0) return request
  const more = { 'content-type': 'application/x-www-form-urlencoded', [METHOD_OVERRIDE]: 'GET' }
  return { method: 'POST', url: url.slice(0, at), headers: { ...headers, ...more }, body: url.slice(at + 1) }
}

/**
 * What was sent as it was meant, for errors: with the method and the query of the request before it was shortened.
 * @param short what {@link withShortAddress} made of it
 */
export function asMeant(sent: HttpRequest, meant: HttpRequest, short: HttpRequest): HttpRequest {
  if (meant === short) return sent
  const added = sent.url.slice(short.url.length).replace('?', '&')
  return { ...sent, method: meant.method, url: meant.url + added }
}

const METHOD_OVERRIDE = 'x-http-method-override'

const LONGEST_ADDRESS = 2_048
