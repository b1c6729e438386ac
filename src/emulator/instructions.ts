import { ValidationError } from '../errors.ts'
import type { Fault } from './faults.ts'

/**
 * Reads an instruction in the words of Google's storage test bench: `return-503`, `return-503-after-256K`,
 * `return-reset-connection`, `return-broken-stream`, `return-broken-stream-after-256K`,
 * `return-broken-stream-final-chunk-after-100B`, `return-corrupted-data`, `stall-always`, `stall-at-256KiB`,
 * `stall-for-10s-after-256K`. Those that the test bench does not have: `return-reset-connection-after-256K`,
 * `return-reset-connection-after-commit`, and for batches `return-shuffled-parts`, `return-missing-part`,
 * `return-repeated-part`.
 * @throws {ValidationError} when it is none of these.
 */
export function parseInstruction(instruction: string, index = 0): Fault {
  const fault = readInstruction(instruction)
  if (fault) return fault
  throw new ValidationError('emulator.fail', [
    { path: `instructions[${index}]`, message: `'${instruction}' is not an instruction of this emulator` },
  ])
}

/** The same; undefined when it is none. */
export function readInstruction(instruction: string): Fault | undefined {
  for (const [pattern, read] of WORDS) {
    const match = pattern.exec(instruction)
    if (match) return read(match[1]!, match[2]!)
  }
  return undefined
}

const KIBIBYTE = 1024
/** How long the test bench stalls where the instruction does not say. */
const STALL_MS = 10_000

const WORDS: readonly (readonly [RegExp, (first: string, second: string) => Fault])[] = [
  [/^return-([3-5]\d\d)$/, (status) => ({ kind: 'status', status: Number(status) })],
  [
    /^return-([3-5]\d\d)-after-(\d+)K$/,
    (status, kib) => ({ kind: 'status-after', status: Number(status), afterBytes: Number(kib) * KIBIBYTE }),
  ],
  [/^return-reset-connection$/, () => ({ kind: 'reset-connection' })],
  [
    /^return-reset-connection-after-(\d+)K$/,
    (kib) => ({ kind: 'reset-connection-after', afterBytes: Number(kib) * KIBIBYTE }),
  ],
  [/^return-reset-connection-after-commit$/, () => ({ kind: 'reset-connection-after-commit' })],
  [/^return-broken-stream$/, () => ({ kind: 'broken-stream', afterBytes: undefined })],
  [
    /^return-broken-stream-after-(\d+)K$/,
    (kib) => ({ kind: 'broken-stream', afterBytes: Number(kib) * KIBIBYTE }),
  ],
  [
    /^return-broken-stream-final-chunk-after-(\d+)B$/,
    (bytes) => ({ kind: 'broken-final-chunk', afterBytes: Number(bytes) }),
  ],
  [/^return-corrupted-data$/, () => ({ kind: 'corrupted-data' })],
  [/^stall-always$/, () => ({ kind: 'stall', forMs: STALL_MS, afterBytes: 0 })],
  [/^stall-at-256KiB$/, () => ({ kind: 'stall', forMs: STALL_MS, afterBytes: 256 * KIBIBYTE })],
  [
    /^stall-for-(\d{1,6})s-after-(\d+)K$/,
    (seconds, kib) => ({ kind: 'stall', forMs: Number(seconds) * 1000, afterBytes: Number(kib) * KIBIBYTE }),
  ],
  [
    /^return-(shuffled-parts|missing-part|repeated-part)$/,
    (kind) => ({ kind: kind as 'shuffled-parts' | 'missing-part' | 'repeated-part' }),
  ],
]
