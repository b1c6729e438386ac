import type { RestParameter } from '../discovery/document.ts'
import { compilePattern } from './pattern.ts'
import { digits, isLong, not, RANGES, scalarProblem, tagOf } from './scalar.ts'

/** What is wrong with a value, or undefined. */
export type ParameterCheck = (value: unknown) => string | undefined

/**
 * Makes the check of one value of a parameter; for a list, ask for each item. A good value costs one look at its type
 * and one cheap test; only what those do not take is looked at closely.
 * @returns undefined when no value of the parameter can be wrong
 */
export function compileParameterCheck(parameter: RestParameter): ParameterCheck | undefined {
  const isPlainlyGood = quickTest(parameter)
  return isPlainlyGood && ((value) => (isPlainlyGood(value) ? undefined : problemOf(value, parameter)))
}

type Test = (value: unknown) => boolean

/** A test that good values of the usual kind pass, and no bad ones. */
function quickTest(parameter: RestParameter): Test | undefined {
  const { type, format, enum: names, pattern } = parameter
  switch (type) {
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'object':
      return (value) => tagOf(value) === 'Object'
    case 'number': {
      const [low, high] = limits(parameter)
      return (value) => typeof value === 'number' && value >= low && value <= high
    }
    case 'integer':
      return integerTest(parameter)
    case 'string':
      if (isLong(parameter)) return integerTest(parameter)
      if (format !== undefined && format !== 'google-fieldmask') return () => false
      if (Array.isArray(names) && names.length > 0) {
        const known = new Set<unknown>(names)
        return (value) => known.has(value)
      }
      return textTest(pattern === undefined ? undefined : patternTest(pattern))
    default:
      return undefined
  }
}

/** Firestore writes `…/documents/.*` where the root of all documents is meant too, and names it in examples. */
function patternTest(pattern: string): ((text: string) => boolean) | undefined {
  const matches = compilePattern(pattern)
  const parent = pattern.endsWith('/documents/.*$') ? compilePattern(`${pattern.slice(0, -4)}$`) : undefined
  return matches && parent ? (text) => matches(text) || parent(text) : matches
}

function textTest(matches: ((text: string) => boolean) | undefined): Test {
  return matches
    ? (value) => typeof value === 'string' && matches(value)
    : (value) => typeof value === 'string'
}

function integerTest(parameter: RestParameter): Test {
  const [low, high] = limits(parameter)
  return (value) => Number.isInteger(value) && (value as number) >= low && (value as number) <= high
}

/** Limits between which a number is exact and good. */
function limits({ format, minimum, maximum }: RestParameter): [number, number] {
  const [least, greatest] = RANGES.get(format) ?? [-Infinity, Infinity]
  return [
    Math.max(Number(least), Number.MIN_SAFE_INTEGER, Number(minimum ?? -Infinity)),
    Math.min(Number(greatest), Number.MAX_SAFE_INTEGER, Number(maximum ?? Infinity)),
  ]
}

/** An address has only text, so a number may be given as its digits, and bytes have no form. */
function problemOf(value: unknown, parameter: RestParameter): string | undefined {
  const { type } = parameter
  if (type === 'object') return not('an object', value)
  if (value instanceof Uint8Array) return not('a text', value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return undefined
  if (type === 'integer') return scalarProblem(digits(value), parameter)
  if (type === 'number' && typeof value === 'string' && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value))
    return scalarProblem(Number(value), parameter)
  return scalarProblem(value, parameter)
}
