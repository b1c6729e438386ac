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

/** The same object, which prints without the key or the token in its address; so do copies of it. */
export function printedRedacted<Request extends Addressed>(request: Request): Request {
  return Object.assign(request, { [INSPECT]: withoutSecret })
}

/** Something with an address, and for an upload a second one. */
interface Addressed {
  readonly url: string
  readonly upload?: { readonly resumable?: string }
}

function withoutSecret(this: Addressed): object {
  const { url, upload } = this
  const more = upload?.resumable && { upload: { ...upload, resumable: redactUrl(upload.resumable) } }
  const shown = { ...this, url: redactUrl(url), ...more }
  Reflect.deleteProperty(shown, INSPECT)
  return shown
}

const INSPECT = /* @__PURE__ */ Symbol.for('nodejs.util.inspect.custom')

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
  return withoutSecrets(text, secretsOf(request))
}

/** What stands in a header for credentials, be it one that a transport added, such as that for a proxy. */
const LOGIN = /\b(Basic|Bearer) (?=\S*[A-Z0-9])[\w.~+/-]{8,}=*/g
/** Shorter ones are too likely to be ordinary words. */
const SHORTEST_SECRET = 8
/** So much of the beginning of a long secret is taken for a piece of it. */
const CUT_SECRET = 12

/** A text without the given secrets: plain, as they stand in an address or in JSON, and long ones also when cut off. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    .toSorted((a, b) => b.length - a.length)
  const whole = forms.reduce((scrubbed, form) => scrubbed.replaceAll(form, '…'), text)
  return forms
    .filter((form) => form.length >= 2 * CUT_SECRET)
    .reduce((scrubbed, form) => scrubbed.replace(beginning(form), '…'), whole)
    .replace(LOGIN, '$1 …')
}

function beginning(secret: string): RegExp {
  const start = secret.slice(0, CUT_SECRET).replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  return new RegExp(`${start}[\\w.~+/=%-]*`, 'g')
}

function secretsOf(request: { url: string; headers: HttpHeaders }): string[] {
  const headers = Object.entries(request.headers)
    .filter(([name]) => SECRET_HEADER.test(name))
    .flatMap(([, value]) => [value, value.replace(/^\S+\s+/, ''), ...value.split(/; */).map(afterEquals)])
  const query = [...(URL.canParse(request.url) ? new URL(request.url).searchParams : [])]
    .filter(([name]) => SECRET_PARAMETERS.has(name))
    .map(([, value]) => value)
  return [...headers, ...query]
}

/** The value of a cookie. */
function afterEquals(pair: string): string {
  return pair.slice(pair.indexOf('=') + 1)
}

function redactParameter(parameter: string): string {
  const name = parameter.split('=', 1)[0]!
  return PUBLIC_PARAMETERS.has(name) ? parameter : `${name}=…`
}

const PUBLIC_PARAMETERS = new Set(
  'alt fields uploadType prefix delimiter maxResults pageSize project name projection versions prettyPrint version'.split(
    ' ',
  ),
)
const SECRET_PARAMETERS = new Set([
  'key',
  'access_token',
  'oauth_token',
  'upload_id',
  'X-Goog-Signature',
  'X-Goog-Credential',
  'code',
  'assertion',
])
const SECRET_HEADER = /auth|cookie|key|password|secret|session|token/
const PUBLIC_HEADERS = new Set([
  'content-type',
  'content-length',
  'content-range',
  'date',
  'retry-after',
  'www-authenticate',
  'x-goog-hash',
  'x-goog-generation',
  'x-guploader-uploadid',
  'x-goog-request-id',
  'server',
])
