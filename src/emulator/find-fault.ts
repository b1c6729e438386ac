import type { HttpHeaders } from '../protocol/http.ts'
import { ApiFailure, invalid } from './api-failure.ts'
import { type Fault, type Faults, isForBatches, type PendingFault } from './faults.ts'
import { readInstruction } from './instructions.ts'
import type { RetryTests } from './retry-tests.ts'

/**
 * The fault that a call is to meet: one of the test that it names, the one that it asks for in a header, or the next of
 * its method. A test or an instruction that there is not fails the call.
 */
export function findFault(
  { faults, retryTests }: { readonly faults: Faults; readonly retryTests: RetryTests },
  methodId: string,
  headers: HttpHeaders,
): PendingFault | undefined {
  const { 'x-retry-test-id': testId, 'x-goog-emulator-instructions': instruction } = headers
  try {
    const ofTest = testId === undefined ? undefined : retryTests.next(testId, methodId)
    if (ofTest) return ofTest
    return instruction === undefined ? faults.next(methodId) : once(readHeader(instruction))
  } catch (error) {
    if (error instanceof ApiFailure) return once({ kind: 'failure', failure: error })
    throw error
  }
}

function readHeader(instruction: string): Fault {
  const fault = readInstruction(instruction)
  if (fault && !isForBatches(fault)) return fault
  throw invalid(`x-goog-emulator-instructions: '${instruction}' is not known here.`)
}

function once(fault: Fault): PendingFault {
  let met = false
  return { fault, meet: () => !met && (met = true) }
}
