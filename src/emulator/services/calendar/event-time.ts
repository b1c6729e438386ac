import { ApiFailure, invalid, invalidParameter } from '../../api-failure.ts'
import { isJsonObject, type JsonObject } from '../../service.ts'

/** When an event takes place, in milliseconds since 1970; the end is not part of it. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * The time of an event. Whole days are days of the calendar's time zone.
 * @throws {ApiFailure} 400 for a start or an end that is missing or is no time, and for an end before the start.
 */
export function readSpan(fields: JsonObject, calendarZone: string): Span {
  const start = readTime(fields.start, 'start', calendarZone)
  const end = readTime(fields.end, 'end', calendarZone)
  if (Object.hasOwn(fields.start as object, 'date') !== Object.hasOwn(fields.end as object, 'date')) {
    throw invalid('Start and end times must either both be date or both be dateTime.')
  }
  if (end < start) throw emptyRange()
  return { start, end }
}

/** A time of a parameter, which must say its offset from UTC. */
export function readTimeParameter(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = RFC_3339.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw invalidParameter(name, 'Bad Request', 'badRequest')
  return time
}

export function emptyRange(): ApiFailure {
  return new ApiFailure(400, 'timeRangeEmpty', 'The specified time range is empty.', {
    domain: 'calendar',
    location: 'timeMax',
    locationType: 'parameter',
  })
}

/** Refuses the name of a time zone that there is not. */
export function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone }).format()
  } catch {
    throw invalid(`Invalid time zone: '${timeZone}'.`)
  }
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i

function readTime(value: unknown, which: 'start' | 'end', calendarZone: string): number {
  if (!isJsonObject(value)) throw new ApiFailure(400, 'required', `Missing ${which} time.`)
  const { date, dateTime, timeZone } = value
  if (typeof timeZone === 'string') checkTimeZone(timeZone)
  if (typeof date === 'string' && dateTime === undefined && /^\d{4}-\d\d-\d\d$/.test(date)) {
    return checked(inZone(`${date}T00:00:00`, calendarZone), which)
  }
  if (typeof dateTime !== 'string' || date !== undefined) throw invalid(`Invalid ${which} time.`)
  if (RFC_3339.test(dateTime)) return checked(Date.parse(dateTime), which)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/.test(dateTime)) throw invalid(`Invalid ${which} time.`)
  if (typeof timeZone !== 'string') {
    throw new ApiFailure(400, 'required', `Missing time zone definition for ${which} time.`)
  }
  return checked(inZone(dateTime, timeZone), which)
}

function checked(time: number, which: string): number {
  if (Number.isNaN(time)) throw invalid(`Invalid ${which} time.`)
  return time
}

/** The moment at which clocks of a zone show a time. Near a change of the clocks, the offset after it counts. */
function inZone(local: string, timeZone: string): number {
  const asUtc = Date.parse(`${local}Z`)
  if (Number.isNaN(asUtc)) return asUtc
  const first = asUtc - offsetAt(asUtc, timeZone)
  return asUtc - offsetAt(first, timeZone)
}

function offsetAt(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(time)
  const part = (type: string): number => Number(parts.find((each) => each.type === type)?.value)
  const shown = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return shown - Math.floor(time / 1000) * 1000
}
