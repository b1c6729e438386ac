import { array, assert, boolean, constant, constantFrom, nat, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { newSession, next, type Step } from '../../../src/media/resumable/session.ts'
import type {
  SessionAction,
  SessionEvent,
  SessionFacts,
  SessionState,
} from '../../../src/media/resumable/session-state.ts'

const K = 262_144
const policy = { maxAttempts: 3, baseDelayMs: 1_000, maxDelayMs: 60_000 }
const FACTS: SessionFacts = {
  chunkBytes: undefined,
  replayable: true,
  declares: false,
  shared: false,
  policy,
}
const sure = { random: 1, now: 0 }
const status = (code: number, headers = {}): SessionEvent => ({
  type: 'doubt',
  failure: { status: code, headers, body: {} },
  ...sure,
})
const stored = (bytes: number, sent?: number, total?: number): SessionEvent => ({
  type: 'stored',
  bytes,
  ...sure,
  ...(sent !== undefined && { sent }),
  ...(total !== undefined && { total }),
})
const completed = (sent?: number, total?: number): SessionEvent => ({
  type: 'completed',
  ...(sent !== undefined && { sent }),
  ...(total !== undefined && { total }),
})

interface Row {
  readonly facts?: Partial<SessionFacts>
  readonly total?: number | undefined
  /** Events, each with the action that it leads to. */
  readonly story: readonly (readonly [SessionEvent, SessionAction])[]
}

const begin: SessionEvent = { type: 'begin' }
const started: SessionEvent = { type: 'started', granularity: undefined }
const lost = (rewindable = true): SessionEvent => ({ type: 'lost', rewindable })
const waited: SessionEvent = { type: 'waited' }
const START: SessionAction = { type: 'start' }
const QUERY: SessionAction = { type: 'query' }
const DONE: SessionAction = { type: 'done' }
const send = (from: number, to?: number): SessionAction => ({ type: 'send', from, to })
const wait = (delayMs: number): SessionAction => ({ type: 'wait', delayMs })
const fail = (why: Extract<SessionAction, { type: 'fail' }>['why']): SessionAction => ({ type: 'fail', why })

const ROWS: Readonly<Record<string, Row>> = {
  'the whole body in one request': {
    total: 10,
    story: [
      [begin, START],
      [started, send(0, 10)],
      [completed(10), DONE],
    ],
  },
  'an empty body': {
    total: 0,
    story: [
      [begin, START],
      [started, send(0, 0)],
      [completed(0), DONE],
    ],
  },
  'chunks of a known length': {
    total: 5 * K + 3,
    facts: { chunkBytes: 2 * K },
    story: [
      [begin, START],
      [started, send(0, 2 * K)],
      [stored(2 * K, 2 * K), send(2 * K, 4 * K)],
      [stored(4 * K, 4 * K), send(4 * K, 5 * K + 3)],
      [completed(5 * K + 3), DONE],
    ],
  },
  'chunks of an unknown length that ends in one': {
    facts: { chunkBytes: K },
    story: [
      [begin, START],
      [started, send(0, K)],
      [stored(K, K), send(K, 2 * K)],
      [completed(K + 5, K + 5), DONE],
    ],
  },
  'chunks of an unknown length that ended at a boundary, whose end is not taken': {
    facts: { chunkBytes: K },
    story: [
      [begin, START],
      [started, send(0, K)],
      [stored(K, K, K), send(K, K)],
      [completed(K), DONE],
    ],
  },
  'an open stream': {
    story: [
      [begin, START],
      [started, send(0)],
      [completed(77, 77), DONE],
    ],
  },
  'an open stream that broke': {
    story: [
      [begin, START],
      [started, send(0)],
      [{ ...status(503), sent: 3 * K }, wait(1_000)],
      [waited, QUERY],
      [stored(2 * K), send(2 * K)],
      [completed(4 * K, 4 * K), DONE],
    ],
  },
  'the last bytes in a request of their own, when a checksum is declared': {
    total: 3 * K,
    facts: { declares: true },
    story: [
      [begin, START],
      [started, send(0, 2 * K)],
      [stored(2 * K, 2 * K), send(2 * K, 3 * K)],
      [completed(3 * K), DONE],
    ],
  },
  'after a place that is no multiple the next chunk still is one': {
    total: 10 * K,
    facts: { declares: true },
    story: [
      [begin, START],
      [started, send(0, 9 * K)],
      [stored(1_000, 9 * K), send(1_000, 1_000 + 9 * K)],
      [stored(1_000 + 9 * K, 1_000 + 9 * K), send(1_000 + 9 * K, 10 * K)],
      [completed(10 * K), DONE],
    ],
  },
  "the server's granularity": {
    total: 100,
    facts: { chunkBytes: 10 },
    story: [
      [begin, START],
      [{ type: 'started', granularity: 16 }, send(0, 16)],
      [stored(16, 16), send(16, 32)],
    ],
  },
  'fewer stored than sent: goes on behind what is stored': {
    total: 4 * K,
    facts: { chunkBytes: 2 * K },
    story: [
      [begin, START],
      [started, send(0, 2 * K)],
      [stored(K, 2 * K), send(K, 3 * K)],
    ],
  },
  'nothing stored of what was sent waits, and gives up in the end': {
    total: 10,
    story: [
      [begin, START],
      [started, send(0, 10)],
      [stored(0, 10), wait(1_000)],
      [waited, QUERY],
      [stored(0), send(0, 10)],
      [stored(0, 10), wait(2_000)],
      [waited, QUERY],
      [stored(0), send(0, 10)],
      [stored(0, 10), fail('exhausted')],
    ],
  },
  'a start that fails is repeated': {
    total: 10,
    story: [
      [begin, START],
      [status(503), wait(1_000)],
      [waited, START],
      [status(429, { 'retry-after': '7' }), wait(8_000)],
      [waited, START],
      [started, send(0, 10)],
    ],
  },
  'a start that fails again and again': {
    total: 10,
    story: [
      [begin, START],
      [status(503), wait(1_000)],
      [waited, START],
      [status(503), wait(2_000)],
      [waited, START],
      [status(503), fail('exhausted')],
    ],
  },
  'progress makes the failures forgotten': {
    total: 10,
    story: [
      [begin, START],
      [started, send(0, 10)],
      [{ ...status(500), sent: 4 }, wait(1_000)],
      [waited, QUERY],
      [status(500), wait(2_000)],
      [waited, QUERY],
      [stored(3), send(3, 10)],
      [{ ...status(500), sent: 9 }, wait(1_000)],
      [waited, QUERY],
      [stored(9), send(9, 10)],
      [completed(10), DONE],
    ],
  },
  'the final answer is lost, and the question finds everything there': {
    total: 10,
    story: [
      [begin, START],
      [started, send(0, 10)],
      [{ ...status(503), sent: 10 }, wait(1_000)],
      [waited, QUERY],
      [completed(), DONE],
    ],
  },
  'more stored than sent is asked for once more and then a loss': {
    total: 10,
    story: [
      [begin, START],
      [started, send(0, 10)],
      [{ ...status(503), sent: 4 }, wait(1_000)],
      [waited, QUERY],
      [stored(6), QUERY],
      [stored(6), fail('beyond')],
    ],
  },
  'more stored than sent, which was a mistake': {
    total: 10,
    story: [
      [begin, START],
      [started, send(0, 10)],
      [{ ...status(503), sent: 4 }, wait(1_000)],
      [waited, QUERY],
      [stored(6), QUERY],
      [stored(4), send(4, 10)],
    ],
  },
  'more stored than sent, where another may go on with the same session': {
    total: 10,
    facts: { shared: true },
    story: [
      [{ type: 'continue', acknowledged: 2, granularity: 1 }, QUERY],
      [stored(6), send(6, 10)],
      [{ ...status(503), sent: 7 }, wait(1_000)],
      [waited, QUERY],
      [stored(9), send(9, 10)],
      [completed(10), DONE],
    ],
  },
  'more stored than there is': {
    total: 10,
    facts: { shared: true },
    story: [
      [{ type: 'continue', acknowledged: 2, granularity: 1 }, QUERY],
      [stored(11), fail('beyond')],
    ],
  },
  'a session of before of which the server has less': {
    total: 10,
    facts: { shared: true },
    story: [
      [{ type: 'continue', acknowledged: 5, granularity: 1 }, QUERY],
      [stored(4), send(4, 10)],
      [{ ...status(503), sent: 7 }, wait(1_000)],
      [waited, QUERY],
      [stored(3), fail('shrank')],
    ],
  },
  'a session of before that has shrunk, of what can be read once': {
    total: 10,
    facts: { shared: true, replayable: false },
    story: [
      [{ type: 'continue', acknowledged: 5, granularity: 1 }, QUERY],
      [stored(4), fail('shrank')],
    ],
  },
  'a session of before that is complete': {
    total: 10,
    facts: { shared: true },
    story: [
      [{ type: 'continue', acknowledged: 5, granularity: 1 }, QUERY],
      [completed(), DONE],
    ],
  },
  'complete before everything was sent, where another may have sent the rest: asked first': {
    total: 10,
    facts: { shared: true },
    story: [
      [begin, START],
      [started, send(0, 10)],
      [completed(4), QUERY],
      [completed(), DONE],
    ],
  },
  'complete too early, and then not': {
    total: 10,
    facts: { shared: true },
    story: [
      [begin, START],
      [started, send(0, 10)],
      [completed(4), QUERY],
      [stored(4), send(4, 10)],
      [completed(10), DONE],
    ],
  },
  'a stored range that shrinks': {
    total: 4 * K,
    facts: { chunkBytes: K },
    story: [
      [begin, START],
      [started, send(0, K)],
      [stored(K, K), send(K, 2 * K)],
      [stored(K - 1, 2 * K), fail('shrank')],
    ],
  },
  'complete before everything was sent': {
    total: 4 * K,
    facts: { chunkBytes: K },
    story: [
      [begin, START],
      [started, send(0, K)],
      [completed(K), fail('early')],
    ],
  },
  'complete before the end of the content is known': {
    facts: { chunkBytes: K },
    story: [
      [begin, START],
      [started, send(0, K)],
      [completed(K), fail('early')],
    ],
  },
  'a lost session begins anew, once': {
    total: 2 * K,
    facts: { chunkBytes: K },
    story: [
      [begin, START],
      [started, send(0, K)],
      [stored(K, K), send(K, 2 * K)],
      [lost(), START],
      [started, send(0, K)],
      [stored(K, K), send(K, 2 * K)],
      [lost(), fail('lost')],
    ],
  },
  'a lost session whose content is gone': {
    facts: { chunkBytes: K, replayable: false },
    story: [
      [begin, START],
      [started, send(0, K)],
      [stored(K, K), send(K, 2 * K)],
      [lost(false), fail('lost')],
    ],
  },
  'an answer that does not say what is stored': {
    total: 2 * K,
    facts: { chunkBytes: K },
    story: [
      [begin, START],
      [started, send(0, K)],
      [{ type: 'unclear', ...sure, sent: K }, QUERY],
      [{ type: 'unclear', ...sure }, wait(1_000)],
      [waited, QUERY],
      [stored(K), send(K, 2 * K)],
      [{ type: 'unclear', ...sure, sent: 2 * K }, QUERY],
      [stored(K), wait(1_000)],
    ],
  },
  'a refusal ends it': {
    total: 10,
    story: [
      [begin, START],
      [started, send(0, 10)],
      [{ type: 'refused', sent: 10 }, fail('refused')],
    ],
  },
  'pauses are no failed tries': {
    total: 10,
    facts: { policy: { ...policy, maxAttempts: 1 } },
    story: [
      [begin, START],
      [started, send(0, 10)],
      ...[1, 2, 3].flatMap((): [SessionEvent, SessionAction][] => [
        [{ type: 'paused', sent: 5 }, { type: 'rest' }],
        [waited, QUERY],
        [stored(0), send(0, 10)],
      ]),
      [completed(10), DONE],
    ],
  },
  'a pause rests, and asks before it goes on': {
    total: 10,
    story: [
      [begin, START],
      [started, send(0, 10)],
      [{ type: 'paused', sent: 5 }, { type: 'rest' }],
      [waited, QUERY],
      [stored(5), send(5, 10)],
    ],
  },
  'a pause before the session begins': {
    total: 10,
    story: [
      [begin, START],
      [{ type: 'paused' }, { type: 'rest' }],
      [waited, START],
    ],
  },
  'given up': {
    total: 10,
    story: [
      [begin, START],
      [started, send(0, 10)],
      [{ type: 'cancel' }, { type: 'cancel' }],
    ],
  },
}

describe('a session', () => {
  test.each(Object.entries(ROWS))('%s', (_, { facts, total, story }) => {
    let state: SessionState = newSession({ ...FACTS, ...facts }, total, K)
    const seen = story.map(([event]) => {
      const step = next(state, event)
      state = step.state
      return step.action
    })
    expect(seen).toEqual(story.map(([, action]) => action))
  })
})

/** Whatever a server may say to a request, from a list of numbers. */
function answerTo(
  action: SessionAction,
  state: SessionState,
  draw: () => number,
  length: number,
): SessionEvent {
  const kind = draw() % 12
  const upTo = action.type === 'send' ? Math.min(action.to ?? length, length) : 0
  const isSend = action.type === 'send'
  // Somebody else's session may have more than there is: the content cannot be read from there.
  if (isSend && action.from > length) return { type: 'refused' }
  const sent = isSend ? (kind === 1 ? action.from + (draw() % (upTo - action.from + 1)) : upTo) : undefined
  const told = { ...(sent !== undefined && { sent, ...(sent === length && { total: length }) }) }
  if (action.type === 'start') {
    if (kind < 8) return started
    return kind < 10 ? status(503) : { type: 'refused' }
  }
  if (kind === 0) return { type: 'refused', ...told }
  if (kind === 1 || kind === 2) return { ...status(503), ...told }
  if (kind === 3) return { ...lost(state.facts.replayable), ...told }
  if (kind === 4) return { type: 'completed', ...told }
  if (kind === 5) return { type: 'unclear', ...sure, ...told }
  if (kind === 6) return { type: 'stored', bytes: draw() % (length + 3), ...sure, ...told }
  const least = state.acknowledged
  const most = Math.max(least, sent ?? state.sent)
  const bytes = least + (draw() % (most - least + 1))
  if (isSend && upTo === length && bytes === length) return { type: 'completed', ...told }
  return { type: 'stored', bytes, ...sure, ...told }
}

describe('whatever the answers', () => {
  const facts = record({
    chunkBytes: constantFrom(undefined, 4, 8),
    replayable: boolean(),
    declares: boolean(),
    shared: boolean(),
    policy: constant(policy),
  })

  test('it ends, without a gap, and asks after every doubt', () => {
    assert(
      property(
        facts,
        nat(40),
        boolean(),
        array(nat(1_000), { minLength: 1, maxLength: 400 }),
        (given, length, known, numbers) => {
          let at = 0
          // When the numbers are used up, the server goes on to repeat itself.
          const draw = (): number => numbers[at++ % numbers.length]!
          let step: Step = next(newSession(given, known ? length : undefined, 4), begin)
          let doubted = false
          let finals = 0
          for (let turn = 0; ; turn++) {
            expect(turn).toBeLessThan(3_000)
            const { state, action } = step
            if (action.type === 'done' || action.type === 'fail') {
              expect(state.ended).toBe(true)
              expect(next(state, waited).action.type).toBe('fail')
              return
            }
            if (action.type === 'wait') {
              expect(action.delayMs).toBeGreaterThan(0)
              step = next(state, waited)
              expect(['query', 'start']).toContain(step.action.type)
              doubted = false
              continue
            }
            if (action.type === 'start') finals = 0
            if (action.type === 'send') {
              expect(doubted).toBe(false)
              expect(action.from).toBe(state.acknowledged)
              expect(action.to ?? Infinity).toBeGreaterThanOrEqual(action.from)
              const isLast = action.to === undefined || action.to >= length
              if (isLast) expect(finals++).toBe(0)
              else expect((action.to - action.from) % 4).toBe(0)
            }
            const event = answerTo(action, state, draw, length)
            if (event.type === 'doubt' || event.type === 'lost') doubted = true
            if (event.type === 'stored' || event.type === 'lost') finals = 0
            step = next(state, event)
            if (doubted && step.action.type === 'send') throw new Error('sends in doubt')
            if (step.action.type === 'start') doubted = false
          }
        },
      ),
      { numRuns: 2_000 },
    )
  })

  test('a server that keeps what it is sent gets all of it, in order', () => {
    assert(
      property(facts, nat(60), array(nat(100), { minLength: 1, maxLength: 50 }), (given, length, numbers) => {
        let at = 0
        const draw = (): number => numbers[at++ % numbers.length]!
        let held = 0
        let step: Step = next(newSession(given, length, 4), begin)
        for (let turn = 0; turn < 2_000; turn++) {
          const { state, action } = step
          if (action.type === 'done') {
            expect(held).toBe(length)
            return
          }
          if (action.type === 'fail') {
            expect(action.why).toBe('exhausted')
            return
          }
          if (action.type === 'start') step = next(state, started)
          else if (action.type === 'wait') step = next(state, waited)
          else if (action.type === 'query') step = next(state, held === length ? completed() : stored(held))
          else if (action.type === 'send') {
            expect(action.from).toBe(held)
            const to = action.to!
            const broken = draw() % 3 === 0
            if (broken) held += Math.floor((draw() % (to - held + 1)) / 4) * 4
            else held = to
            if (broken) step = next(state, { ...status(503), sent: to })
            else step = next(state, held === length ? completed(to) : stored(held, to))
          }
        }
        throw new Error('it did not end')
      }),
      { numRuns: 1_000 },
    )
  })
})
