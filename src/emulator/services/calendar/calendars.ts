import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { ApiFailure, invalid, required } from '../../api-failure.ts'
import { checkTexts, mergePatch, pick } from '../../fields.ts'
import { nextId } from '../../ids.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import {
  addCalendar,
  type Calendar,
  calendarState,
  etagOf,
  nextChange,
  requireCalendar,
} from './calendar-state.ts'
import { checkTimeZone } from './event-time.ts'

/** `calendar.calendars.insert` */
export async function insertCalendar(call: Call): Promise<HttpResponse> {
  const fields = calendarFields({ timeZone: 'UTC' }, await readJsonObject(call.body))
  const id = `c_${nextId(call, 64, '0123456789abcdef')}@group.calendar.google.com`
  const owner = callerEmail(call)
  return calendarAnswer(addCalendar(calendarState(call), { id, owner, primaryOf: undefined, fields }))
}

/** `calendar.calendars.get` */
export function getCalendar(call: Call): HttpResponse {
  return calendarAnswer(requireCalendar(call))
}

/** `calendar.calendars.patch` */
export function patchCalendar(call: Call): Promise<HttpResponse> {
  return changeCalendar(call, (before, body) => calendarFields(before, body))
}

/** `calendar.calendars.update` */
export function updateCalendar(call: Call): Promise<HttpResponse> {
  return changeCalendar(call, ({ timeZone }, body) => calendarFields({ timeZone }, body))
}

/** `calendar.calendars.delete`: of secondary calendars; a primary one can be cleared only. */
export function deleteCalendar(call: Call): HttpResponse {
  const calendar = requireCalendar(call, 'owner')
  if (calendar.primaryOf !== undefined) {
    throw new ApiFailure(403, 'cannotDeletePrimaryCalendar', 'A primary calendar cannot be deleted.', {
      domain: 'calendar',
    })
  }
  const { calendars, lists } = calendarState(call)
  calendars.delete(calendar.id)
  for (const list of lists.values()) list.delete(calendar.id)
  return emptyAnswer()
}

/** `calendar.calendars.clear`: takes every event away, so that what was synchronised must be read anew. */
export function clearCalendar(call: Call): HttpResponse {
  const calendar = requireCalendar(call, 'owner')
  if (calendar.primaryOf === undefined) throw invalid('Only a primary calendar can be cleared.')
  calendar.events.clear()
  calendar.clearedAt = nextChange(calendarState(call))
  return emptyAnswer()
}

async function changeCalendar(
  call: Call,
  change: (before: JsonObject, body: JsonObject) => JsonObject,
): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const calendar = requireCalendar(call, 'owner')
  calendar.fields = change(calendar.fields, body)
  calendar.change = nextChange(calendarState(call))
  return calendarAnswer(calendar)
}

const TEXTS = ['summary', 'description', 'location', 'timeZone']

function calendarFields(before: JsonObject, body: JsonObject): JsonObject {
  const fields = mergePatch(before, pick(body, TEXTS))
  checkTexts(fields, TEXTS)
  if (!fields.summary) throw required('summary')
  if (typeof fields.timeZone === 'string') checkTimeZone(fields.timeZone)
  return fields
}

function calendarAnswer(calendar: Calendar): HttpResponse {
  return jsonAnswer({
    kind: 'calendar#calendar',
    etag: etagOf(calendar),
    id: calendar.id,
    ...calendar.fields,
    conferenceProperties: { allowedConferenceSolutionTypes: ['hangoutsMeet'] },
  })
}
