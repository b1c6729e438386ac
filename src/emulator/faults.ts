import { ValidationError } from '../errors.ts'
import { BATCH_METHOD_ID } from './batch.ts'

/** What goes wrong with one call, read from an instruction. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number }
  /** The status is answered once so many bytes of the request's body were read. */
  | { readonly kind: 'status-after'; readonly status: number; readonly afterBytes: number }
  | { readonly kind: 'reset-connection' }
  /** The answer breaks off; half way when no number is given. */
  | { readonly kind: 'broken-stream'; readonly afterBytes: number | undefined }
  /** One byte of the answer is changed. */
  | { readonly kind: 'corrupted-data' }
  /** The answer to a batch has its parts in another order, lacks the first, or has it twice. */
  | { readonly kind: 'shuffled-parts' | 'missing-part' | 'repeated-part' }

/** The faults that calls are still to meet, by method id. */
export interface Faults {
  /** Each call of the method meets one instruction, in order; calls after the last one are answered as usual. */
  add(methodId: string, instructions: readonly string[]): void
  take(methodId: string): Fault | undefined
  clear(): void
}

/** @param knows whether a method id belongs to something that is served */
export function createFaults(knows: (methodId: string) => boolean): Faults {
  const queues = new Map<string, Fault[]>()
  return {
    add(methodId, instructions) {
      if (!knows(methodId)) {
        throw new ValidationError('emulator.fail', [
          { path: 'methodId', message: `no document that is served has the method '${methodId}'` },
        ])
      }
      const faults = instructions.map(parseInstruction)
      const wrong = faults.findIndex(({ kind }) => kind.endsWith('-part') || kind.endsWith('-parts'))
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
    take: (methodId) => queues.get(methodId)?.shift(),
    clear: () => queues.clear(),
  }
}

/**
 * Reads an instruction in the words of Google's storage test bench: `return-503`, `return-503-after-256K`,
 * `return-reset-connection`, `return-broken-stream`, `return-broken-stream-after-256K`, `return-corrupted-data`.
 * Batches have some of their own: `return-shuffled-parts`, `return-missing-part`, `return-repeated-part`.
 * @throws {ValidationError} when it is none of these.
 */
export function parseInstruction(instruction: string, index = 0): Fault {
  const afterBytes = (kibibytes: string | undefined): number => Number(kibibytes) * 1024
  if (instruction === 'return-reset-connection') return { kind: 'reset-connection' }
  if (instruction === 'return-corrupted-data') return { kind: 'corrupted-data' }
  if (instruction === 'return-broken-stream') return { kind: 'broken-stream', afterBytes: undefined }
  const parts = /^return-(shuffled-parts|missing-part|repeated-part)$/.exec(instruction)
  if (parts) return { kind: parts[1] as 'shuffled-parts' | 'missing-part' | 'repeated-part' }
  const broken = /^return-broken-stream-after-(\d+)K$/.exec(instruction)
  if (broken) return { kind: 'broken-stream', afterBytes: afterBytes(broken[1]) }
  const status = /^return-([3-5]\d\d)(?:-after-(\d+)K)?$/.exec(instruction)
  if (status?.[2])
    return { kind: 'status-after', status: Number(status[1]), afterBytes: afterBytes(status[2]) }
  if (status) return { kind: 'status', status: Number(status[1]) }
  throw new ValidationError('emulator.fail', [
    { path: `instructions[${index}]`, message: `'${instruction}' is not an instruction of this emulator` },
  ])
}
