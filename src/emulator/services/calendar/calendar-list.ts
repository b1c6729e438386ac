import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { ApiFailure, notFound, notModelled, required } from '../../api-failure.ts'
import { checkShape, mergePatch, pick, type Shape } from '../../fields.ts'
import { pageSize, takePage } from '../../pages.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import {
  type Calendar,
  calendarState,
  etagOf,
  listOf,
  requireCalendar,
  roleOf,
  ROLES,
} from './calendar-state.ts'
import { CALENDAR_COLORS } from './colors.ts'

/** `calendar.calendarList.list` */
export function listCalendarList(call: Call): HttpResponse {
  const { parameters } = call
  if (parameters.text('syncToken')) throw notModelled('the synchronisation of the list of calendars')
  const email = callerEmail(call)
  const state = calendarState(call)
  const least = parameters.text('minAccessRole') ?? 'freeBusyReader'
  const showHidden = parameters.flag('showHidden')
  const entries = [...listOf(state, email)].flatMap(([id, fields]) => {
    const calendar = state.calendars.get(id)
    const role = calendar && roleOf(calendar, email)
    if (!role || ROLES.indexOf(role) > ROLES.indexOf(least)) return []
    return fields.hidden === true && !showHidden ? [] : [entryResource(calendar, fields, email)]
  })
  const { items, nextPageToken } = takePage(entries, {
    size: pageSize(parameters.number('maxResults'), 100, 250),
    token: parameters.text('pageToken'),
    key: [call.method.id, email, least, showHidden],
    id: (entry) => JSON.stringify(entry.id),
  })
  return jsonAnswer({
    kind: 'calendar#calendarList',
    etag: etagOf({ change: state.changes }),
    ...(nextPageToken !== undefined && { nextPageToken }),
    items,
  })
}

/** `calendar.calendarList.get` */
export function getCalendarList(call: Call): HttpResponse {
  const calendar = requireCalendar(call)
  const email = callerEmail(call)
  const fields = listOf(calendarState(call), email).get(calendar.id)
  if (!fields) throw notFound('Not Found')
  return jsonAnswer(entryResource(calendar, fields, email))
}

/** `calendar.calendarList.insert`: an existing calendar, which the caller may see, into the caller's list. */
export async function insertCalendarList(call: Call): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  checkShape(body, SHAPE, 'entry')
  const { id, ...others } = body
  if (typeof id !== 'string' || id === '') throw required('id')
  const calendar = requireCalendar(call, 'freeBusyReader', id)
  const email = callerEmail(call)
  const fields = mergePatch({}, pick(others, Object.keys(SHAPE)))
  listOf(calendarState(call), email).set(calendar.id, fields)
  return jsonAnswer(entryResource(calendar, fields, email))
}

/** `calendar.calendarList.delete` */
export function deleteCalendarList(call: Call): HttpResponse {
  const calendar = requireCalendar(call)
  const email = callerEmail(call)
  if (calendar.owner === email) {
    throw new ApiFailure(403, 'cannotUnsubscribeFromOwnCalendar', 'An owner cannot leave the own calendar.', {
      domain: 'calendar',
    })
  }
  if (!listOf(calendarState(call), email).delete(calendar.id)) throw notFound('Not Found')
  return emptyAnswer()
}

const SHAPE: Shape & object = {
  id: 'string',
  colorId: 'string',
  hidden: 'boolean',
  selected: 'boolean',
  summaryOverride: 'string',
  defaultReminders: [{ method: 'string', minutes: 'number' }],
}

function entryResource(calendar: Calendar, fields: JsonObject, email: string): JsonObject {
  const colorId = typeof fields.colorId === 'string' ? fields.colorId : '14'
  return {
    kind: 'calendar#calendarListEntry',
    etag: etagOf(calendar),
    id: calendar.id,
    ...calendar.fields,
    colorId,
    backgroundColor: CALENDAR_COLORS[colorId],
    foregroundColor: '#000000',
    accessRole: roleOf(calendar, email),
    defaultReminders: [],
    ...fields,
    ...(calendar.primaryOf === email && { primary: true }),
  }
}
