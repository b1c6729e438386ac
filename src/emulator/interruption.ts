import { connectionReset, statusFault } from './broken-answers.ts'
import type { WaitingClock } from './clock.ts'
import type { PendingFault } from './faults.ts'
import { BrokenBody, type Interruption } from './request-body.ts'

/**
 * What a fault does to the body of a request.
 * @param isUpload whether a stall is one of the request; otherwise it is one of the answer
 * @param offset where in an upload the body belongs: faults count the bytes of the whole
 */
export function interruptionOf(
  pending: PendingFault | undefined,
  clock: Pick<WaitingClock, 'sleep'>,
  isUpload: boolean,
  offset = 0,
): Interruption | undefined {
  if (!pending) return undefined
  const { fault, meet } = pending
  const after = (afterBytes: number, happen: () => void | Promise<void>): Interruption => ({
    afterBytes: afterBytes - offset,
    meet: async () => {
      if (meet()) await happen()
    },
  })
  if (fault.kind === 'status-after') {
    return after(fault.afterBytes, () => {
      throw statusFault(fault.status)
    })
  }
  if (fault.kind === 'reset-connection-after') {
    return after(fault.afterBytes, () => {
      throw new BrokenBody(connectionReset())
    })
  }
  if (fault.kind === 'stall' && isUpload) return after(fault.afterBytes, () => clock.sleep(fault.forMs))
  return undefined
}
