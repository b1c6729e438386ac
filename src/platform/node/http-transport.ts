import type { Agent, ClientRequest, RequestOptions } from 'node:http'
import type { SecureContextOptions } from 'node:tls'
import { type Problem, TransportError, ValidationError } from '../../errors.ts'
import type { HttpRequest, HttpResponse } from '../../protocol/http.ts'
import { bodyLength } from '../../protocol/body-facts.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import { type Origin, parseOrigin, splitOrigin } from '../../transport/origin.ts'
import { redactUrl } from '../../transport/redact.ts'
import type { ClosableTransport, TransportContext } from '../../transport/transport.ts'
import { CLOSED, exchangeOverHttp } from './http-exchange.ts'
import type { Proxy } from './proxy.ts'
import { proxyAddress } from './proxy-address.ts'

/** Options of {@link nodeTransport}. */
export interface NodeTransportOptions {
  /** Connections to one origin at the same time. Default 256. */
  readonly maxSockets?: number
  /** Certificate authorities to trust instead of Node's, in PEM. `NODE_EXTRA_CA_CERTS` adds to Node's without this. */
  readonly ca?: SecureContextOptions['ca']
  /** A client certificate, in PEM, with its `key`. */
  readonly cert?: SecureContextOptions['cert']
  readonly key?: SecureContextOptions['key']
  /**
   * The address of an HTTP proxy, or `false` for none. By default the variables `HTTPS_PROXY` and `NO_PROXY`, in
   * upper or lower case, and `http_proxy` in lower case decide, once for each origin. Requests to this machine are
   * never proxied by variables.
   */
  readonly proxy?: string | false
}

/**
 * The transport of Node: `node:http` and `node:https` with connections kept alive. Idle connections do not keep the
 * process running. Answers in gzip are inflated unless the request set `accept-encoding` itself.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { nodeTransport } from 'discokit/node'
 *
 * const google = createClient({ transport: nodeTransport({ proxy: 'http://proxy.example:3128' }) })
 * ```
 */
export function nodeTransport(options: NodeTransportOptions = {}): ClosableTransport {
  checkOptionNames('the transport cannot be made', options, OPTIONS)
  const routes = new Map<string, Route | Promise<Route>>()
  const agents = new Set<Agent>()
  let closed = false

  const isClosed = (): boolean => closed

  async function send(request: HttpRequest, context: TransportContext): Promise<HttpResponse> {
    const parts = splitOrigin(request.url)
    const found = parts && (routes.get(parts.origin) ?? openRoute(parts.origin))
    if (!found) throw notAnAddress(request)
    const route = found instanceof Promise ? await found : found
    if (closed) throw new TransportError('the client is closed', { reason: 'CLOSED', progress: 'unsent' })
    const inflate = request.headers['accept-encoding'] === undefined
    const call = openCall(route, request, parts.target, rawHeaders(route, request, inflate))
    context.phase = 'answer'
    return exchangeOverHttp(call, { request, context, inflate, closed: isClosed })
  }

  function openRoute(text: string): Route | Promise<Route> | undefined {
    const origin = parseOrigin(text)
    if (!origin) return undefined
    const keep = (proxy?: Proxy): Route => {
      const route = createRoute(origin, options, proxy)
      agents.add(route.agent)
      routes.set(text, route)
      return route
    }
    const address = proxyAddress(origin, options.proxy)
    if (address === undefined) return keep()
    // Few programs have a proxy, so what speaks to one is loaded then.
    const opening = import('./proxy.ts').then(({ createProxy }) => keep(createProxy(address)))
    opening.catch(() => routes.delete(text))
    routes.set(text, opening)
    return opening
  }

  async function close(): Promise<void> {
    closed = true
    // The agents know the calls under way. A set of our own would cost a third of a call: its old backing stores,
    // long dead, keep the young requests in them alive until the next full collection.
    for (const agent of agents) {
      for (const waiting of Object.values(agent.requests).flatMap((calls = []) => [...calls]))
        waiting.destroy(CLOSED)
      agent.destroy()
    }
  }

  return Object.assign(send, { close })
}

