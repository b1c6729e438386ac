import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpHeaders, HttpRequest, HttpResponse } from '../protocol/http.ts'
import { fetchHandler } from './fetch-handler.ts'
import type { Handle } from './in-process.ts'
import type { ServeOnPort } from './listening.ts'

/**
 * Serves a handler on a port with srvx. On Node the exchange runs on Node's own request and response: that keeps large
 * bodies out of web streams, and lets faults reset the connection or cut an answer short.
 */
export const serveOnPort: ServeOnPort = async (handle, host, port) => {
  const { serve } = await import('srvx')
  const answerRequest = fetchHandler(handle)
  const server = serve({
    port,
    hostname: host,
    silent: true,
    gracefulShutdown: false,
    // Uploads may take longer than the five minutes Node allows a request by default.
    node: { requestTimeout: 0 },
    fetch: async (request) => {
      const node = request.runtime?.node
      if (!node?.res) return answerRequest(request)
      // srvx speaks HTTP/1.1 here, so these are the classes of node:http.
      await answerOnNode(handle, request.url, node.req as IncomingMessage, node.res as ServerResponse)
      return ANSWERED
    },
  })
  await server.ready()
  const url = server.url!.replace(/\/$/, '')
  return { url, port: Number(new URL(url).port), close: () => server.close(true) }
}

/** For srvx, which finds that the answer has gone out already and adds nothing. */
const ANSWERED: Response = new Response(null)

async function answerOnNode(
  handle: Handle,
  url: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  let response: HttpResponse
  try {
    response = await handle(toHttpRequest(url, incoming))
  } catch {
    // Either a test asked for it, or the client has gone in the middle of its body.
    incoming.socket.resetAndDestroy()
    return
  }
  try {
    await send(response, outgoing)
  } catch {
    await breakOff(incoming.socket)
  } finally {
    // What the handler left unread must go, or the next request on this connection would wait behind it.
    incoming.resume()
  }
}

function toHttpRequest(url: string, incoming: IncomingMessage): HttpRequest {
  const { method = 'GET', headers: raw } = incoming
  const headers: HttpHeaders = Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
  const length = headers['content-length']
  if (length === undefined && headers['transfer-encoding'] === undefined) return { method, url, headers }
  return {
    method,
    url,
    headers,
    body: {
      length: length === undefined ? undefined : Number(length),
      replayable: false,
      // Node's own iterator would destroy the connection of a handler that answers before the end of the body.
      open: () => incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>,
    },
  }
}

async function send({ status, headers, body }: HttpResponse, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(status, { ...headers })
  for await (const chunk of body) {
    if (outgoing.destroyed) return
    if (!outgoing.write(chunk)) await drained(outgoing)
  }
  outgoing.end()
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      outgoing.off('drain', settle).off('close', settle)
      resolve()
    }
    outgoing.on('drain', settle).on('close', settle)
  })
}

/** Ends a connection in the middle of an answer, once everything written before has left. */
async function breakOff(socket: Socket): Promise<void> {
  if (!socket.destroyed) await new Promise<void>((resolve) => void socket.write('', () => resolve()))
  socket.destroy()
}
