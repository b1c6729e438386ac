import { callerEmail } from '../../account-state.ts'
import { ApiFailure, notFound } from '../../api-failure.ts'
import type { Call, JsonObject } from '../../service.ts'
import type { StateSlot } from '../../state.ts'

/** An event as it stands. It is replaced, never changed. */
export interface CalendarEvent {
  readonly id: string
  readonly iCalUID: string
  readonly cancelled: boolean
  readonly created: number
  readonly updated: number
  readonly sequence: number
  readonly creator: string
  /** When it last changed, counted over everything that changed. */
  readonly change: number
  /** What callers set. */
  readonly fields: JsonObject
}

/** Who may do what with a calendar. */
export interface AclRule {
  readonly id: string
  readonly role: string
  readonly scope: { readonly type: string; readonly value?: string }
}

/** A calendar and what is in it. */
export interface Calendar {
  readonly id: string
  /** Whose primary calendar it is. */
  readonly primaryOf: string | undefined
  readonly owner: string
  change: number
  /** What callers set. */
  fields: JsonObject
  readonly acl: Map<string, AclRule>
  readonly events: Map<string, CalendarEvent>
  /** Sync tokens from before this change are of no use any more. */
  clearedAt: number
}

/** Everything Calendar remembers. */
export interface CalendarState {
  readonly calendars: Map<string, Calendar>
  /** By account, then by calendar: what an account set on the entries of its list. */
  readonly lists: Map<string, Map<string, JsonObject>>
  changes: number
}

/** The calendar part of a call's state; the caller's primary calendar is always there. */
export function calendarState(call: Pick<Call, 'state' | 'principal'>): CalendarState {
  const state = call.state.get(slot)
  const email = callerEmail(call)
  if (!state.lists.has(email)) {
    addCalendar(state, {
      id: email,
      owner: email,
      primaryOf: email,
      fields: { summary: email, timeZone: 'UTC' },
    })
  }
  return state
}

/** Makes a calendar that its owner has in the list. */
export function addCalendar(
  state: CalendarState,
  made: Pick<Calendar, 'id' | 'owner' | 'primaryOf' | 'fields'>,
): Calendar {
  const { owner } = made
  const rule: AclRule = { id: `user:${owner}`, role: 'owner', scope: { type: 'user', value: owner } }
  const calendar: Calendar = {
    ...made,
    change: nextChange(state),
    acl: new Map([[rule.id, rule]]),
    events: new Map(),
    clearedAt: 0,
  }
  state.calendars.set(calendar.id, calendar)
  listOf(state, owner).set(calendar.id, { selected: true })
  return calendar
}

/** An account's list of calendars. */
export function listOf(state: CalendarState, email: string): Map<string, JsonObject> {
  const list = state.lists.get(email) ?? new Map<string, JsonObject>()
  state.lists.set(email, list)
  return list
}

/** The calendar a call names, when the caller has a role that is strong enough; 404 or 403. */
export function requireCalendar(
  call: Call,
  role: string = 'freeBusyReader',
  id: string = call.parameters.text('calendarId')!,
): Calendar {
  const email = callerEmail(call)
  const calendar = calendarState(call).calendars.get(id === 'primary' ? email : id)
  const has = calendar && roleOf(calendar, email)
  if (!has) throw notFound('Not Found')
  if (ROLES.indexOf(has) <= ROLES.indexOf(role)) return calendar
  throw new ApiFailure(403, 'requiredAccessLevel', `You need to have ${role} access to this calendar.`, {
    domain: 'calendar',
  })
}

/** The strongest role that a user has. */
export function roleOf(calendar: Calendar, email: string): string | undefined {
  const roles = [...calendar.acl.values()]
    .filter(
      ({ scope: { type, value } }) =>
        type === 'default' ||
        (type === 'domain' ? email.endsWith(`@${value}`) : value?.toLowerCase() === email.toLowerCase()),
    )
    .map(({ role }) => role)
  return ROLES.find((role) => roles.includes(role))
}

/** From the strongest to the weakest. */
export const ROLES: readonly string[] = ['owner', 'writer', 'reader', 'freeBusyReader']

/** The number of a change, higher than those of all before. */
export function nextChange(state: CalendarState): number {
  state.changes += 1
  return state.changes
}

/** What changes with every change, as Calendar writes it. */
export function etagOf({ change }: { readonly change: number }): string {
  return `"${String(change).padStart(16, '3')}"`
}

const slot: StateSlot<CalendarState> = {
  create: () => ({ calendars: new Map(), lists: new Map(), changes: 0 }),
}
