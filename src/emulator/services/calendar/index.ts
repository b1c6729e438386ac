import { defineService, type Service } from '../../service.ts'
import { deleteAcl, getAcl, insertAcl, listAcl } from './acl.ts'
import { deleteCalendarList, getCalendarList, insertCalendarList, listCalendarList } from './calendar-list.ts'
import {
  clearCalendar,
  deleteCalendar,
  getCalendar,
  insertCalendar,
  patchCalendar,
  updateCalendar,
} from './calendars.ts'
import { getColors } from './colors.ts'
import {
  deleteEvent,
  getEvent,
  importEvent,
  insertEvent,
  patchEvent,
  quickAddEvent,
  updateEvent,
} from './events.ts'
import { listEvents } from './list-events.ts'

/** Calendar: calendars, who has them in the list, who may read and write them, and their events. */
export const calendarService: Service = defineService('calendar:v3', {
  'calendar.acl.delete': deleteAcl,
  'calendar.acl.get': getAcl,
  'calendar.acl.insert': insertAcl,
  'calendar.acl.list': listAcl,
  'calendar.calendarList.delete': deleteCalendarList,
  'calendar.calendarList.get': getCalendarList,
  'calendar.calendarList.insert': insertCalendarList,
  'calendar.calendarList.list': listCalendarList,
  'calendar.calendars.clear': clearCalendar,
  'calendar.calendars.delete': deleteCalendar,
  'calendar.calendars.get': getCalendar,
  'calendar.calendars.insert': insertCalendar,
  'calendar.calendars.patch': patchCalendar,
  'calendar.calendars.update': updateCalendar,
  'calendar.colors.get': getColors,
  'calendar.events.delete': deleteEvent,
  'calendar.events.get': getEvent,
  'calendar.events.import': importEvent,
  'calendar.events.insert': insertEvent,
  'calendar.events.list': listEvents,
  'calendar.events.patch': patchEvent,
  'calendar.events.quickAdd': quickAddEvent,
  'calendar.events.update': updateEvent,
})
