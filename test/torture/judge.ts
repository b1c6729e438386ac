import { inspect } from 'node:util'
import {
  DataLossError,
  DiscokitError,
  GoogleApiError,
  MaybeAppliedError,
  ParseError,
  SessionLostError,
  TimeoutError,
  TransportError,
} from 'discokit'
import type { Ledger } from './ledger.ts'

/** What is wrong with an error: it is of no kind that callers know, tells a secret, or tells of what did not happen. */
export function judgeError(error: unknown, ledger: Ledger): string[] {
  if (!(error instanceof DiscokitError)) return [`no error of ours: ${inspect(error)}`]
  const wrong: string[] = []
  const check = (holds: boolean, what: string): void => {
    if (!holds) wrong.push(`${error.name} (${error.message}): ${what}`)
  }
  const text = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + String(error.stack)
  for (const secret of ledger.secrets) check(!text.includes(secret), 'tells a secret')
  const brokeOff = ledger.has(...BROKEN)
  if (error instanceof GoogleApiError) {
    check(ledger.statuses.has(error.status), 'nobody answered so')
    const passing = error.status === 408 || error.status === 429 || error.status >= 500
    check(error.retryable === passing, `retryable is ${error.retryable}`)
  } else if (error instanceof MaybeAppliedError) {
    check(brokeOff || ledger.has('lose-session', 'status'), 'every request was answered')
  } else if (error instanceof TransportError) {
    check(brokeOff || ledger.has('lie-of-range'), 'no connection broke')
  } else if (error instanceof DataLossError) {
    check(ledger.has('corrupt-content', 'corrupt-answer', 'lie-of-range', 'shift-range'), 'no data was lost')
  } else if (error instanceof SessionLostError) {
    check(ledger.has('lose-session'), 'no session was lost')
  } else if (error instanceof ParseError) {
    check(ledger.has('garble', 'lie-of-range', 'corrupt-answer'), 'every answer could be read')
  } else if (error instanceof TimeoutError) {
    check(ledger.timed, 'it has no time limit')
  } else check(false, 'is not expected here')
  return wrong
}

/** Whether an error says, of an effect that happened, that it may have. */
export function admitsEffect(error: unknown): boolean {
  return (
    error instanceof MaybeAppliedError ||
    error instanceof DataLossError || // says what is stored, or that it must be looked at
    error instanceof ParseError || // of an answer that said success
    error instanceof TimeoutError ||
    (error instanceof TransportError && error.progress !== 'unsent')
  )
}

const BROKEN = [
  'refused',
  'reset-before',
  'reset-within',
  'reset-after',
  'stall',
  'stall-within',
  'stall-after',
  'stall-answer',
  'cut',
  'short',
]
