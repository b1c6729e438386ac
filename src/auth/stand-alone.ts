import { CallContext } from '../transport/call-context.ts'
import { systemClock } from '../transport/clock.ts'
import type { CredentialsContext } from '../transport/credentials.ts'
import type { Transport } from '../transport/transport.ts'
import { platform } from '#platform'

/** Asks for a token without a client: through the runtime's own transport, by the system's clock. */
export async function standAlone<Result>(
  id: string,
  work: (context: CredentialsContext) => Result | Promise<Result>,
): Promise<Result> {
  const call = new CallContext({ id, clock: systemClock })
  try {
    return await work({ transport: (ownTransport ??= platform.createTransport()), clock: systemClock, call })
  } finally {
    call.finish()
  }
}

let ownTransport: Transport | undefined
