import { checkOptionNames } from '../../request/option-names.ts'
import type { WebAbortSignal } from '../../web-types.ts'
import { CallContext } from '../../transport/call-context.ts'
import { type Clock, systemClock } from '../../transport/clock.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import type { Transport } from '../../transport/transport.ts'
import { ownTransport } from '../tokens/own-transport.ts'

/** How a token endpoint is asked without a client. */
export interface AskOptions {
  /** Default: the runtime's own. */
  readonly transport?: Transport | undefined
  readonly clock?: Clock | undefined
  /** Default 30,000. */
  readonly timeoutMs?: number | undefined
  readonly signal?: WebAbortSignal | undefined
}

/** The names of these options. */
export const ASK_OPTIONS: readonly string[] = ['transport', 'clock', 'timeoutMs', 'signal']

/**
 * Asks without a client.
 * @throws {ValidationError} for an option that does not exist.
 * @throws {TimeoutError} after `timeoutMs`.
 */
export async function askAlone<Result>(
  id: string,
  options: AskOptions,
  work: (context: CredentialsContext) => Promise<Result>,
): Promise<Result> {
  checkOptionNames(id, options, ASK_OPTIONS)
  const { transport = ownTransport(), clock = systemClock, timeoutMs = TIMEOUT_MS, signal } = options
  const call = new CallContext({ id, clock, timeout: timeoutMs, signal })
  try {
    call.throwIfEnded()
    return await call.wait(work({ transport, clock, call }), 'token')
  } finally {
    call.finish()
  }
}

const TIMEOUT_MS = 30_000
