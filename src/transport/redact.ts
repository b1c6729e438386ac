import type { RequestSummary } from '../errors.ts'
import type { HttpHeaders } from '../protocol/http.ts'

/**
 * An address fit for an error or a log: no user information, no fragment, and the values of query parameters hidden
 * unless their names are known to be harmless. Upload sessions, signatures and keys all travel in query values.
 */
export function redactUrl(url: string): string {
  const [address = '', query] = url.split('#', 1)[0]!.split('?', 2)
  const place = address.replace(/^([a-z]+:\/\/)[^/]*@/i, '$1')
  return query === undefined ? place : `${place}?${query.split('&').map(redactParameter).join('&')}`
}

/** The few headers of an answer that help and tell nothing. */
export function publicHeaders(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => PUBLIC_HEADERS.has(name)))
}

/** A request as errors remember it. */
export function summarize(request: { method: string; url: string }, id?: string): RequestSummary {
  return { ...(id !== undefined && { id }), method: request.method, url: redactUrl(request.url) }
}

/** A text without the credentials that its request carried, should the server have repeated them. */
export function scrub(text: string, request: { url: string; headers: HttpHeaders }): string {
  return secretsOf(request).reduce((scrubbed, secret) => scrubbed.replaceAll(secret, '…'), text)
}

function secretsOf(request: { url: string; headers: HttpHeaders }): string[] {
  const headers = Object.entries(request.headers)
    .filter(([name]) => SECRET_HEADERS.has(name))
    .flatMap(([, value]) => [value, value.replace(/^\S+\s+/, '')])
  const query = [...(URL.canParse(request.url) ? new URL(request.url).searchParams : [])]
    .filter(([name]) => SECRET_PARAMETERS.has(name))
    .map(([, value]) => value)
  return [...headers, ...query].filter((secret) => secret.length >= 8)
}

function redactParameter(parameter: string): string {
  const name = parameter.split('=', 1)[0]!
  return PUBLIC_PARAMETERS.has(name) ? parameter : `${name}=…`
}

const PUBLIC_PARAMETERS = new Set(
  'alt,fields,uploadType,prefix,delimiter,maxResults,pageSize,project,name,projection,versions,prettyPrint,version'.split(
    ',',
  ),
)
const SECRET_PARAMETERS = new Set(
  'key,access_token,oauth_token,upload_id,X-Goog-Signature,X-Goog-Credential,code,assertion'.split(','),
)
const SECRET_HEADERS = new Set(['authorization', 'x-goog-api-key', 'cookie', 'proxy-authorization'])
const PUBLIC_HEADERS = new Set(
  'content-type,content-length,content-range,date,retry-after,www-authenticate,x-goog-hash,x-goog-generation,x-guploader-uploadid,x-goog-request-id,server'.split(
    ',',
  ),
)
