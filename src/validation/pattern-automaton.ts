import type { PatternNode } from './pattern-syntax.ts'

/**
 * A pattern as a machine that follows all ways at once and reads a text once (Thompson's construction): the time is
 * the length of the text times the number of states, whatever the pattern.
 * @throws {RangeError} when counted repetitions make it too large.
 */
export function compileAutomaton(pattern: PatternNode): (text: string) => boolean {
  const end: State = { seen: 0 }
  const size = { steps: 0 }
  const start = build(pattern, end, size)
  let round = 0

  /** Adds a state to those that wait for a character, with all that can be reached from it without one. */
  function enter(state: State, waiting: State[], atStart: boolean, atEnd: boolean): void {
    if (state.seen === round) return
    state.seen = round
    if (state.matches !== undefined) waiting.push(state)
    else if (state.edge === undefined || (state.edge === 'start' ? atStart : atEnd)) {
      if (state.next) enter(state.next, waiting, atStart, atEnd)
      if (state.other) enter(state.other, waiting, atStart, atEnd)
    }
  }

  return (text) => {
    if (text.length * size.steps > MOST_STEPS) return true
    let waiting: State[] = []
    let position = 0
    round++
    enter(start, waiting, true, text === '')
    for (const character of text) {
      if (waiting.length === 0) return false
      position += character.length
      const reached: State[] = []
      round++
      for (const state of waiting) {
        if (state.matches!(character)) enter(state.next!, reached, false, position === text.length)
      }
      waiting = reached
    }
    return end.seen === round
  }
}

/** So much is looked at, some tenths of a second: a text that would take longer passes unread. */
const MOST_STEPS = 2e7

/** Waits for a character, or lets through: always, or at an edge of the text. */
interface State {
  matches?: (character: string) => boolean
  edge?: 'start' | 'end'
  next?: State
  other?: State
  /** The last round in which it was entered. */
  seen: number
}

const MAX_STEPS = 1000

/** The states of a node, put before those of what follows; gives the first. */
function build(node: PatternNode, next: State, size: { steps: number }): State {
  if (++size.steps > MAX_STEPS) throw new RangeError('the pattern is too large')
  switch (node.kind) {
    case 'character':
      return { matches: node.matches, next, seen: 0 }
    case 'edge':
      return { edge: node.start ? 'start' : 'end', next, seen: 0 }
    case 'sequence':
      return node.parts.reduceRight((after, part) => build(part, after, size), next)
    case 'choice':
      return node.parts
        .map((part) => build(part, next, size))
        .reduceRight((other, first) => ({ next: first, other, seen: 0 }))
    default:
      return repeated(node, next, size)
  }
}

function repeated(
  { body, min, max }: PatternNode & { kind: 'repeat' },
  next: State,
  size: { steps: number },
): State {
  let state = next
  let copies = min
  if (max === Infinity) {
    const loop: State = { other: next, seen: 0 }
    loop.next = build(body, loop, size)
    state = min === 0 ? loop : loop.next
    copies--
  } else {
    for (let i = min; i < max; i++) state = { next: build(body, state, size), other: next, seen: 0 }
  }
  for (; copies > 0; copies--) state = build(body, state, size)
  return state
}
