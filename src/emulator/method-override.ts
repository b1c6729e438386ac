import type { HttpRequest } from '../protocol/http.ts'
import { requestBody } from './request-body.ts'

/**
 * The GET that a POST stands for whose header `X-HTTP-Method-Override` says so and whose body holds the query: that is
 * how addresses are sent that are longer than servers take.
 */
export async function meantRequest(request: HttpRequest): Promise<HttpRequest> {
  const { method, url, headers, body } = request
  if (method !== 'POST' || headers['x-http-method-override'] !== 'GET') return request
  const { 'content-type': type, 'content-length': _, ...others } = headers
  if (!type?.startsWith('application/x-www-form-urlencoded')) return request
  const query = await requestBody(body).text(LONGEST_QUERY)
  return { method: 'GET', url: `${url}${url.includes('?') ? '&' : '?'}${query}`, headers: others }
}

const LONGEST_QUERY = 1_048_576
