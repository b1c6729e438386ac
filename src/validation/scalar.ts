import type { JsonSchema } from '../discovery/document.ts'
import { compilePattern } from './pattern.ts'

/**
 * What is wrong with a text, a number or a boolean, by the type, format, limits, enum and pattern of its schema.
 * Types and formats that are not known take everything, and so do faults of the schema.
 */
export function scalarProblem(value: unknown, schema: JsonSchema): string | undefined {
  switch (schema.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : not('true or false', value)
    case 'integer':
    case 'number':
      return numberProblem(value, schema)
    case 'string':
      return isLong(schema) ? numberProblem(digits(value), schema) : textProblem(value, schema)
    default:
      return undefined
  }
}

/** The least and the greatest of each integer format. */
export const RANGES: ReadonlyMap<unknown, readonly [bigint, bigint]> = new Map([
  ['int32', [-(2n ** 31n), 2n ** 31n - 1n]],
  ['uint32', [0n, 2n ** 32n - 1n]],
  ['int64', [-(2n ** 63n), 2n ** 63n - 1n]],
  ['uint64', [0n, 2n ** 64n - 1n]],
])

/** Whether these are integers of 64 bits, which JSON writes as texts. */
export function isLong({ format }: JsonSchema): boolean {
  return format === 'int64' || format === 'uint64'
}

/** Decimal digits as the integer they stand for; everything else as it is. */
export function digits(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,40}$/.test(value) ? BigInt(value) : value
}

/** What was expected, and what kind of value was given instead. The value itself may be a secret. */
export function not(expected: string, value: unknown): string {
  return `must be ${expected}, not ${kindOf(value)}`
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'number' && !Number.isInteger(value))
    return Number.isFinite(value) ? 'a fraction' : String(value)
  if (typeof value !== 'object') return `a ${typeof value}`
  if (Array.isArray(value)) return 'a list'
  const tag = tagOf(value)
  if (tag === 'Object') return 'an object'
  if (tag === 'Date' && Number.isNaN(+(value as Date))) return 'an invalid Date'
  return `${/^[AEIO]/.test(tag) ? 'an' : 'a'} ${tag.slice(0, 40)}`
}

/** `Object` for what JSON writes as an object, `Map`, `Date`, `Promise`, … for what it does not. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

function numberProblem(value: unknown, schema: JsonSchema): string | undefined {
  const { type, format } = schema
  if (typeof value === 'string') {
    // In JSON the numbers that have no digits are texts.
    if (type === 'number' && /^(NaN|-?Infinity)$/.test(value)) return undefined
    return type === 'string' ? `must be ${aNumber(schema)}` : not(aNumber(schema), value)
  }
  if (typeof value !== 'bigint') {
    if (type === 'number' ? !Number.isFinite(value) : !Number.isInteger(value))
      return not(aNumber(schema), value)
    if (format === 'float' && !Number.isFinite(Math.fround(value as number)))
      return `must be ${aNumber(schema)}`
    if (isLong(schema) && !Number.isSafeInteger(value))
      return 'must be exact: give so large a number as a text or a bigint'
  }
  const [least, greatest] = RANGES.get(format) ?? []
  const number = value as number | bigint // as was found
  return outside(number, least, greatest) ?? outside(number, schema.minimum, schema.maximum)
}

function aNumber({ type, format }: JsonSchema): string {
  return `${type === 'number' ? 'a number' : 'an integer'}${format ? ` (${format})` : ''}`
}

/** Limits are texts in documents. A text compared with a bigint is read as one, so that no digit is lost. */
function outside(
  value: number | bigint,
  minimum: bigint | string | undefined,
  maximum: bigint | string | undefined,
): string | undefined {
  if (minimum !== undefined && value < (minimum as bigint)) return `must be at least ${minimum}`
  return maximum !== undefined && value > (maximum as bigint) ? `must be at most ${maximum}` : undefined
}

function textProblem(value: unknown, schema: JsonSchema): string | undefined {
  const [expected, isValid, alternative] = FORMATS.get(schema.format) ?? ['a string']
  const plain = schema.format === undefined && schema.enum === undefined && schema.pattern === undefined
  if (alternative?.(value) || (plain && isDate(value))) return undefined
  if (Array.isArray(schema.enum) && schema.enum.length > 0) {
    return isOneOf(schema.enum, value)
      ? undefined
      : `must be one of ${listed(schema.enum)}${typeof value === 'string' ? '' : `, not ${kindOf(value)}`}`
  }
  if (typeof value !== 'string') return not(expected, value)
  if (isValid && !isValid(value)) return `must be ${expected}`
  const matches = schema.pattern === undefined ? undefined : compilePattern(schema.pattern)
  return matches && !matches(value) ? `must match ${schema.pattern!.slice(0, 200)}` : undefined
}

/** A long list is made a set when it is first asked. */
function isOneOf(names: readonly unknown[], value: unknown): boolean {
  if (names.length < 100) return names.includes(value)
  let set = sets.get(names)
  if (!set) sets.set(names, (set = new Set(names)))
  return set.has(value)
}

const sets = /* @__PURE__ */ new WeakMap<readonly unknown[], Set<unknown>>()

function listed(names: readonly string[]): string {
  return names.slice(0, 8).join(', ').slice(0, 300) + (names.length > 8 ? ', …' : '')
}

type Format = readonly [
  expected: string,
  isValid: (text: string) => boolean,
  alternative?: (value: unknown) => boolean,
]

const isDate = (value: unknown): boolean => value instanceof Date && !Number.isNaN(+value)
const TIME = 'a time such as 2026-01-31T12:00:00Z'

/** The formats of texts: what is expected, the texts that have it, and what else is written as one. */
const FORMATS: ReadonlyMap<unknown, Format> = new Map<unknown, Format>([
  ['date', ['a date such as 2026-01-31', isDay]],
  // Calendar takes times without an offset where the time zone stands beside them.
  ['date-time', [TIME, (text) => isTime(text) || isTime(`${text}Z`), isDate]],
  ['google-datetime', [TIME, isTime, isDate]],
  ['google-duration', ['a duration such as 1.5s', (text) => /^-?\d{1,12}(\.\d{1,9})?s$/.test(text)]],
  ['byte', ['base64 text or bytes', isBase64, (value) => value instanceof Uint8Array]],
])

function isTime(text: string): boolean {
  return (
    /^.{10}T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i.test(text) &&
    isDay(text.slice(0, 10))
  )
}

/** Whether the calendar has the day. It repeats itself after 400 years, and a Date takes the first for 19xx. */
function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(0[1-9]|1[0-2])-(\d\d)$/.exec(text) ?? []
  const days = new Date(Date.UTC(Number(year) + 2000, Number(month), 0)).getUTCDate() // NaN for what is no day
  return Number(day) > 0 && Number(day) <= days
}

function isBase64(text: string): boolean {
  const unpadded = text.replace(/[\r\n]/g, '').replace(/={1,2}$/, '') // mail has it in lines
  return /^[\w+/-]*$/.test(unpadded) && unpadded.length % 4 !== 1
}
