/**
 * A time in ISO 8601 to the second, with or without a fraction. Without a zone it is UTC, as Python's `utcnow()` writes it.
 * @returns milliseconds since 1970; NaN for what is no such time
 */
export function utcTime(text: unknown): number {
  const [, time, zone = 'Z'] = (typeof text === 'string' && TIME.exec(text)) || []
  return time === undefined ? NaN : Date.parse(time.replace(' ', 'T') + zone)
}

const TIME = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/
