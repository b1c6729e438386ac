import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../../src/emulator/index.ts'
import { apiOf, pagesOf, refusal } from './speak-api.ts'

let emulator: Emulator
let people: any
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05.678Z') })
  people = (await apiOf(emulator, 'people:v1', { email: 'ann@example.com' })).people
})
afterEach(() => emulator.close())

const create = (givenName: string, familyName: string, more: object = {}): Promise<any> =>
  people.createContact({ body: { names: [{ givenName, familyName }], ...more } })
const list = (parameters: object = {}): any =>
  people.connections.list({ resourceName: 'people/me', personFields: 'names', ...parameters })
const names = (persons: readonly any[] = []): string[] => persons.map((each) => each.names[0].displayName)

test('people/me is the account', async () => {
  const me = await people.get({ resourceName: 'people/me', personFields: 'names,emailAddresses,metadata' })
  expect(me).toMatchObject({
    resourceName: expect.stringMatching(/^people\/\d{21}$/),
    emailAddresses: [{ value: 'ann@example.com', metadata: { primary: true, source: { type: 'PROFILE' } } }],
    metadata: { objectType: 'PERSON' },
  })
  expect((await people.get({ resourceName: me.resourceName, personFields: 'names' })).etag).toBe(me.etag)
})

describe('a contact', () => {
  test('is made, read, changed where the mask says, and deleted', async () => {
    const made = await create('Bo', 'Li', {
      emailAddresses: [{ value: 'bo@example.com', type: 'work' }, { value: 'li@example.com' }],
      phoneNumbers: [{ value: '1' }],
    })
    expect(made).toMatchObject({
      resourceName: expect.stringMatching(/^people\/c\d{19}$/),
      names: [{ displayName: 'Bo Li', displayNameLastFirst: 'Li, Bo', metadata: { primary: true } }],
      emailAddresses: [{ value: 'bo@example.com', type: 'work' }, { value: 'li@example.com' }],
      memberships: [{ contactGroupMembership: { contactGroupId: 'myContacts' } }],
    })
    const { resourceName } = made
    const read = await people.get({ resourceName, personFields: 'names' })
    expect(Object.keys(read)).toEqual(['resourceName', 'etag', 'names'])
    const changed = await people.updateContact({
      resourceName,
      updatePersonFields: 'names,phoneNumbers',
      body: { etag: made.etag, names: [{ givenName: 'Bea' }], emailAddresses: [] },
    })
    expect(changed.names[0].displayName).toBe('Bea')
    expect(changed).not.toHaveProperty('phoneNumbers')
    expect(changed.emailAddresses).toHaveLength(2)
    expect(await people.deleteContact({ resourceName })).toEqual({})
    expect(await refusal(people.get({ resourceName, personFields: 'names' }))).toEqual([404, 'NOT_FOUND'])
    expect(await refusal(people.deleteContact({ resourceName }))).toEqual([404, 'NOT_FOUND'])
  })

  test('is changed only by who has seen its last state', async () => {
    const { resourceName, etag } = await create('Bo', 'Li')
    const update = (body: object): Promise<any> =>
      people.updateContact({ resourceName, updatePersonFields: 'nicknames', body })
    expect(await refusal(update({}))).toEqual([400, 'FAILED_PRECONDITION'])
    const { metadata } = await update({ etag, nicknames: [{ value: 'B' }] })
    expect(await refusal(update({ etag }))).toEqual([400, 'FAILED_PRECONDITION'])
    expect(await update({ metadata })).not.toHaveProperty('nicknames')
  })

  test.each([{ names: 'Bo' }, { names: ['Bo'] }, { names: [{ givenName: 'Bo' }, { givenName: 'Li' }] }])(
    'is not made of %j',
    async (body) => {
      // The client checks types itself; what comes past it is refused all the same.
      const response = await emulator.handle({
        method: 'POST',
        url: `${emulator.url}/v1/people:createContact`,
        headers: { authorization: `Bearer ${emulator.accessToken()}` },
        body: JSON.stringify(body),
      })
      expect([response.status, JSON.parse(await response.body.text()).error.status]).toEqual([
        400,
        'INVALID_ARGUMENT',
      ])
    },
  )

  test('is of one account', async () => {
    const { resourceName } = await create('Bo', 'Li')
    const other = await apiOf(emulator, 'people:v1', { email: 'cy@example.com' })
    expect(await refusal(other.people.get({ resourceName, personFields: 'names' }))).toEqual([
      404,
      'NOT_FOUND',
    ])
  })

  test.each([undefined, '', 'colour', 'names,colour'])(
    'is not shown for personFields %j',
    async (personFields) => {
      const parameters = { resourceName: 'people/me', ...(personFields !== undefined && { personFields }) }
      expect(await refusal(people.get(parameters))).toEqual([400, 'INVALID_ARGUMENT'])
      expect(await refusal(people.connections.list(parameters))).toEqual([400, 'INVALID_ARGUMENT'])
    },
  )
})

