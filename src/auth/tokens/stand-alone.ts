import { CallContext } from '../../transport/call-context.ts'
import { systemClock } from '../../transport/clock.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { ownTransport } from './own-transport.ts'

/** Asks for a token without a client: through the runtime's own transport, by the system's clock. */
export async function standAlone<Result>(
  id: string,
  work: (context: CredentialsContext) => Result | Promise<Result>,
): Promise<Result> {
  const call = new CallContext({ id, clock: systemClock })
  try {
    return await work({ transport: ownTransport(), clock: systemClock, call })
  } finally {
    call.finish()
  }
}
