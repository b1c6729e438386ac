import { ValidationError } from '../errors.ts'
import type { HttpRequest, StreamBody } from '../protocol/http.ts'
import { readStream } from '../transport/web-stream.ts'
import type { MediaSource } from '../request/media-input.ts'
import { isFraming } from '../request/call-headers.ts'
import type { WebAbortSignal, WebResponse } from '../web-types.ts'
import { authorize } from '../transport/authorize.ts'
import { CallContext } from '../transport/call-context.ts'
import { type Clock, systemClock } from '../transport/clock.ts'
import type { Credentials } from '../transport/credentials.ts'
import { compose } from '../transport/interceptor.ts'
import { originOf } from '../transport/origin.ts'
import { DEFAULT_UNIVERSE, originGuard } from '../transport/origin-policy.ts'
import type { Transport } from '../transport/transport.ts'
import { toWebResponse } from '../transport/web-response.ts'
import { ownTransport } from './tokens/own-transport.ts'
import type { SharedTokens } from './shared/shared-tokens.ts'

/** What an authorised fetch is made of. */
export interface AuthorizedFetchOptions {
  /** What sends requests. Default: the runtime's own, shared by every fetch made here without one. */
  readonly transport?: Transport
  /**
   * Origins outside the universe's domain that may see the credential, such as `https://api.example.com`, or
   * `http://127.0.0.1:8080` on this machine.
   */
  readonly allowedOrigins?: readonly string[]
  /** Default `googleapis.com`. */
  readonly universeDomain?: string
  /** Where several programs share tokens: what `sharedTokens()` gives. Default: nowhere. */
  readonly tokenStore?: SharedTokens
  readonly clock?: Clock
}

/** What to send. The members that the web's `RequestInit` has too mean the same. */
export interface AuthorizedRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>> | Iterable<readonly [string, string]>
  /**
   * Text, bytes, `file(path)`, what `multipart()` gives (sent with its content type and length), or anything else that the web's
   * `fetch` takes: a stream, a Blob, `FormData`, `URLSearchParams`.
   */
  readonly body?: string | Uint8Array | StreamBody | object | null
  readonly signal?: WebAbortSignal | null
  /** Milliseconds for the whole exchange, the body of the answer included. Default: no limit. */
  readonly timeoutMs?: number
}

/** A `fetch` with a credential. */
export type AuthorizedFetch = (
  url: string | { readonly href: string },
  init?: AuthorizedRequest,
) => Promise<WebResponse>

/**
 * A `fetch` that attaches a credential and renews it by itself. Like `fetch`, it rejects only when no answer came;
 * unlike it, it follows no redirect, and on Node it streams bodies without holding them in memory.
 *
 * ```ts
 * import { authorizedFetch, serviceAccount } from 'discokit/auth'
 *
 * const fetch = authorizedFetch(serviceAccount({ keyFile: 'key.json' }))
 * const answer = await fetch('https://storage.googleapis.com/storage/v1/b?project=my-project')
 * console.log(answer.status, await answer.json())
 * ```
 *
 * @throws {ValidationError} for a `tokenStore` that `sharedTokens()` did not give.
 * @throws {ValidationError} at once for a credential that is none and for options that cannot be used.
 * @throws {AuthError} when no credential can be had, or the address may not see it.
 */
export function authorizedFetch(
  credentials: Credentials,
  options: AuthorizedFetchOptions = {},
): AuthorizedFetch {
  check(credentials, options)
  const { allowedOrigins = [], universeDomain = DEFAULT_UNIVERSE, clock = systemClock, tokenStore } = options
  const { transport = ownTransport() } = options
  const guard = originGuard({ universeDomain, origins: allowedOrigins })
  const handler = compose([authorize(transport, guard, tokenStore)], transport)

  return async function fetch(url, init = {}) {
    const request = toHttpRequest(url, init)
    const context = new CallContext({
      id: `${request.method} ${originOf(request.url)?.host ?? ''}`,
      credentials,
      signal: init.signal ?? undefined,
      timeout: init.timeoutMs,
      clock,
    })
    try {
      context.throwIfEnded()
      return toWebResponse(await handler(request, context), () => context.finish())
    } catch (error) {
      context.finish()
      throw error
    }
  }
}

/** The options, and those of `emulator.connect()`, whose endpoint is for clients. */
const OPTIONS = ['transport', 'allowedOrigins', 'universeDomain', 'clock', 'tokenStore', 'endpoint']

