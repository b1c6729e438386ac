import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { AuthError } from '../../errors.ts'
import { isSame } from './answer-check.ts'
import { ANSWERED_PAGE, type AnswerPage, NO_ANSWER_PAGE, NOT_FOUND_PAGE } from './answer-page.ts'

/** Where a client of the kind `web` has the browser sent back to: as it is entered, letter by letter. */
export interface FixedRedirect {
  readonly hostname: '127.0.0.1' | 'localhost'
  readonly port: number
  readonly path: string
}

/** Where the browser comes back to: an address of this machine alone. */
export interface AnswerListener {
  readonly redirectUri: string
  /**
   * Waits for a request that is the answer. Anything else is turned away, and it goes on waiting.
   * @returns the whole address that the browser asked for: it has the code
   */
  wait(isAnswer: (address: string) => boolean): Promise<string>
  /** Takes no request any more. What was answered last still gets its page. */
  close(): void
}

/**
 * Opens a port of 127.0.0.1 for one answer (RFC 8252 section 7.3): any free one, and a path that nobody can guess. `Host` must name
 * it as the redirection does, so that no other name leads here.
 * @throws {AuthError} reason `no_listener` when the port cannot be had.
 */
export async function openAnswerListener(fixed?: FixedRedirect): Promise<AnswerListener> {
  const { hostname = '127.0.0.1', path = `/${randomBytes(16).toString('base64url')}` } = fixed ?? {}
  const server = createServer(LIMITS)
  const port = await listen(server, fixed?.port ?? 0)
  const host = `${hostname}:${port}`
  const sockets = new Set<Socket>()
  let last: Socket | undefined
  let take: ((request: IncomingMessage, response: ServerResponse) => AnswerPage) | undefined

  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = take?.(request, response) ?? NOT_FOUND_PAGE
    response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body)
    request.resume()
  })

  return {
    redirectUri: `http://${host}${path}`,
    wait: (isAnswer) =>
      new Promise((resolve) => {
        take = (request, response) => {
          const target = request.url ?? ''
          const { host: [named, ...others] = [] } = request.headersDistinct
          if (named !== host || others.length > 0 || request.method !== 'GET') return NO_ANSWER_PAGE
          if (!isSame(target.split('?', 1)[0]!, path)) return NOT_FOUND_PAGE
          if (!isAnswer(`http://${host}${target}`)) return NO_ANSWER_PAGE
          take = undefined // one answer is enough
          last = request.socket
          const taken = (): void => resolve(`http://${host}${target}`)
          response.on('close', taken)
          last.on('close', taken) // nobody is told where the request before has ended the connection
          return ANSWERED_PAGE
        }
      }),
    close() {
      server.close()
      for (const socket of sockets) if (socket !== last) socket.destroy()
      last?.unref()
    },
  }
}

/** Requests are small, and come at once. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 10_000, maxHeaderSize: 32_768 }

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.on('error', ({ code = 'unknown' }: { code?: string }) => {
      const message = `the login cannot listen on 127.0.0.1, port ${port === 0 ? 'any' : port}: ${code}`
      reject(new AuthError(`${message}. Another program may have the port`, { reason: 'no_listener' }))
    })
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () =>
      resolve((server.address() as AddressInfo).port),
    )
  })
}