/** How requests to one origin are made. */
interface Route {
  readonly agent: Agent
  readonly request: (options: RequestOptions) => ClientRequest
  readonly hostname: string
  readonly port: number
  readonly host: string
  /** What goes before the path: the origin itself, for a proxy that is asked for whole addresses. */
  readonly prefix: string
  readonly headers: readonly string[]
}

const OPTIONS = ['maxSockets', 'ca', 'cert', 'key', 'proxy']
const DEFAULT_MAX_SOCKETS = 256

function createRoute(origin: Origin, options: NodeTransportOptions, proxy: Proxy | undefined): Route {
  const { maxSockets = DEFAULT_MAX_SOCKETS, ca, cert, key } = options
  const secure = origin.protocol === 'https:'
  const agentOptions = { keepAlive: true, maxSockets, scheduling: 'lifo' as const }
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(origin.hostname.endsWith('.localhost') && { servername: origin.hostname }),
  }
  // Modules are taken when needed: a program that never speaks https never loads it.
  const http = process.getBuiltinModule(secure ? 'node:https' : 'node:http') as typeof import('node:https')
  // A name below `localhost` is this machine, whatever DNS would say of it.
  const hostname = origin.hostname.replace(/^\[|\]$|^.+\.(?=localhost$)/g, '')
  const direct = {
    request: http.request,
    hostname,
    port: origin.port,
    host: origin.host,
    prefix: '',
    headers: [],
  }
  if (!proxy) return { ...direct, agent: new http.Agent({ ...agentOptions, ...tls }) }
  if (secure) return { ...direct, agent: proxy.tunnelAgent({ ...agentOptions, ...tls }) }
  return {
    ...direct,
    agent: new http.Agent(agentOptions),
    hostname: proxy.hostname,
    port: proxy.port,
    prefix: `http://${origin.host}`,
    headers: proxy.headers,
  }
}

function openCall(route: Route, request: HttpRequest, target: string, headers: string[]): ClientRequest {
  try {
    return route.request({
      agent: route.agent,
      host: route.hostname,
      port: route.port,
      method: request.method,
      path: route.prefix + target,
      headers,
    })
  } catch (error) {
    const problem = UNWRITABLE[(error as { code?: string }).code ?? '']
    if (!problem) throw error
    // Node's own text repeats what it refuses.
    throw new ValidationError('the request cannot be sent', [problem])
  }
}

/** What Node refuses to write, by its code. */
const UNWRITABLE: Readonly<Record<string, Problem>> = {
  ERR_UNESCAPED_CHARACTERS: { path: 'url', message: 'has characters that must be percent-encoded' },
  ERR_INVALID_CHAR: {
    path: 'headers',
    message: 'a value has a line end, or a character that no header may have',
  },
  ERR_INVALID_HTTP_TOKEN: { path: 'headers', message: 'the method or the name of a header is not one word' },
}

/** Names and values in turn: Node writes these as they are, which costs a third of setting them one by one. */
function rawHeaders(route: Route, request: HttpRequest, inflate: boolean): string[] {
  const { headers, body, method } = request
  const raw = ['host', route.host, ...route.headers]
  for (const name in headers) raw.push(name, headers[name]!)
  if (inflate) raw.push('accept-encoding', 'gzip')
  if (headers['content-length'] === undefined) {
    const length = bodyLength(body)
    if (length === undefined) raw.push('transfer-encoding', 'chunked')
    else if (body !== undefined || BODY_METHODS.has(method)) raw.push('content-length', String(length))
  }
  return raw
}

const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH'])

function notAnAddress(request: HttpRequest): ValidationError {
  return new ValidationError('the request cannot be sent', [
    { path: 'url', message: `${redactUrl(request.url)} is not a plain http or https address` },
  ])
}