/** A credential that is missing must not be taken for none. */
function check(credentials: Credentials, options: AuthorizedFetchOptions): void {
  const { allowedOrigins = [], tokenStore } = options
  const problems = Object.keys(options)
    .filter((name) => !OPTIONS.includes(name))
    .map((path) => ({ path, message: 'is not an option' }))
  const add = (path: string, message: string): void => void problems.push({ path, message })
  if (typeof credentials?.headers !== 'function') add('credentials', 'must be a credential, such as adc()')
  const origins: readonly string[] = Array.isArray(allowedOrigins) ? allowedOrigins : ['']
  for (const origin of origins) {
    const { protocol, loopback } = originOf(origin) ?? {}
    if (protocol !== 'https:' && !loopback)
      add('allowedOrigins', 'must be a list of addresses with https, or http on this machine')
  }
  if (tokenStore !== undefined && typeof tokenStore?.load !== 'function')
    add('tokenStore', 'must be what sharedTokens(store) gives')
  if (problems.length > 0) throw new ValidationError('the fetch cannot be made', problems)
}

function toHttpRequest(address: string | { readonly href: string }, init: AuthorizedRequest): HttpRequest {
  const url = typeof address === 'string' ? address : address?.href
  if (!URL.canParse(url)) {
    const message = 'is not an absolute address; give that of a Request, and its options'
    throw new ValidationError('the request cannot be sent', [{ path: 'url', message }])
  }
  const { href, hash } = new URL(url)
  const headers = readHeaders(init.headers)
  const method = (init.method ?? 'GET').toUpperCase()
  const target = { method, url: hash === '' ? href : href.slice(0, -hash.length) }
  const { body } = init
  if (body === undefined || body === null) return { ...target, headers }
  if (isStreamBody(body)) {
    const type = 'contentType' in body ? { 'content-type': String(body.contentType) } : {}
    return { ...target, headers: { ...type, ...headers }, body }
  }
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const type = typeof body === 'string' ? { 'content-type': 'text/plain;charset=UTF-8' } : {}
    return { ...target, headers: { ...type, ...headers }, body }
  }
  if (isMediaSource(body)) {
    const { length, replayable, contentType } = body.describe()
    const type = contentType === undefined ? {} : { 'content-type': contentType }
    const stream: StreamBody = { length, replayable, open: (options) => body.open(options) }
    return { ...target, headers: { ...type, ...headers }, body: stream }
  }
  if (!isWebBody(body)) {
    throw new ValidationError('the request cannot be sent', [
      {
        path: 'body',
        message: 'is a plain object; send JSON.stringify(…) of it, or a body that fetch takes',
      },
    ])
  }
  return { ...target, ...webBody(body, headers) }
}

function isMediaSource(body: object): body is MediaSource {
  return 'describe' in body && 'open' in body
}

function isWebBody(body: object): body is BodyInit & object {
  const kinds = [Blob, FormData, URLSearchParams, ReadableStream, ArrayBuffer]
  return kinds.some((kind) => body instanceof kind) || ArrayBuffer.isView(body)
}

function readHeaders(given: AuthorizedRequest['headers']): Record<string, string> {
  const refuse = (path: string, message: string): never => {
    throw new ValidationError('the request cannot be sent', [{ path, message }])
  }
  let headers: Headers
  try {
    headers = new Headers(given as HeadersInit)
  } catch {
    // The runtime's own text repeats the value, which may be a secret.
    return refuse('headers', 'a name or a value has characters that no header may have')
  }
  for (const name of headers.keys()) {
    if (name !== 'authorization' && isFraming(name))
      refuse(`headers.${name}`, 'is set by the transport; a body may say its length')
  }
  return Object.fromEntries(headers)
}

/** The bodies that the web defines: its own Request says what type they are and how they are read. */
function webBody(body: BodyInit, headers: Record<string, string>): Pick<HttpRequest, 'headers' | 'body'> {
  const length = body instanceof Blob ? body.size : undefined
  const wrapped = new Response(body)
  const type = wrapped.headers.get('content-type')
  const stream: StreamBody = {
    length,
    replayable: false,
    open: () => readStream(wrapped.body!),
  }
  return { headers: { ...(type !== null && { 'content-type': type }), ...headers }, body: stream }
}

function isStreamBody(body: object | string): body is StreamBody {
  return typeof body === 'object' && 'open' in body && 'replayable' in body
}
