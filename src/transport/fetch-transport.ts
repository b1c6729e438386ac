import { DiscokitError, TransportError } from '../errors.ts'
import { responseBody } from '../protocol/http-body.ts'
import type { HttpRequest, HttpResponse, StreamBody } from '../protocol/http.ts'
import { redactUrl, summarize } from './redact.ts'
import type { WebFetch } from '../web-types.ts'
import type { ClosableTransport, TransportContext } from './transport.ts'
import { toReadableStream } from './web-stream.ts'

/** Options of {@link fetchTransport}. */
export interface FetchTransportOptions {
  /** The function to call instead of the global `fetch`. */
  readonly fetch?: WebFetch
}

/**
 * The transport of runtimes without Node's modules. Streamed bodies need `duplex: 'half'`; `redirect: 'manual'`
 * keeps credentials from following a redirect. `window: null` together with a redirect mode other than `follow`
 * keeps Node's fetch from holding a whole streamed body in memory.
 */
export function fetchTransport(options: FetchTransportOptions = {}): ClosableTransport {
  async function send(request: HttpRequest, context: TransportContext): Promise<HttpResponse> {
    const { fetch = globalThis.fetch } = options
    const streamed = typeof request.body === 'object' && !(request.body instanceof Uint8Array)
    let broken: { reason: unknown } | undefined
    const init = {
      method: request.method,
      headers: withoutLength(request.headers),
      redirect: streamed ? 'error' : 'manual',
      window: null,
      signal: context.signal,
      ...(request.body !== undefined && {
        body: streamed
          ? toReadableStream(noting(request.body, (reason) => (broken = { reason })))
          : request.body,
      }),
      ...(streamed && { duplex: 'half' }),
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
        if (response.body) yield* response.body
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
  const what = `${request.method} ${redactUrl(request.url)}`
  return new TransportError(`${what}: the connection failed (${reason})`, {
    reason,
    progress: UNSENT.has(reason) ? 'unsent' : progress,
    request: summarize(request),
  })
}

const UNSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])
