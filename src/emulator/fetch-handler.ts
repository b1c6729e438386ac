import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import type { Handle } from './in-process.ts'

/** The same handler for the web's own Request and Response, which most servers and service workers speak. */
export function fetchHandler(handle: Handle): (request: Request) => Promise<Response> {
  return async (request) => toResponse(await handle(toHttpRequest(request)))
}

function toHttpRequest(request: Request): HttpRequest {
  const headers = Object.fromEntries(request.headers)
  const { method, url, body } = request
  if (!body) return { method, url, headers }
  const declared = headers['content-length']
  return {
    method,
    url,
    headers,
    body: {
      length: declared === undefined ? undefined : Number(declared),
      replayable: false,
      open: () => chunksOf(body),
    },
  }
}

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader()
  let done = false
  try {
    for (;;) {
      const next = await reader.read()
      if (next.done) break
      yield next.value
    }
    done = true
  } finally {
    if (!done) void reader.cancel().catch(() => {})
  }
}

function toResponse({ status, headers, body }: HttpResponse): Response {
  const withoutBody = status === 204 || status === 304
  return new Response(withoutBody ? null : streamOf(body), { status, headers: { ...headers } })
}

function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]()
  return new ReadableStream({
    pull: async (controller) => {
      const next = await iterator.next()
      if (next.done) controller.close()
      else controller.enqueue(next.value)
    },
    cancel: async () => {
      await iterator.return?.()
    },
  })
}
