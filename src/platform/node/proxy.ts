import type { Agent, AgentOptions } from 'node:https'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { ValidationError } from '../../errors.ts'
import { parseOrigin } from '../../transport/origin.ts'
import { PROXY_REFUSED } from './http-error.ts'

/** An HTTP proxy to go through. */
export interface Proxy {
  readonly hostname: string
  readonly port: number
  /** The proxy's own credential, names and values in turn. Never sent past the proxy. */
  readonly headers: readonly string[]
  /** An agent whose connections are tunnels through the proxy (CONNECT, RFC 9110 section 9.3.6). */
  tunnelAgent(options: AgentOptions): Agent
}

/**
 * A proxy by its address.
 * @throws {ValidationError} when the address is not that of an HTTP proxy.
 */
export function createProxy(address: string): Proxy {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const origin = url && parseOrigin(url.origin)
  if (!url || origin?.protocol !== 'http:') {
    throw new ValidationError('the proxy cannot be used', [
      { path: 'proxy', message: 'must be an address such as http://proxy.example:3128' },
    ])
  }
  const login = `${decode(url.username)}:${decode(url.password)}`
  const headers =
    login === ':' ? [] : ['proxy-authorization', `Basic ${Buffer.from(login).toString('base64')}`]
  const hostname = origin.hostname.replace(/^\[|\]$/g, '')
  return {
    hostname,
    port: origin.port,
    headers,
    tunnelAgent: (options) => createTunnelAgent({ hostname, port: origin.port, headers }, options),
  }
}

/** A percent sign that begins no escape stands for itself, as addresses allow. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function createTunnelAgent(proxy: Omit<Proxy, 'tunnelAgent'>, options: AgentOptions): Agent {
  const https = process.getBuiltinModule('node:https')
  const agent = new https.Agent(options)
  // The agent does not know of a tunnel before it is open.
  const opening = new Set<Opening>()
  const destroyOpen = agent.destroy.bind(agent)
  agent.destroy = () => {
    for (const one of opening) one.destroy()
    destroyOpen()
  }
  agent.createConnection = (target, done) => {
    openTunnel(proxy, { ...options, ...(target as ConnectionOptions) }, opening).then(
      (socket) => done?.(null, socket),
      (error: Error) => done?.(error, undefined as never), // the type wants a socket even beside an error
    )
    return undefined
  }
  return agent
}

/** A proxy that does not answer holds up nobody for longer. */
const CONNECT_TIMEOUT_MS = 10_000

/** What is on its way to become a tunnel: the request for one, then the TLS connection in its handshake. */
type Opening = ClientRequest | TLSSocket

function openTunnel(
  proxy: Omit<Proxy, 'tunnelAgent'>,
  target: ConnectionOptions,
  opening: Set<Opening>,
): Promise<TLSSocket> {
  const place = `${target.host?.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  return new Promise((resolve, reject) => {
    const refuse = (answer: IncomingMessage): void =>
      reject(
        Object.assign(new Error(`the proxy refused to connect (${answer.statusCode})`), {
          code: PROXY_REFUSED,
        }),
      )
    const connect = process.getBuiltinModule('node:http').request({
      host: proxy.hostname,
      port: proxy.port,
      method: 'CONNECT',
      path: place,
      headers: ['host', place, ...proxy.headers] as never, // arrays are allowed, not typed
      agent: false,
    })
    const watch = (one: Opening): void => {
      opening.add(one)
      one.once('close', () => opening.delete(one))
    }
    watch(connect)
    connect.on('connect', (answer, socket) => {
      opening.delete(connect)
      socket.setTimeout(0)
      if (answer.statusCode !== 200) {
        socket.destroy()
        return refuse(answer)
      }
      const servername = target.servername ?? target.host!
      const secure = process.getBuiltinModule('node:tls').connect({ ...target, socket, servername })
      watch(secure)
      secure.once('secureConnect', () => {
        opening.delete(secure)
        resolve(secure)
      })
      secure.once('error', reject)
    })
    connect.on('response', (answer) => {
      answer.resume()
      refuse(answer)
    })
    connect.setTimeout(CONNECT_TIMEOUT_MS, () =>
      connect.destroy(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })),
    )
    connect.on('error', reject)
    connect.end()
  })
}
