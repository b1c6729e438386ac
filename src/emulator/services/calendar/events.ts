import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { ApiFailure, invalid, notFound, required } from '../../api-failure.ts'
import { nextId } from '../../ids.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import {
  type Calendar,
  type CalendarEvent,
  calendarState,
  etagOf,
  nextChange,
  requireCalendar,
} from './calendar-state.ts'
import { eventFields, eventResource } from './event-resource.ts'

/** `calendar.events.insert` */
export async function insertEvent(call: Call): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const calendar = requireCalendar(call, 'writer')
  const id = newId(call, calendar, body.id)
  return putEvent(call, calendar, newEvent(call, id, eventFields(calendar, {}, body)))
}

/** `calendar.events.import`: a copy of another calendar's event; the same event again takes its place. */
export async function importEvent(call: Call): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const calendar = requireCalendar(call, 'writer')
  const { iCalUID } = body
  if (typeof iCalUID !== 'string' || iCalUID === '') throw required('iCalUID')
  const fields = eventFields(calendar, {}, body)
  const before = [...calendar.events.values()].find((event) => event.iCalUID === iCalUID && !event.cancelled)
  const event = before ?? newEvent(call, nextId(call, 26, BASE_32), fields)
  return putEvent(call, calendar, { ...event, iCalUID, fields })
}

/** `calendar.events.quickAdd`: the text becomes the title of an hour from now on; times in it are not understood. */
export function quickAddEvent(call: Call): HttpResponse {
  const calendar = requireCalendar(call, 'writer')
  const now = Math.floor(call.clock.now() / 60_000) * 60_000
  const time = (at: number): JsonObject => ({ dateTime: new Date(at).toISOString() })
  const fields = { summary: call.parameters.text('text'), start: time(now), end: time(now + 3_600_000) }
  return putEvent(call, calendar, newEvent(call, nextId(call, 26, BASE_32), fields))
}

/** `calendar.events.get` */
export function getEvent(call: Call): HttpResponse {
  const calendar = requireCalendar(call, 'reader')
  return eventAnswer(call, calendar, requireEvent(call, calendar))
}

/** `calendar.events.patch` */
export function patchEvent(call: Call): Promise<HttpResponse> {
  return changeEvent(call, (before) => before)
}

/** `calendar.events.update` */
export function updateEvent(call: Call): Promise<HttpResponse> {
  return changeEvent(call, () => ({}))
}

/** `calendar.events.delete`: what is left says that there was one, for those who synchronise. */
export function deleteEvent(call: Call): HttpResponse {
  const calendar = requireCalendar(call, 'writer')
  const event = requireEvent(call, calendar)
  if (event.cancelled) throw new ApiFailure(410, 'deleted', 'Resource has been deleted')
  checkMatch(call, event)
  putEvent(call, calendar, { ...event, cancelled: true })
  return emptyAnswer()
}

async function changeEvent(call: Call, kept: (before: JsonObject) => JsonObject): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const calendar = requireCalendar(call, 'writer')
  const event = requireEvent(call, calendar)
  checkMatch(call, event)
  const fields = eventFields(calendar, kept(event.fields), body)
  const moved =
    JSON.stringify([fields.start, fields.end]) !== JSON.stringify([event.fields.start, event.fields.end])
  return putEvent(call, calendar, {
    ...event,
    fields,
    cancelled: fields.status === 'cancelled',
    sequence: event.sequence + (moved ? 1 : 0),
  })
}

function newEvent(call: Call, id: string, fields: JsonObject): CalendarEvent {
  const now = call.clock.now()
  return {
    id,
    iCalUID: `${id}@google.com`,
    cancelled: false,
    created: now,
    updated: now,
    sequence: 0,
    creator: callerEmail(call),
    change: 0,
    fields,
  }
}

function putEvent(call: Call, calendar: Calendar, changed: CalendarEvent): HttpResponse {
  const event = { ...changed, updated: call.clock.now(), change: nextChange(calendarState(call)) }
  calendar.events.set(event.id, event)
  return eventAnswer(call, calendar, event)
}

function eventAnswer(call: Call, calendar: Calendar, event: CalendarEvent): HttpResponse {
  return jsonAnswer(eventResource(calendar, event, call.parameters.number('maxAttendees')), 200, {
    etag: etagOf(event),
  })
}

function requireEvent(call: Call, calendar: Calendar): CalendarEvent {
  const event = calendar.events.get(call.parameters.text('eventId')!)
  if (!event) throw notFound('Not Found')
  return event
}

/** `If-Match` keeps a change from undoing one that the caller has not seen. */
function checkMatch(call: Call, event: CalendarEvent): void {
  const wanted = call.headers['if-match']
  if (wanted !== undefined && wanted !== '*' && wanted !== etagOf(event)) {
    throw new ApiFailure(412, 'conditionNotMet', 'Precondition Failed', {
      location: 'If-Match',
      locationType: 'header',
    })
  }
}

const BASE_32 = '0123456789abcdefghijklmnopqrstuv'

function newId(call: Call, calendar: Calendar, id: unknown): string {
  if (id === undefined || id === null) return nextId(call, 26, BASE_32)
  if (typeof id !== 'string' || !/^[0-9a-v]{5,1024}$/.test(id)) throw invalid('Invalid resource id value.')
  if (!calendar.events.has(id)) return id
  throw new ApiFailure(409, 'duplicate', 'The requested identifier already exists.')
}
