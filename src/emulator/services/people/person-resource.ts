import { isJsonObject, type JsonObject } from '../../service.ts'
import type { Contact, People } from './people-state.ts'

/** A contact with the fields that a mask names. */
export function contactResource(contact: Contact, mask: ReadonlySet<string>): JsonObject {
  const { id, deleted, updated } = contact
  const source = { type: 'CONTACT', id: BigInt(id).toString(16) }
  const fields = deleted ? {} : { memberships: [MY_CONTACTS], ...contact.fields }
  return {
    resourceName: `people/c${id}`,
    etag: contactEtag(contact),
    ...(mask.has('metadata') && {
      metadata: {
        sources: [{ ...source, etag: contactEtag(contact), updateTime: new Date(updated).toISOString() }],
        objectType: 'PERSON',
        ...(deleted && { deleted: true }),
      },
    }),
    ...withSource(fields, mask, source),
  }
}

/** The account itself: what its address tells of it. */
export function ownResource(people: People, mask: ReadonlySet<string>): JsonObject {
  const source = { type: 'PROFILE', id: people.userId }
  const givenName = people.email.split('@', 1)[0]
  return {
    resourceName: `people/${people.userId}`,
    etag: btoa(people.userId),
    ...(mask.has('metadata') && {
      metadata: { sources: [source], objectType: 'PERSON' },
    }),
    ...withSource({ names: [{ givenName }], emailAddresses: [{ value: people.email }] }, mask, source),
  }
}

/** What changes with every change of a contact. */
export function contactEtag({ id, change }: Contact): string {
  return btoa(`${id}/${change}`)
}

const MY_CONTACTS: JsonObject = {
  contactGroupMembership: {
    contactGroupId: 'myContacts',
    contactGroupResourceName: 'contactGroups/myContacts',
  },
}

function withSource(fields: JsonObject, mask: ReadonlySet<string>, source: JsonObject): JsonObject {
  const shown = Object.entries(fields).filter(([name]) => mask.has(name))
  return Object.fromEntries(
    shown.map(([name, values]) => [
      name,
      (values as JsonObject[]).map((value, index) => ({
        metadata: { ...(index === 0 && { primary: true }), source },
        ...(name === 'names' ? namedInFull(value) : value),
      })),
    ]),
  )
}

/** A name as it is shown, put together from its parts, or the other way round. */
function namedInFull({ metadata: _, ...name }: JsonObject): JsonObject {
  const part = (key: string): string => (typeof name[key] === 'string' ? name[key] : '')
  const given = [part('honorificPrefix'), part('givenName'), part('middleName')].filter(Boolean).join(' ')
  const family = [part('familyName'), part('honorificSuffix')].filter(Boolean).join(' ')
  const displayName = [given, family].filter(Boolean).join(' ') || part('unstructuredName')
  const last = [family, given].filter(Boolean).join(', ') || displayName
  return { displayName, displayNameLastFirst: last, unstructuredName: displayName, ...name }
}

/** The texts that a search for contacts looks at. */
export function searchedTexts({ fields }: Contact): string[] {
  const values = (name: string): JsonObject[] =>
    Array.isArray(fields[name]) ? fields[name].filter(isJsonObject) : []
  const texts = [
    ...values('names').flatMap((name) => [name, namedInFull(name)]),
    ...['nicknames', 'emailAddresses', 'phoneNumbers', 'organizations'].flatMap(values),
  ]
  return texts.flatMap((value) => Object.values(value).filter((text) => typeof text === 'string'))
}
