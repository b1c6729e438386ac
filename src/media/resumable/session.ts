import { type Failure, retryDelayMs } from '../../transport/retry-decision.ts'
import type {
  SessionAction,
  SessionEvent,
  SessionFacts,
  SessionFailure,
  SessionState,
} from './session-state.ts'

/** A new state, and what to do. */
export interface Step {
  readonly state: SessionState
  readonly action: SessionAction
}

/** The state of an upload of which nothing was sent. */
export function newSession(
  facts: SessionFacts,
  total: number | undefined,
  granularity: number,
): SessionState {
  return {
    facts,
    total,
    begun: false,
    granularity,
    acknowledged: 0,
    sent: 0,
    failures: 0,
    overshoots: 0,
    restarts: 0,
    own: false,
    foreign: false,
    pending: false,
    asked: false,
    ended: false,
  }
}

/**
 * The rules of resumable uploads, without any I/O: what happened leads to a new state and one action, whose outcome is
 * the next event. After any doubt the server is asked before bytes are sent; nothing is sent that it has; every way ends.
 */
export function next(before: SessionState, event: SessionEvent): Step {
  const state: SessionState = {
    ...before,
    sent: Math.max(before.sent, event.sent ?? 0),
    total: event.total ?? before.total,
  }
  if (before.ended) return fail(state, 'refused')
  switch (event.type) {
    case 'begin':
      return { state, action: { type: 'start' } }
    case 'continue': {
      const { acknowledged, granularity } = event
      return ask({ ...state, begun: true, granularity, acknowledged, sent: acknowledged })
    }
    case 'started':
      return send({ ...state, begun: true, own: true, granularity: event.granularity ?? state.granularity })
    case 'stored':
      return stored(state, event)
    case 'completed':
      return completed(state)
    case 'unclear':
      return state.asked ? wait(state, event) : ask(state)
    case 'doubt':
      return wait(state, event)
    case 'waited':
      return state.begun ? ask(state) : { state, action: { type: 'start' } }
    case 'lost':
      if (state.restarts > 0 || !event.rewindable) return fail(state, 'lost')
      return {
        state: {
          ...state,
          begun: false,
          acknowledged: 0,
          sent: 0,
          overshoots: 0,
          foreign: false,
          pending: false,
          restarts: 1,
        },
        action: { type: 'start' },
      }
    case 'refused':
      return fail(state, 'refused')
    case 'paused':
      return { state: { ...state, pending: false }, action: { type: 'rest' } } // not the server's doing
    case 'cancel':
    default:
      return { state: { ...state, ended: true }, action: { type: 'cancel' } }
  }
}

/** The bytes that go next, from those that the server has. */
function send(state: SessionState): Step {
  const { acknowledged: from, total, granularity, facts } = state
  const { chunkBytes, declares } = facts
  // What is not the last must be a multiple; a server may ask for another than the one our size is a multiple of.
  const chunk = chunkBytes && Math.ceil(chunkBytes / granularity) * granularity
  let to = total
  if (chunk) to = Math.min(from + chunk, total ?? Infinity)
  else if (total !== undefined && declares && from < total && granularity <= MOST_TAIL_BYTES) {
    const whole = Math.floor((total - 1 - from) / granularity) * granularity
    if (whole > 0) to = from + whole
  }
  return { state: { ...state, own: true, pending: true, asked: false }, action: { type: 'send', from, to } }
}

/** The last request has at most so many bytes, which are held in memory. */
const MOST_TAIL_BYTES = 16_777_216

function ask(state: SessionState): Step {
  return { state: { ...state, asked: true }, action: { type: 'query' } }
}

function fail(state: SessionState, why: SessionFailure): Step {
  return { state: { ...state, ended: true }, action: { type: 'fail', why } }
}

function stored(state: SessionState, event: Extract<SessionEvent, { type: 'stored' }>): Step {
  const { bytes } = event
  // What a state of before says is only that: the server knows better, as long as the bytes can be had again.
  if (bytes < state.acknowledged && (state.own || !state.facts.replayable)) return fail(state, 'shrank')
  if (bytes > (state.total ?? Infinity)) return fail(state, 'beyond')
  if (bytes > state.sent && !state.facts.shared) {
    // Once may be a mistake of somebody between.
    return state.overshoots > 0 ? fail(state, 'beyond') : ask({ ...state, overshoots: 1 })
  }
  const progress = bytes > state.acknowledged
  const known: SessionState = {
    ...state,
    acknowledged: bytes,
    sent: Math.max(state.sent, bytes),
    foreign: state.foreign || (state.own && bytes > state.sent),
    overshoots: 0,
    failures: progress ? 0 : state.failures,
  }
  // Bytes went out and nothing was kept of them: as good as no answer.
  if (!progress && state.pending) return wait(known, event)
  return send(known)
}

/** A server cannot have all of what was not sent, unless somebody else sent it; then it says so when it is asked. */
function completed(state: SessionState): Step {
  const { facts, sent, total, own, asked } = state
  const isEarly = total === undefined || sent < total
  if (isEarly && !facts.shared) return fail(state, 'early')
  if (isEarly && !asked) return ask(state)
  const foreign = state.foreign || (own && isEarly)
  return { state: { ...state, foreign, ended: true }, action: { type: 'done' } }
}

function wait(state: SessionState, { failure = NOTHING_KEPT, random, now }: Doubt): Step {
  const failures = state.failures + 1
  const { policy } = state.facts
  if (failures >= policy.maxAttempts) return fail({ ...state, failures }, 'exhausted')
  const delayMs = retryDelayMs(failure, failures, policy, () => random, now)
  return { state: { ...state, failures, pending: false }, action: { type: 'wait', delayMs } }
}

/** What a wait is for. */
interface Doubt {
  readonly failure?: Failure
  readonly random: number
  readonly now: number
}

const NOTHING_KEPT: Failure = { error: undefined }
