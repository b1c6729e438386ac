import { ValidationError } from '../errors.ts'
import type { ApiFailure } from './api-failure.ts'
import { BATCH_METHOD_ID } from './batch.ts'
import { parseInstruction } from './instructions.ts'

/** What goes wrong with one call, read from an instruction. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number }
  /** The status is answered once so many bytes of the request's body, or of the whole resumable upload, were read. */
  | { readonly kind: 'status-after'; readonly status: number; readonly afterBytes: number }
  | { readonly kind: 'reset-connection' }
  /** The connection breaks once so many bytes were read, counted likewise. */
  | { readonly kind: 'reset-connection-after'; readonly afterBytes: number }
  /** What the call is for happens; the answer is lost. */
  | { readonly kind: 'reset-connection-after-commit' }
  /** The answer breaks off; half way when no number is given. */
  | { readonly kind: 'broken-stream'; readonly afterBytes: number | undefined }
  /** The answer to the request that completes a resumable upload breaks off. */
  | { readonly kind: 'broken-final-chunk'; readonly afterBytes: number }
  /** One byte of the answer is changed. */
  | { readonly kind: 'corrupted-data' }
  /** Nothing moves for a while, in the request where it is an upload, in the answer where it is not. */
  | { readonly kind: 'stall'; readonly forMs: number; readonly afterBytes: number }
  /** The answer to a batch has its parts in another order, lacks the first, or has it twice. */
  | { readonly kind: 'shuffled-parts' | 'missing-part' | 'repeated-part' }
  /** The call asked for a fault that there is not. */
  | { readonly kind: 'failure'; readonly failure: ApiFailure }

/** A fault that waits for a call. */
export interface PendingFault {
  readonly fault: Fault
  /**
   * To be called where the fault happens. Takes it out of the queue and is true; false where another call met it before.
   */
  meet(): boolean
}

/** The faults that calls are still to meet, by method id. */
export interface Faults {
  /**
   * The calls of the method meet one instruction each, in order; calls after the last one are answered as usual. An
   * instruction that speaks of bytes waits for a call that has so many.
   */
  add(methodId: string, instructions: readonly string[]): void
  next(methodId: string): PendingFault | undefined
  /** The instructions that no call has met, by method id; a method without any is left out. */
  unmet(): Readonly<Record<string, readonly string[]>>
  clear(): void
}

/** @param knows whether a method id belongs to something that is served */
export function createFaults(knows: (methodId: string) => boolean): Faults {
  const queues = new Map<string, { readonly instruction: string; readonly fault: Fault }[]>()
  return {
    add(methodId, instructions) {
      if (!knows(methodId)) {
        throw new ValidationError('emulator.fail', [
          { path: 'methodId', message: `no document that is served has the method '${methodId}'` },
        ])
      }
      const faults = instructions.map((instruction, i) => ({
        instruction,
        fault: parseInstruction(instruction, i),
      }))
      const wrong = faults.findIndex(({ fault }) => isForBatches(fault))
      if (wrong >= 0 && methodId !== BATCH_METHOD_ID) {
        throw new ValidationError('emulator.fail', [
          {
            path: `instructions[${wrong}]`,
            message: `'${instructions[wrong]}' is for '${BATCH_METHOD_ID}' only`,
          },
        ])
      }
      queues.set(methodId, [...(queues.get(methodId) ?? []), ...faults])
    },
    next(methodId) {
      const first = queues.get(methodId)?.[0]
      if (!first) return undefined
      const meet = (): boolean => {
        const queue = queues.get(methodId)
        if (queue?.[0] !== first) return false
        queue.shift()
        return true
      }
      return { fault: first.fault, meet }
    },
    unmet: () =>
      Object.fromEntries(
        [...queues]
          .filter(([, queue]) => queue.length > 0)
          .map(([methodId, queue]) => [methodId, queue.map(({ instruction }) => instruction)]),
      ),
    clear: () => queues.clear(),
  }
}

/** Whether a fault happens to any call, as soon as it comes. */
export function happensFirst(fault: Fault): boolean {
  return fault.kind === 'status' || fault.kind === 'reset-connection' || isForBatches(fault)
}

/** Whether a fault is one of those that only answers to batches have. */
export function isForBatches({ kind }: Fault): boolean {
  return kind.endsWith('-part') || kind.endsWith('-parts')
}
