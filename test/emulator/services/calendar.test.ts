import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../../src/emulator/index.ts'
import { apiOf, pagesOf, refusal } from './speak-api.ts'

let emulator: Emulator
let calendar: any
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05.678Z') })
  calendar = await apiOf(emulator, 'calendar:v3', { email: 'ann@example.com' })
})
afterEach(() => emulator.close())

const calendarId = 'primary'
const at = (day: number, hour = 10): object => ({
  start: { dateTime: `2026-02-0${day}T${hour}:00:00Z` },
  end: { dateTime: `2026-02-0${day}T${hour + 1}:00:00Z` },
})
const insert = (body: object): Promise<any> => calendar.events.insert({ calendarId, body })
const summaries = (list: any): string[] => list.items.map((event: any) => event.summary ?? event.status)

describe('calendars', () => {
  test('an account has its primary calendar, and makes others', async () => {
    const primary = await calendar.calendars.get({ calendarId })
    expect(primary).toMatchObject({ kind: 'calendar#calendar', id: 'ann@example.com', timeZone: 'UTC' })
    const made = await calendar.calendars.insert({ body: { summary: 'Work', timeZone: 'Europe/Zurich' } })
    expect(made.id).toMatch(/@group\.calendar\.google\.com$/)
    const patched = await calendar.calendars.patch({ calendarId: made.id, body: { description: 'd' } })
    expect(patched).toMatchObject({ summary: 'Work', description: 'd', timeZone: 'Europe/Zurich' })
    expect(patched.etag).not.toBe(made.etag)
    const updated = await calendar.calendars.update({ calendarId: made.id, body: { summary: 'Play' } })
    expect(updated).toMatchObject({ summary: 'Play', timeZone: 'Europe/Zurich' })
    expect(updated).not.toHaveProperty('description')
    await calendar.calendars.delete({ calendarId: made.id })
    expect(await refusal(calendar.calendars.get({ calendarId: made.id }))).toEqual([404, 'notFound'])
    expect(await refusal(calendar.calendars.delete({ calendarId }))).toEqual([
      403,
      'cannotDeletePrimaryCalendar',
    ])
  })

  test.each([
    [{}, 'required'],
    [{ summary: 7 }, 'invalid'],
    [{ summary: 'x', timeZone: 'Mars/Base' }, 'invalid'],
  ])('%j is refused', async (body, reason) => {
    expect(await refusal(calendar.calendars.insert({ body }))).toEqual([400, reason])
  })

  test('the list shows the primary one first, and what was made or taken in', async () => {
    const made = await calendar.calendars.insert({ body: { summary: 'Work' } })
    const { items } = await calendar.calendarList.list()
    expect(items).toMatchObject([
      { id: 'ann@example.com', primary: true, accessRole: 'owner' },
      { id: made.id, summary: 'Work' },
    ])
    expect(items[1]).not.toHaveProperty('primary')
    const pages = await pagesOf<any>(calendar.calendarList.list({ maxResults: 1 }), (page) => page.items)
    expect(pages.map((page) => page.length)).toEqual([1, 1])

    const bob = await apiOf(emulator, 'calendar:v3', { email: 'bob@example.com' })
    const body = { id: made.id, summaryOverride: "Ann's", hidden: true }
    expect(await refusal(bob.calendarList.insert({ body }))).toEqual([404, 'notFound'])
    const scope = { type: 'user', value: 'bob@example.com' }
    await calendar.acl.insert({ calendarId: made.id, body: { role: 'reader', scope } })
    expect(await bob.calendarList.insert({ body })).toMatchObject({ accessRole: 'reader', summary: 'Work' })
    expect((await bob.calendarList.list()).items).toHaveLength(1)
    expect((await bob.calendarList.list({ showHidden: true })).items).toHaveLength(2)
    expect((await bob.calendarList.get({ calendarId: made.id })).summaryOverride).toBe("Ann's")
    await bob.calendarList.delete({ calendarId: made.id })
    expect(await refusal(bob.calendarList.get({ calendarId: made.id }))).toEqual([404, 'notFound'])
  })

  test('rules say who may do what', async () => {
    const bob = await apiOf(emulator, 'calendar:v3', { email: 'bob@example.com' })
    const id = 'ann@example.com'
    expect(await refusal(bob.events.list({ calendarId: id }))).toEqual([404, 'notFound'])
    await insert({ summary: 'a', ...at(1) })
    const rule = await calendar.acl.insert({
      calendarId,
      body: { role: 'reader', scope: { type: 'default' } },
    })
    expect(rule).toMatchObject({ kind: 'calendar#aclRule', id: 'default', role: 'reader' })
    expect(summaries(await bob.events.list({ calendarId: id }))).toEqual(['a'])
    expect(await refusal(bob.events.insert({ calendarId: id, body: at(1) }))).toEqual([
      403,
      'requiredAccessLevel',
    ])
    expect((await calendar.acl.list({ calendarId })).items.map((each: any) => each.id)).toEqual([
      'user:ann@example.com',
      'default',
    ])
    await calendar.acl.delete({ calendarId, ruleId: 'default' })
    expect(await refusal(calendar.acl.get({ calendarId, ruleId: 'default' }))).toEqual([404, 'notFound'])
    expect(await refusal(calendar.acl.delete({ calendarId, ruleId: 'user:ann@example.com' }))).toEqual([
      403,
      'cannotChangeOwnAcl',
    ])
    expect(
      await refusal(calendar.acl.insert({ calendarId, body: { role: 'king', scope: { type: 'default' } } })),
    ).toEqual([400, 'invalid'])
  })
})

