import { fromBase64, toBase64Url } from '../../../protocol/base64.ts'
import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure, invalidParameter, notModelled } from '../../api-failure.ts'
import { pageSize } from '../../pages.ts'
import type { Call } from '../../service.ts'
import { takeSyncedPage } from '../../synced-pages.ts'
import {
  type Calendar,
  type CalendarEvent,
  calendarState,
  etagOf,
  requireCalendar,
  roleOf,
} from './calendar-state.ts'
import { eventResource, zoneOf } from './event-resource.ts'
import { emptyRange, readSpan, readTimeParameter } from './event-time.ts'

/**
 * `calendar.events.list`. The last page gives a token by which a later call learns what has changed since the first.
 * Recurring events are listed once, as they were made; a call that asks for their instances is told that there are none.
 */
export function listEvents(call: Call): HttpResponse {
  const { parameters } = call
  for (const name of UNMODELLED) {
    if (parameters.all(name).length > 0) throw notModelled(`the parameter ${name} of ${call.method.id}`)
  }
  const calendar = requireCalendar(call, 'reader')
  const since = readSyncToken(call, calendar)
  const fits =
    since === undefined ? readFilter(call, calendar) : (event: CalendarEvent) => event.change > since
  const found = [...calendar.events.values()].filter(fits).toSorted(readOrder(call, calendar))
  if (parameters.flag('singleEvents') && found.some(({ fields }) => fields.recurrence)) {
    throw notModelled('the instances of recurring events (singleEvents)')
  }
  const { changes } = calendarState(call)
  const request = {
    size: pageSize(parameters.number('maxResults'), 250, 2500),
    token: parameters.text('pageToken'),
    key: [call.method.id, calendar.id, ...CHOOSING.map((name) => parameters.all(name))],
    id: (event: CalendarEvent) => event.id,
  }
  const { items, nextPageToken, knownUpTo } = takeSyncedPage(found, request, changes)
  return jsonAnswer({
    kind: 'calendar#events',
    etag: etagOf({ change: changes }),
    summary: calendar.fields.summary,
    description: calendar.fields.description,
    updated: new Date(call.clock.now()).toISOString(),
    timeZone: zoneOf(calendar),
    accessRole: roleOf(calendar, callerEmail(call)),
    defaultReminders: [],
    ...(nextPageToken === undefined
      ? { nextSyncToken: toBase64Url(JSON.stringify([calendar.id, knownUpTo])) }
      : { nextPageToken }),
    items: items.map((event) => eventResource(calendar, event, parameters.number('maxAttendees'))),
  })
}

const UNMODELLED = ['privateExtendedProperty', 'sharedExtendedProperty', 'eventTypes']
/** What a sync token cannot be combined with, since it stands for everything that changed. */
const NARROWING = ['iCalUID', 'orderBy', 'q', 'timeMin', 'timeMax', 'updatedMin']
const CHOOSING = [...NARROWING, 'showDeleted', 'singleEvents', 'syncToken']

function readFilter({ parameters }: Call, calendar: Calendar): (event: CalendarEvent) => boolean {
  const [timeMin, timeMax, updatedMin] = ['timeMin', 'timeMax', 'updatedMin'].map((name) =>
    readTimeParameter(name, parameters.text(name)),
  )
  if (timeMin !== undefined && timeMax !== undefined && timeMin >= timeMax) throw emptyRange()
  const words = (parameters.text('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const iCalUID = parameters.text('iCalUID')
  const withDeleted = parameters.flag('showDeleted')
  return (event) => {
    const { start, end } = readSpan(event.fields, zoneOf(calendar))
    const text = searchedText(event)
    return (
      (withDeleted || !event.cancelled) &&
      (timeMin === undefined || end > timeMin) &&
      (timeMax === undefined || start < timeMax) &&
      (updatedMin === undefined || event.updated >= updatedMin) &&
      (iCalUID === undefined || event.iCalUID === iCalUID) &&
      words.every((word) => text.includes(word))
    )
  }
}

function searchedText({ fields }: CalendarEvent): string {
  const { summary, description, location, attendees } = fields
  return JSON.stringify([summary, description, location, attendees]).toLowerCase()
}

function readOrder({ parameters }: Call, calendar: Calendar): (a: CalendarEvent, b: CalendarEvent) => number {
  const orderBy = parameters.text('orderBy')
  if (orderBy === 'updated') return (a, b) => a.updated - b.updated
  if (orderBy !== 'startTime') return () => 0
  if (!parameters.flag('singleEvents')) {
    throw invalidParameter(
      'orderBy',
      'The requested ordering is not available for the particular query.',
      'badRequest',
    )
  }
  const start = (event: CalendarEvent): number => readSpan(event.fields, zoneOf(calendar)).start
  return (a, b) => start(a) - start(b)
}

/** The change up to which the caller knows everything. */
function readSyncToken({ parameters }: Call, calendar: Calendar): number | undefined {
  const token = parameters.text('syncToken')
  if (!token) return undefined
  const narrowed = NARROWING.find((name) => parameters.all(name).length > 0)
  if (narrowed) throw invalidParameter(narrowed, `Sync token cannot be combined with ${narrowed}.`)
  try {
    const [id, change] = JSON.parse(new TextDecoder().decode(fromBase64(token))) as unknown[]
    if (id === calendar.id && typeof change === 'number' && change >= calendar.clearedAt) return change
  } catch {
    // Falls through to the refusal below.
  }
  throw new ApiFailure(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.', {
    domain: 'calendar',
    location: 'syncToken',
    locationType: 'parameter',
  })
}
