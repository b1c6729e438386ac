import { ValidationError } from '../errors.ts'
import { parseAddress } from './address.ts'
import { errorAnswer } from './answers.ts'
import { invalid } from './api-failure.ts'
import type { Handle } from './in-process.ts'

/** Where to listen. */
export interface ListenOptions {
  /** Default 0: any port that is free. */
  readonly port?: number
  /** An address or name of this machine's loopback interface; default `127.0.0.1`. */
  readonly host?: string
}

/** An open port. */
export interface Listener {
  /** `http://127.0.0.1:34567`, without a slash at the end. */
  readonly url: string
  readonly port: number
  /** Closes the port and every connection, idle or busy. */
  close(): Promise<void>
}

/**
 * Opens a port for a handler.
 * @throws {ValidationError} for a host that others could reach, because the emulator keeps no secrets, and for a port
 *   that is in use.
 */
export async function openPort(handle: Handle, options: ListenOptions = {}): Promise<Listener> {
  const { port = 0, host = '127.0.0.1' } = options
  if (!isLoopback(host)) {
    throw new ValidationError('emulator.listen', [
      {
        path: 'host',
        message: `'${host}' is not a loopback address; the emulator listens for this machine only`,
      },
    ])
  }
  // The cast hides the file from the type checker's web-only pass, which would follow a plain import into Node's types.
  // oxlint-disable-next-line typescript/no-unnecessary-type-assertion -- see above
  const { serveOnPort } = (await import('./listen.ts' as string)) as { serveOnPort: ServeOnPort }
  try {
    return await serveOnPort(refuseOtherHosts(handle), host, port)
  } catch (error) {
    const why = { EADDRINUSE: 'is in use already', EACCES: 'may not be used' }[
      (error as { code?: string }).code ?? ''
    ]
    if (why === undefined) throw error
    throw new ValidationError('emulator.listen', [{ path: 'port', message: `${port} ${why}` }])
  }
}

/** What `listen.ts`, the only file that opens a port, exports. */
export type ServeOnPort = (handle: Handle, host: string, port: number) => Promise<Listener>

/**
 * Answers requests only that were meant for this machine or for Google. A page of the web may give its own name this
 * machine's address (DNS rebinding), and its scripts would then read what is here as if it came from the page's server.
 */
function refuseOtherHosts(handle: Handle): Handle {
  return async (request) => {
    const { host } = parseAddress(request.url)
    if (isOfThisMachine(host) || isOfGoogle(host)) return handle(request)
    return errorAnswer(invalid(`The emulator does not answer for the host '${host}'.`))
  }
}

/** Whether a host is one of Google's that the emulator stands for. */
export function isOfGoogle(host: string): boolean {
  return host.endsWith('.googleapis.com') || host === 'accounts.google.com' || host === 'www.google.com'
}

/** Whether a request that names this host was meant for this machine: names below `localhost` never leave it. */
export function isOfThisMachine(host: string): boolean {
  return isLoopback(host) || host.endsWith('.localhost')
}

/** Whether a host can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  return name === 'localhost' || name === '::1' || /^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(name)
}
