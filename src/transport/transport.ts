import type { WebAbortSignal } from '../web-types.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'

/**
 * Sends one request and gives the response as soon as its headers are there. Statuses are never errors here; a
 * connection that fails is a `TransportError`. Redirects are not followed and answers are given as the server
 * meant them (content codings removed).
 *
 * ```ts
 * const logging: Transport = async (request, context) => {
 *   console.log(request.method, new URL(request.url).pathname)
 *   return inner(request, context)
 * }
 * ```
 */
export type Transport = (request: HttpRequest, context: TransportContext) => Promise<HttpResponse>

/** What a transport is told besides the request. */
export interface TransportContext {
  /** Fires when the caller aborts or the deadline passes, also while the body is read. Made on first use. */
  readonly signal: WebAbortSignal
  /**
   * The same news without an AbortSignal, for hot paths. Returns a function that forgets the listener. A context
   * that has ended already calls the listener at once.
   */
  onEnd(listener: (reason: unknown) => void): () => void
  /** What is being waited for, named in the error when the deadline passes: `connect`, `answer`, `token`, … */
  phase: string
}

/** A call, for what it has to wait for besides answers. */
export interface WaitingCall extends TransportContext {
  /**
   * Waits for something that is not this call's alone, such as a token: the wait ends with the call and its reason,
   * the thing itself goes on.
   * @param phase what is waited for, named when the deadline passes
   */
  wait<T>(promise: Promise<T>, phase: string): Promise<T>
  /** Throws the reason when the call has ended. */
  throwIfEnded(): void
  /** Waits for a time. */
  sleep(ms: number, phase: string): Promise<void>
}

/** A transport that holds connections. */
export interface ClosableTransport extends Transport {
  /**
   * Whether a body is held whole before it is sent, so that nobody sees how far it is: large uploads come in chunks of 8 MiB
   * then. Default false.
   */
  readonly holdsBodies?: boolean
  /** Ends all connections, idle and busy. */
  close(): Promise<void>
}
