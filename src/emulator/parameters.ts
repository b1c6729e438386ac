import type { RestDescription, RestMethod, RestParameter } from '../discovery/document.ts'
import { type ApiFailure, invalidParameter, required } from './api-failure.ts'

/** A decoded value. 64-bit integers, which JSON and addresses carry as text, are bigints. */
export type ParameterValue = string | number | boolean | bigint

/** The parameters of a call, path and query alike, with the types their document gives them. */
export interface CallParameters {
  text(name: string): string | undefined
  number(name: string): number | undefined
  int64(name: string): bigint | undefined
  /** Whether a boolean parameter is given and true. */
  flag(name: string): boolean
  /** All values of a repeated parameter. */
  all(name: string): readonly ParameterValue[]
}

/**
 * Reads the parameters that the document knows; others are ignored, as Google does.
 * @throws {ApiFailure} 400 `required` or `invalidParameter`.
 */
export function readParameters(
  document: RestDescription,
  method: RestMethod,
  pathValues: Readonly<Record<string, string>>,
  query: URLSearchParams,
): CallParameters {
  const values = new Map<string, readonly ParameterValue[]>()
  for (const [name, parameter] of Object.entries({ ...document.parameters, ...method.parameters })) {
    const texts = Object.hasOwn(pathValues, name) ? [pathValues[name]!] : query.getAll(name)
    // The last one counts where only one may be.
    const used = parameter.repeated ? texts : texts.slice(-1)
    if (used.length > 0) {
      values.set(
        name,
        used.map((text) => decode(name, text, parameter)),
      )
    } else if (parameter.required) throw required(name)
  }
  return typedAccess(values)
}

/** Whether a value has the form a document demands. Patterns are meant for the whole value, anchored or not. */
export function fitsPattern(value: string, pattern: string | undefined): boolean {
  if (pattern === undefined) return true
  let expression = patterns.get(pattern)
  if (expression === undefined) patterns.set(pattern, (expression = compilePattern(pattern)))
  return expression === null || expression.test(value)
}

function typedAccess(values: ReadonlyMap<string, readonly ParameterValue[]>): CallParameters {
  const one = <T extends ParameterValue>(
    name: string,
    isT: (value: unknown) => value is T,
  ): T | undefined => {
    const value = values.get(name)?.[0]
    return isT(value) ? value : undefined
  }
  return {
    text: (name) => one(name, (value) => typeof value === 'string'),
    number: (name) => one(name, (value) => typeof value === 'number'),
    int64: (name) => one(name, (value) => typeof value === 'bigint'),
    flag: (name) => values.get(name)?.[0] === true,
    all: (name) => values.get(name) ?? [],
  }
}

function decode(name: string, text: string, parameter: RestParameter): ParameterValue {
  const value = decodeType(text, parameter)
  if (value === undefined) throw refused(name, text, describeType(parameter))
  if (parameter.enum && !parameter.enum.includes(text)) {
    throw refused(name, text, `one of ${parameter.enum.join(', ')}`)
  }
  if (!fitsPattern(text, parameter.pattern)) throw refused(name, text, `text like ${parameter.pattern}`)
  if (typeof value === 'number' && !inBounds(value, parameter)) {
    throw refused(name, text, `between ${parameter.minimum ?? '-∞'} and ${parameter.maximum ?? '∞'}`)
  }
  return value
}

function decodeType(text: string, { type, format }: RestParameter): ParameterValue | undefined {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (type === 'number') return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
  const bounds = INTEGERS[format ?? (type === 'integer' ? 'int32' : '')]
  if (!bounds) return text
  if (!/^-?\d{1,20}$/.test(text)) return undefined
  const integer = BigInt(text)
  if (integer < bounds[0] || integer > bounds[1]) return undefined
  return type === 'integer' ? Number(integer) : integer
}

const INTEGERS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
}

function inBounds(value: number, { minimum, maximum }: RestParameter): boolean {
  return value >= Number(minimum ?? -Infinity) && value <= Number(maximum ?? Infinity)
}

function describeType({ type, format }: RestParameter): string {
  return type === 'boolean' ? 'true or false' : `a value of type ${format ?? type ?? 'string'}`
}

function refused(name: string, text: string, expected: string): ApiFailure {
  const message = `Invalid value '${text}' of parameter ${name}: must be ${expected}.`
  return invalidParameter(name, message, 'invalidParameter')
}

const patterns = new Map<string, RegExp | null>()

/** Some patterns use features of other dialects, such as `(?i)`; those cannot be checked here. */
function compilePattern(pattern: string): RegExp | null {
  try {
    return new RegExp(`^(?:${pattern})$`)
  } catch {
    return null
  }
}