test('several are read at once, and those missing are told', async () => {
  const { resourceName } = await create('Bo', 'Li')
  const resourceNames = [resourceName, 'people/c1', 'people/me']
  const { responses } = await people.getBatchGet({ resourceNames, personFields: 'names' })
  expect(responses).toMatchObject([
    { requestedResourceName: resourceName, httpStatusCode: 200 },
    { httpStatusCode: 404, status: { code: 5 } },
    { person: { names: [{ givenName: 'ann' }] } },
  ])
})

describe('people.connections.list', () => {
  beforeEach(async () => {
    for (const [given, family] of [
      ['Bo', 'Zu'],
      ['Cy', 'Yo'],
      ['Al', 'Xi'],
    ] as const)
      await create(given, family)
  })

  test.each([
    [{}, ['Bo Zu', 'Cy Yo', 'Al Xi']],
    [{ sortOrder: 'LAST_MODIFIED_DESCENDING' }, ['Al Xi', 'Cy Yo', 'Bo Zu']],
    [{ sortOrder: 'FIRST_NAME_ASCENDING' }, ['Al Xi', 'Bo Zu', 'Cy Yo']],
    [{ sortOrder: 'LAST_NAME_ASCENDING' }, ['Al Xi', 'Cy Yo', 'Bo Zu']],
  ])('orders as %j asks', async (parameters, expected) => {
    expect(names((await list(parameters)).connections)).toEqual(expected)
  })

  test('gives pages and how many there are', async () => {
    const pages = await pagesOf<any>(list({ pageSize: 2 }), (page) => page.connections)
    expect(pages.map((page) => names(page))).toEqual([['Bo Zu', 'Cy Yo'], ['Al Xi']])
    expect(await list({ pageSize: 1 })).toMatchObject({ totalItems: 3, totalPeople: 3 })
    expect(await refusal(list({ pageToken: 'x' }))).toEqual([400, 'INVALID'])
  })

  test('gives a sync token when asked, and then what has changed', async () => {
    expect(await list()).not.toHaveProperty('nextSyncToken')
    const { nextSyncToken: syncToken, connections } = await list({ requestSyncToken: true })
    expect(await list({ syncToken })).toEqual({ nextSyncToken: syncToken })
    await people.deleteContact({ resourceName: connections[0].resourceName })
    await create('Di', 'Wu')
    const changed = await list({ syncToken })
    expect(changed.connections).toMatchObject([
      { resourceName: connections[0].resourceName, metadata: { deleted: true } },
      { names: [{ displayName: 'Di Wu' }] },
    ])
    expect(await refusal(list({ syncToken: 'x' }))).toEqual([400, 'EXPIRED_SYNC_TOKEN'])
  })

  test('is of the account itself only', async () => {
    expect(await refusal(list({ resourceName: 'people/c1' }))).toEqual([400, 'INVALID_ARGUMENT'])
  })

  test('starts anew after a reset', async () => {
    emulator.reset()
    expect(await list()).toEqual({})
  })
})

test('people.searchContacts finds by the beginnings of words', async () => {
  await create('Bo', 'Li', { emailAddresses: [{ value: 'first@example.com' }] })
  await create('Mary Bo', 'Jones', { organizations: [{ name: 'Tea House' }] })
  const search = async (query: string): Promise<string[]> => {
    const { results = [] } = await people.searchContacts({ query, readMask: 'names' })
    return names(results.map((each: any) => each.person))
  }
  expect(await search('bo')).toEqual(['Bo Li', 'Mary Bo Jones'])
  expect(await search('FIRST@')).toEqual(['Bo Li'])
  expect(await search('house')).toEqual(['Mary Bo Jones'])
  expect(await search('o')).toEqual([])
  expect(await search('')).toEqual([])
  expect(await refusal(people.searchContacts({ query: 'x' }))).toEqual([400, 'INVALID_ARGUMENT'])
})

test('contactGroups.list gives the groups that every account has', async () => {
  await create('Bo', 'Li')
  const { contactGroups } = await apiOf(emulator, 'people:v1', { email: 'ann@example.com' })
  const answer = await contactGroups.list()
  expect(answer.totalItems).toBe(8)
  expect(answer.contactGroups[0]).toMatchObject({ resourceName: 'contactGroups/myContacts', memberCount: 1 })
})
