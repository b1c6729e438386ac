import type { RestParameter } from '../discovery/document.ts'

/**
 * A value as it is written in an address: int64 as decimal digits, times in RFC 3339, days as `2026-11-20`, a JSON object
 * where the document wants one. Gives undefined for a value that has no such form, such as a function or NaN.
 */
export function formatValue(value: unknown, { type, format }: RestParameter = {}): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      // An integer that is not safe has lost digits; a floating-point number has not.
      return Number.isInteger(value) && !Number.isSafeInteger(value) && type !== 'number'
        ? undefined
        : finite(value)
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'object':
      if (value instanceof Date && !Number.isNaN(value.getTime())) {
        return value.toISOString().slice(0, format === 'date' ? 10 : undefined)
      }
      return type === 'object' ? jsonText(value) : undefined
    default:
      return undefined
  }
}

/** What a parameter takes, for error messages. */
export function describeParameter(parameter: RestParameter): string {
  const type = parameter.enum
    ? `one of ${parameter.enum.slice(0, 8).join(', ')}`
    : (parameter.format ?? parameter.type)
  if (parameter.repeated) return `a list of ${type ?? 'values'}`
  return type === undefined
    ? 'a value'
    : parameter.enum
      ? type
      : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`
}

function finite(value: number): string | undefined {
  return Number.isFinite(value) ? String(value) : undefined
}

function jsonText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined // a cycle
  }
}
