import { invalid, notModelled } from '../../api-failure.ts'
import { checkShape, mergePatch, pick, type Shape } from '../../fields.ts'
import type { JsonObject } from '../../service.ts'
import { type Calendar, type CalendarEvent, etagOf } from './calendar-state.ts'
import { EVENT_COLORS } from './colors.ts'
import { readSpan } from './event-time.ts'

/** What callers set on an event, after a body is merged into what was there before. */
export function eventFields(calendar: Calendar, before: JsonObject, body: JsonObject): JsonObject {
  checkShape(body, SHAPE, 'event')
  if (body.conferenceData) throw notModelled('conferences of events')
  const fields = mergePatch(before, pick(body, Object.keys(SHAPE)))
  readSpan(fields, zoneOf(calendar))
  if (typeof fields.colorId === 'string' && !EVENT_COLORS[fields.colorId]) {
    throw invalid(`Invalid event color id: '${fields.colorId}'.`)
  }
  return fields
}

/** The time zone of a calendar. */
export function zoneOf({ fields }: Calendar): string {
  return typeof fields.timeZone === 'string' ? fields.timeZone : 'UTC'
}

/** An event as the API shows it; of a deleted one little is left. */
export function eventResource(
  calendar: Calendar,
  event: CalendarEvent,
  maxAttendees: number = Infinity,
): JsonObject {
  const { id, iCalUID, fields } = event
  const person = (email: string): JsonObject => ({ email, ...(email === calendar.id && { self: true }) })
  const attendees = Array.isArray(fields.attendees) ? (fields.attendees as JsonObject[]) : undefined
  return {
    kind: 'calendar#event',
    etag: etagOf(event),
    id,
    htmlLink: `https://www.google.com/calendar/event?eid=${btoa(id)}`,
    created: new Date(event.created).toISOString(),
    updated: new Date(event.updated).toISOString(),
    creator: person(event.creator),
    organizer: person(calendar.id),
    iCalUID,
    sequence: event.sequence,
    reminders: { useDefault: true },
    eventType: 'default',
    ...fields,
    status: event.cancelled ? 'cancelled' : (fields.status ?? 'confirmed'),
    ...(attendees && {
      attendees: attendees.slice(0, maxAttendees).map((each) => ({ responseStatus: 'needsAction', ...each })),
      ...(attendees.length > maxAttendees && { attendeesOmitted: true }),
    }),
  }
}

const TIME: Shape = { date: 'string', dateTime: 'string', timeZone: 'string' }
const SHAPE: Shape & object = {
  summary: 'string',
  description: 'string',
  location: 'string',
  start: TIME,
  end: TIME,
  recurrence: ['string'],
  attendees: [{ email: 'string', displayName: 'string', optional: 'boolean', responseStatus: 'string' }],
  colorId: 'string',
  eventType: 'string',
  extendedProperties: { private: {}, shared: {} },
  guestsCanInviteOthers: 'boolean',
  guestsCanModify: 'boolean',
  guestsCanSeeOtherGuests: 'boolean',
  reminders: { useDefault: 'boolean', overrides: [{ method: 'string', minutes: 'number' }] },
  source: { url: 'string', title: 'string' },
  status: 'string',
  transparency: 'string',
  visibility: 'string',
}