describe('events', () => {
  test('are made, read, changed and deleted', async () => {
    const made = await insert({
      summary: 'a',
      location: 'here',
      attendees: [{ email: 'bob@example.com' }],
      ...at(1),
    })
    expect(made).toMatchObject({
      kind: 'calendar#event',
      status: 'confirmed',
      created: '2026-01-02T03:04:05.678Z',
      creator: { email: 'ann@example.com', self: true },
      iCalUID: `${made.id}@google.com`,
      attendees: [{ email: 'bob@example.com', responseStatus: 'needsAction' }],
      sequence: 0,
    })
    const eventId = made.id
    emulator.clock.advance(1000)
    const patched = await calendar.events.patch({
      calendarId,
      eventId,
      body: { summary: 'b', location: null },
    })
    expect(patched).toMatchObject({ summary: 'b', sequence: 0, updated: '2026-01-02T03:04:06.678Z' })
    expect(patched).not.toHaveProperty('location')
    expect(await calendar.events.get({ calendarId, eventId })).toEqual(patched)
    const updated = await calendar.events.update({ calendarId, eventId, body: at(2) })
    expect(updated).toMatchObject({ sequence: 1, start: { dateTime: '2026-02-02T10:00:00Z' } })
    expect(updated).not.toHaveProperty('summary')
    await calendar.events.delete({ calendarId, eventId })
    expect((await calendar.events.get({ calendarId, eventId })).status).toBe('cancelled')
    expect(await refusal(calendar.events.delete({ calendarId, eventId }))).toEqual([410, 'deleted'])
    expect(await refusal(calendar.events.get({ calendarId, eventId: 'none0' }))).toEqual([404, 'notFound'])
  })

  test('keep the id they are given', async () => {
    expect((await insert({ id: 'abc01', ...at(1) })).id).toBe('abc01')
    expect(await refusal(insert({ id: 'abc01', ...at(1) }))).toEqual([409, 'duplicate'])
    expect(await refusal(insert({ id: 'XYZ', ...at(1) }))).toEqual([400, 'invalid'])
  })

  test('are not changed by who has seen an older state', async () => {
    const { id: eventId, etag } = await insert(at(1))
    const headers = { 'if-match': etag }
    await calendar.events.patch({ calendarId, eventId, body: { summary: 'b' } }, { headers })
    expect(await refusal(calendar.events.delete({ calendarId, eventId }, { headers }))).toEqual([
      412,
      'conditionNotMet',
    ])
  })

  const day = { date: '2026-02-01' }
  const time = { dateTime: '2026-02-01T10:00:00Z' }
  test.each([
    [{ end: time }, 'required'],
    [{ start: time }, 'required'],
    [{ start: day, end: time }, 'invalid'],
    [{ start: { dateTime: 'soon' }, end: time }, 'invalid'],
    [{ start: { dateTime: '2026-02-01T09:00:00' }, end: time }, 'required'],
    [{ start: { dateTime: '2026-02-01T11:00:00Z' }, end: time }, 'timeRangeEmpty'],
    [
      { start: { dateTime: '2026-02-01T10:00:00', timeZone: 'America/New_York' }, end: time },
      'timeRangeEmpty',
    ],
    [{ start: time, end: time, colorId: '99' }, 'invalid'],
    [{ start: time, end: time, attendees: [7] }, 'invalid'],
  ])('%j is refused', async (body, reason) => {
    expect(await refusal(insert(body))).toEqual([400, reason])
  })

  test('come from elsewhere, once each, and from a line of text', async () => {
    const body = { iCalUID: 'x@elsewhere', summary: 'a', ...at(1) }
    const imported = await calendar.events.import({ calendarId, body })
    expect(imported.iCalUID).toBe('x@elsewhere')
    const again = await calendar.events.import({ calendarId, body: { ...body, summary: 'b' } })
    expect(again).toMatchObject({ id: imported.id, summary: 'b' })
    expect(await refusal(calendar.events.import({ calendarId, body: at(1) }))).toEqual([400, 'required'])
    expect(await calendar.events.quickAdd({ calendarId, text: 'Tea' })).toMatchObject({
      summary: 'Tea',
      start: { dateTime: '2026-01-02T03:04:00.000Z' },
    })
  })
})

