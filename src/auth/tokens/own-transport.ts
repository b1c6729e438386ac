import type { Transport } from '../../transport/transport.ts'
import { platform } from '#platform'

/** The runtime's own transport, one for all that is done without a client. It is made when it is first needed. */
export function ownTransport(): Transport {
  return (own ??= platform.createTransport())
}

let own: Transport | undefined
