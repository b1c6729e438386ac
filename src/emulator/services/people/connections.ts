import { fromBase64, toBase64Url } from '../../../protocol/base64.ts'
import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure } from '../../api-failure.ts'
import { pageSize, takePage } from '../../pages.ts'
import type { Call } from '../../service.ts'
import { takeSyncedPage } from '../../synced-pages.ts'
import { type Contact, invalidArgument, peopleOf } from './people-state.ts'
import { readMask } from './person-fields.ts'
import { contactResource, searchedTexts } from './person-resource.ts'

/** `people.people.connections.list`: every contact, or what changed since a sync token was given. */
export function listConnections(call: Call): HttpResponse {
  const { parameters } = call
  const mask = readMask('personFields', parameters.text('personFields'))
  if (parameters.text('resourceName') !== 'people/me') {
    throw invalidArgument("Only 'people/me' is valid as resourceName.")
  }
  const people = peopleOf(call)
  const since = readSyncToken(parameters.text('syncToken'))
  const sortOrder = parameters.text('sortOrder') ?? 'LAST_MODIFIED_ASCENDING'
  const contacts = [...people.contacts.values()].filter(({ change, deleted }) =>
    since === undefined ? !deleted : change > since,
  )
  const found = contacts.toSorted(ORDERS[since === undefined ? sortOrder : 'LAST_MODIFIED_ASCENDING'])
  const request = {
    size: pageSize(parameters.number('pageSize'), 100, 1000),
    token: parameters.text('pageToken'),
    key: [call.method.id, people.email, [...mask], since, sortOrder],
    id: ({ id }: Contact) => id,
  }
  const { items, nextPageToken, knownUpTo } = takeSyncedPage(found, request, people.changes)
  const synchronises = parameters.flag('requestSyncToken') || since !== undefined
  return jsonAnswer({
    ...(items.length > 0 && {
      connections: items.map((contact) =>
        contactResource(contact, contact.deleted ? new Set([...mask, 'metadata']) : mask),
      ),
      totalPeople: found.length,
      totalItems: found.length,
    }),
    ...(nextPageToken !== undefined && { nextPageToken }),
    ...(knownUpTo !== undefined &&
      synchronises && { nextSyncToken: toBase64Url(JSON.stringify({ knownUpTo })) }),
  })
}

/** `people.people.searchContacts`: contacts with a word that begins with what is searched for. */
export function searchContacts(call: Call): HttpResponse {
  const { parameters } = call
  const mask = readMask('readMask', parameters.text('readMask'))
  const query = (parameters.text('query') ?? '').trim().toLowerCase()
  const found = [...peopleOf(call).contacts.values()].filter(
    (contact) =>
      query !== '' &&
      !contact.deleted &&
      searchedTexts(contact).some((text) => ` ${text.toLowerCase()}`.includes(` ${query}`)),
  )
  const size = pageSize(parameters.number('pageSize'), 10, 30)
  const results = found.slice(0, size).map((contact) => ({ person: contactResource(contact, mask) }))
  return jsonAnswer(results.length > 0 ? { results } : {})
}

/** `people.contactGroups.list`: the groups that every account has. */
export function listContactGroups(call: Call): HttpResponse {
  const { parameters } = call
  const members = [...peopleOf(call).contacts.values()].filter(({ deleted }) => !deleted).length
  const groups = SYSTEM_GROUPS.map((name) => ({
    resourceName: `contactGroups/${name}`,
    groupType: 'SYSTEM_CONTACT_GROUP',
    name,
    formattedName: name,
    ...(name === 'myContacts' && members > 0 && { memberCount: members }),
  }))
  const { items, nextPageToken } = takePage(groups, {
    size: pageSize(parameters.number('pageSize'), 30, 1000),
    token: parameters.text('pageToken'),
    key: call.method.id,
  })
  return jsonAnswer({
    contactGroups: items,
    totalItems: groups.length,
    ...(nextPageToken !== undefined && { nextPageToken }),
  })
}

const SYSTEM_GROUPS = [
  'myContacts',
  'starred',
  'friends',
  'family',
  'coworkers',
  'blocked',
  'chatBuddies',
  'all',
]

const ORDERS: Readonly<Record<string, (a: Contact, b: Contact) => number>> = {
  LAST_MODIFIED_ASCENDING: (a, b) => a.change - b.change,
  LAST_MODIFIED_DESCENDING: (a, b) => b.change - a.change,
  FIRST_NAME_ASCENDING: (a, b) => nameOf(a, 'givenName').localeCompare(nameOf(b, 'givenName'), 'en'),
  LAST_NAME_ASCENDING: (a, b) => nameOf(a, 'familyName').localeCompare(nameOf(b, 'familyName'), 'en'),
}

function nameOf({ fields }: Contact, part: string): string {
  const [name] = (fields.names ?? []) as readonly Readonly<Record<string, unknown>>[]
  const value = name?.[part]
  return typeof value === 'string' ? value : ''
}

function readSyncToken(token: string | undefined): number | undefined {
  if (!token) return undefined
  try {
    const { knownUpTo } = JSON.parse(new TextDecoder().decode(fromBase64(token))) as { knownUpTo: unknown }
    if (typeof knownUpTo === 'number') return knownUpTo
  } catch {
    // Falls through to the refusal below.
  }
  throw new ApiFailure(
    400,
    'expiredSyncToken',
    'Sync token is expired. Clear local cache and retry call without the sync token.',
  )
}
