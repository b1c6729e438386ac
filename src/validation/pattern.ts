import { compileAutomaton } from './pattern-automaton.ts'
import { backtrackingCost } from './pattern-cost.ts'
import { parsePattern } from './pattern-syntax.ts'

/** Whether a whole text matches. */
export type PatternCheck = (text: string) => boolean

/**
 * Makes a document's pattern ready. It means the whole text, anchored or not, and characters are code points. The
 * pattern may be anybody's, so it can cost time only in proportion to the text: the native engine gets those that
 * provably do not make it go back much, an automaton the others.
 * @returns undefined for what is no pattern, is not supported or is too large: then texts are not checked
 */
export function compilePattern(source: string): PatternCheck | undefined {
  if (!cache.has(source)) {
    if (cache.size >= MAX_CACHED) cache.clear()
    cache.set(source, compile(source))
  }
  return cache.get(source)
}

const MAX_CACHED = 1000
const MAX_PATTERN = 2000
/** Longer texts pass unread: what has a pattern is a name. Beyond a million the native engine's stack would not do. */
const MAX_TEXT = 100_000
/** How many steps the native engine may need: some tenths of a second. */
const MAX_STEPS = 5e7
const cache = new Map<string, PatternCheck | undefined>()

function compile(source: string): PatternCheck | undefined {
  if (typeof source !== 'string' || source.length > MAX_PATTERN) return undefined
  const text = source.replace(/^\(\?i\)/, '')
  const flags = text === source ? 'u' : 'iu'
  try {
    RegExp(text, flags) // by itself, for `a)|(b` is none until something stands around it
    const pattern = parsePattern(text, flags)
    const native = new RegExp(`^(?:${text})$`, flags)
    const steps = backtrackingCost(pattern) * text.length * Math.min(pattern.longest + 1, MAX_TEXT)
    const check: PatternCheck =
      steps <= MAX_STEPS ? (value) => native.test(value) : rememberLast(compileAutomaton(pattern))
    return (value) => value.length > MAX_TEXT || check(value)
  } catch {
    return undefined
  }
}

/** The automaton takes microseconds, and a project is named in one call after the other. */
function rememberLast(check: PatternCheck): PatternCheck {
  let good: string | undefined
  return (text) => {
    if (text === good) return true
    if (!check(text)) return false
    good = text
    return true
  }
}
