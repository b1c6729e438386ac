import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure } from '../../api-failure.ts'
import { nextId } from '../../ids.ts'
import { isJsonObject, type Call, type JsonObject, readJsonObject } from '../../service.ts'
import {
  type Contact,
  entityNotFound,
  invalidArgument,
  peopleOf,
  putContact,
  requireContact,
} from './people-state.ts'
import { PERSON_FIELDS, readMask, readPerson, WRITABLE_FIELDS } from './person-fields.ts'
import { contactEtag, contactResource, ownResource } from './person-resource.ts'

/** `people.people.get`: a contact, or the account itself as `people/me`. */
export function getPerson(call: Call): HttpResponse {
  const mask = readMask('personFields', call.parameters.text('personFields'))
  return jsonAnswer(personOf(call, call.parameters.text('resourceName')!, mask) ?? missing())
}

/** `people.people.getBatchGet` */
export function getBatch(call: Call): HttpResponse {
  const mask = readMask('personFields', call.parameters.text('personFields'))
  const names = call.parameters.all('resourceNames').map(String)
  if (names.length < 1 || names.length > 200) throw invalidArgument('There must be 1 to 200 resourceNames.')
  const responses = names.map((requestedResourceName) => {
    const person = personOf(call, requestedResourceName, mask)
    return person
      ? { requestedResourceName, person, httpStatusCode: 200, status: {} }
      : { requestedResourceName, httpStatusCode: 404, status: { code: 5, message: entityNotFound().message } }
  })
  return jsonAnswer({ responses })
}

/** `people.people.createContact` */
export async function createContact(call: Call): Promise<HttpResponse> {
  const mask = shownMask(call)
  const fields = readPerson(await readJsonObject(call.body))
  const id = `1${nextId(call, 18, '0123456789')}`
  return jsonAnswer(contactResource(putContact(call, { id, deleted: false, fields }), mask))
}

/** `people.people.updateContact`: replaces the fields that the mask names, if nothing else changed the contact. */
export async function updateContact(call: Call): Promise<HttpResponse> {
  const shown = shownMask(call)
  const text = call.parameters.text('updatePersonFields')
  const mask = readMask('updatePersonFields', text, WRITABLE_FIELDS)
  const body = await readJsonObject(call.body)
  const contact = requireContact(call)
  checkEtag(body, contact)
  const changed = readPerson(body)
  const fields = Object.fromEntries(
    [...WRITABLE_FIELDS].flatMap((name) => {
      const values = mask.has(name) ? changed[name] : contact.fields[name]
      return values === undefined ? [] : [[name, values]]
    }),
  )
  return jsonAnswer(contactResource(putContact(call, { ...contact, fields }), shown))
}

/** `people.people.deleteContact`: what is left says that there was one, for those who synchronise. */
export function deleteContact(call: Call): HttpResponse {
  putContact(call, { ...requireContact(call), deleted: true })
  return jsonAnswer({})
}

function personOf(call: Call, resourceName: string, mask: ReadonlySet<string>): JsonObject | undefined {
  const people = peopleOf(call)
  if (resourceName === 'people/me' || resourceName === `people/${people.userId}`)
    return ownResource(people, mask)
  const contact = people.contacts.get(/^people\/c(\d+)$/.exec(resourceName)?.[1] ?? '')
  return contact && !contact.deleted ? contactResource(contact, mask) : undefined
}

function missing(): never {
  throw entityNotFound()
}

/** What the answer to a change shows: everything, when nothing is asked for. */
function shownMask(call: Call): ReadonlySet<string> {
  const text = call.parameters.text('personFields')
  return text ? readMask('personFields', text) : PERSON_FIELDS
}

function checkEtag({ etag, metadata }: JsonObject, contact: Contact): void {
  const sources = isJsonObject(metadata) && Array.isArray(metadata.sources) ? metadata.sources : []
  const given = [etag, ...sources.filter(isJsonObject).map((source) => source.etag)].filter(Boolean)
  if (given.length === 0) {
    throw new ApiFailure(
      400,
      'failedPrecondition',
      'Request must set person.etag or person.metadata.sources.etag for the source that is being updated.',
    )
  }
  if (given.includes(contactEtag(contact))) return
  throw new ApiFailure(
    400,
    'failedPrecondition',
    'Request person.etag is different than the current person.etag. Clear local cache and get the latest person.',
  )
}
