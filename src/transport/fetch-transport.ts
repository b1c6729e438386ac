import { DiscokitError, TransportError } from '../errors.ts'
import { collect, responseBody } from '../protocol/http-body.ts'
import type { HttpRequest, HttpRequestBody, HttpResponse, StreamBody } from '../protocol/http.ts'
import { redactUrl, summarize } from './redact.ts'
import type { WebFetch } from '../web-types.ts'
import type { ClosableTransport, TransportContext } from './transport.ts'
import { readStream, toReadableStream } from './web-stream.ts'

/** Options of {@link fetchTransport}. */
export interface FetchTransportOptions {
  /** The function to call instead of the global `fetch`. */
  readonly fetch?: WebFetch
}

/**
 * The transport of runtimes without Node's modules. A body is streamed where `fetch` can do that; elsewhere, in some
 * browsers, it is gathered first, for such a `fetch` would send the words `[object ReadableStream]`. Small bodies are
 * always gathered. Redirects are not followed.
 */
export function fetchTransport(options: FetchTransportOptions = {}): ClosableTransport {
  async function send(request: HttpRequest, context: TransportContext): Promise<HttpResponse> {
    const { fetch = globalThis.fetch } = options
    let broken: { reason: unknown } | undefined
    const body = await toFetchBody(request.body, (reason) => (broken = { reason }))
    const streamed = body instanceof ReadableStream
    // Node's fetch holds a whole streamed body in memory unless both of these are given; others refuse 'error'.
    const whole = streamed && isNode() ? { redirect: 'error', window: null } : { redirect: 'manual' }
    const init = {
      method: request.method,
      headers: withoutLength(request.headers),
      signal: context.signal,
      ...(body !== undefined && { body }),
      ...(streamed && { duplex: 'half' }),
      ...whole,
    } as RequestInit // `duplex` is not in every version of the type
    context.phase = 'answer'
    try {
      const response = await fetch(request.url, init)
      return {
        status: response.status,
        headers: plainHeaders(response.headers),
        body: readBody(response, request, context),
      }
    } catch (error) {
      throw broken ? broken.reason : explain(error, request, context, 'sent')
    }
  }
  return Object.assign(send, { close: async () => {} })
}

const SMALL_BODY_BYTES = 65_536

async function toFetchBody(
  body: HttpRequestBody | undefined,
  failed: (reason: unknown) => void,
): Promise<BodyInit | undefined> {
  if (typeof body !== 'object' || body instanceof Uint8Array) return body as BodyInit | undefined
  const small = body.length !== undefined && body.length <= SMALL_BODY_BYTES
  return small || !canStream()
    ? ((await collect(body.open())) as BodyInit)
    : toReadableStream(noting(body, failed))
}

let streams: boolean | undefined

/** Whether requests can have a stream for a body: a runtime that cannot makes a text of it, and says so. */
function canStream(): boolean {
  const init = { method: 'POST', body: new ReadableStream(), duplex: 'half' }
  return (streams ??= !new Request('https://localhost', init).headers.has('content-type'))
}

function isNode(): boolean {
  const runtime = Reflect.get(globalThis, 'process') as { versions?: { node?: string } } | undefined
  return runtime?.versions?.node !== undefined
}

/** The chunks of a body. `failed` is told when the source breaks, for fetch hides that in an error of its own. */
async function* noting(body: StreamBody, failed: (reason: unknown) => void): AsyncGenerator<Uint8Array> {
  try {
    yield* body.open()
  } catch (error) {
    failed(error)
    throw error
  }
}

function readBody(response: Response, request: HttpRequest, context: TransportContext): HttpResponse['body'] {
  return responseBody(
    (async function* () {
      try {
        if (response.body) yield* readStream(response.body)
      } catch (error) {
        throw explain(error, request, context, 'answered')
      }
    })(),
    () => void response.body?.cancel().catch(() => {}),
  )
}

/** The headers of the answer as given: fetch removes content codings and leaves the headers that speak of them. */
function plainHeaders(headers: Headers): Record<string, string> {
  const plain = Object.fromEntries(headers)
  if (plain['content-encoding'] !== undefined) {
    delete plain['content-encoding']
    delete plain['content-length']
  }
  return plain
}

/** The length is fetch's own business; browsers refuse the header. */
function withoutLength(headers: HttpRequest['headers']): Record<string, string> {
  const { 'content-length': _, ...rest } = headers
  return rest
}

function explain(
  error: unknown,
  request: HttpRequest,
  context: TransportContext,
  progress: 'sent' | 'answered',
): unknown {
  if (context.signal.aborted) return context.signal.reason
  // An error of the body's own source travels through fetch unchanged, or as the cause.
  if (!(error instanceof TypeError)) return error
  const cause = error.cause as { code?: string } | undefined
  if (cause instanceof DiscokitError) return cause
  const reason = cause?.code ?? 'FETCH_FAILED'
  return new TransportError(
    `${request.method} ${redactUrl(request.url)}: the connection failed (${reason})`,
    {
      reason,
      progress: UNSENT.test(reason) ? 'unsent' : progress,
      request: summarize(request),
    },
  )
}

const UNSENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)$/