describe('calendar.events.list', () => {
  const list = (parameters: object = {}): any => calendar.events.list({ calendarId, ...parameters })

  beforeEach(async () => {
    await insert({ summary: 'Tea with Bob', ...at(2) })
    await insert({ summary: 'Walk', description: 'with the dog', ...at(1) })
    await insert({ summary: 'Day off', start: { date: '2026-02-03' }, end: { date: '2026-02-04' } })
  })

  test.each([
    [{}, ['Tea with Bob', 'Walk', 'Day off']],
    [{ timeMin: '2026-02-02T11:00:00Z' }, ['Day off']],
    [{ timeMin: '2026-02-02T10:59:59Z', timeMax: '2026-02-03T00:00:00Z' }, ['Tea with Bob']],
    [{ timeMax: '2026-02-03T00:00:00+01:00' }, ['Tea with Bob', 'Walk']],
    [{ q: 'WITH dog' }, ['Walk']],
    [{ q: 'start' }, []],
    [{ singleEvents: true, orderBy: 'startTime' }, ['Walk', 'Tea with Bob', 'Day off']],
    [{ updatedMin: '2026-01-03T00:00:00Z' }, []],
  ])('finds by %j', async (parameters, found) => {
    expect(summaries(await list(parameters))).toEqual(found)
  })

  test.each([
    [{ timeMin: 'today' }, 'badRequest'],
    [{ timeMin: '2026-02-01T00:00:00Z', timeMax: '2026-02-01T00:00:00Z' }, 'timeRangeEmpty'],
    [{ orderBy: 'startTime' }, 'badRequest'],
    [{ pageToken: 'x' }, 'invalid'],
  ])('refuses %j', async (parameters, reason) => {
    expect(await refusal(list(parameters))).toEqual([400, reason])
  })

  test('says that it cannot tell the instances of a recurring event', async () => {
    const event = { summary: 'Daily', recurrence: ['RRULE:FREQ=DAILY'], ...at(1) }
    await insert(event)
    expect(summaries(await list())).toContain('Daily')
    expect((await refusal(list({ singleEvents: true })))[0]).toBe(501)
  })

  test('gives pages, and at the end a token for what changes from the first page on', async () => {
    const first = await list({ maxResults: 2 })
    expect(first).not.toHaveProperty('nextSyncToken')
    const [walk] = (await list({ q: 'walk' })).items
    await calendar.events.delete({ calendarId, eventId: walk.id })
    const second = await list({ maxResults: 2, pageToken: first.nextPageToken })
    expect(summaries(second)).toEqual(['Day off'])
    expect(second).not.toHaveProperty('nextPageToken')
    const changed = await list({ syncToken: second.nextSyncToken })
    expect(summaries(changed)).toEqual(['Walk'])
    expect(changed.items[0].status).toBe('cancelled')
    expect((await list({ syncToken: changed.nextSyncToken })).items).toEqual([])
    await insert({ summary: 'New', ...at(5) })
    expect(summaries(await list({ syncToken: changed.nextSyncToken }))).toEqual(['New'])
    expect(await refusal(list({ syncToken: changed.nextSyncToken, q: 'x' }))).toEqual([400, 'invalid'])
    expect(summaries(await list({ showDeleted: true }))).toContain('Walk')
  })

  test('a token of another list, or from before everything was cleared, asks for a full reading', async () => {
    const { nextSyncToken: syncToken } = await list()
    expect(await refusal(list({ syncToken: 'x' }))).toEqual([410, 'fullSyncRequired'])
    await calendar.calendars.clear({ calendarId })
    expect(await refusal(list({ syncToken }))).toEqual([410, 'fullSyncRequired'])
    expect((await list()).items).toEqual([])
  })
})

test('calendar.colors.get shows what events and calendars may have', async () => {
  const { event, calendar: calendars } = await calendar.colors.get()
  expect([Object.keys(event).length, Object.keys(calendars).length]).toEqual([11, 24])
  expect(event['1']).toEqual({ background: '#a4bdfc', foreground: '#1d1d1d' })
})

test('a reset leaves the primary calendar, empty', async () => {
  await insert({ summary: 'a', ...at(1) })
  emulator.reset()
  expect((await calendar.events.list({ calendarId })).items).toEqual([])
  expect((await calendar.calendarList.list()).items).toHaveLength(1)
})
