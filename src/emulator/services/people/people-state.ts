import { perAccount } from '../../account-state.ts'
import { ApiFailure } from '../../api-failure.ts'
import { userId } from '../../ids.ts'
import type { Call, JsonObject } from '../../service.ts'

/** A contact as it stands. It is replaced, never changed. */
export interface Contact {
  /** `people/c` and this. */
  readonly id: string
  readonly deleted: boolean
  readonly updated: number
  /** When it last changed, counted over everything that changed in the account. */
  readonly change: number
  /** What callers set: lists by the name of their field. */
  readonly fields: JsonObject
}

/** What the People API remembers of one account. */
export interface People {
  readonly email: string
  /** The account's own number: it is both `people/me` and `people/` with this. */
  readonly userId: string
  readonly contacts: Map<string, Contact>
  changes: number
}

/** The caller's people. */
export const peopleOf: (call: Pick<Call, 'principal' | 'state'>) => People = perAccount((email) => ({
  email,
  userId: userId(email),
  contacts: new Map(),
  changes: 0,
}))

/** The contact a call names, or 404. */
export function requireContact(call: Call): Contact {
  const id = /^people\/c(\d+)$/.exec(call.parameters.text('resourceName')!)?.[1]
  const contact = id === undefined ? undefined : peopleOf(call).contacts.get(id)
  if (!contact || contact.deleted) throw entityNotFound()
  return contact
}

/** Puts a contact in its place, as the newest change. */
export function putContact(call: Call, contact: Omit<Contact, 'change' | 'updated'>): Contact {
  const people = peopleOf(call)
  people.changes += 1
  const put = { ...contact, change: people.changes, updated: call.clock.now() }
  people.contacts.set(contact.id, put)
  return put
}

export function entityNotFound(): ApiFailure {
  return new ApiFailure(404, 'notFound', 'Requested entity was not found.')
}

/** 400, in the words of the newer APIs. */
export function invalidArgument(message: string): ApiFailure {
  return new ApiFailure(400, 'invalidArgument', message)
}
