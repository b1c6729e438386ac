import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure, notFound } from '../../api-failure.ts'
import { userId } from '../../ids.ts'
import type { Call, JsonObject } from '../../service.ts'
import type { StateSlot } from '../../state.ts'
import { requireBook, volumesAnswer } from './volumes.ts'

/** `books.mylibrary.bookshelves.list` */
export function listOwnShelves(call: Call): HttpResponse {
  const library = ownLibrary(call)
  return shelvesAnswer(call, [...library.shelves.values()], library)
}

/** `books.mylibrary.bookshelves.get` */
export function getOwnShelf(call: Call): HttpResponse {
  const library = ownLibrary(call)
  return jsonAnswer(shelfResource(call, requireShelf(call, library), library))
}

/** `books.mylibrary.bookshelves.volumes.list`: what was put there last comes first. */
export function listOwnVolumes(call: Call): HttpResponse {
  return listShelf(call, requireShelf(call, ownLibrary(call)))
}

/** `books.mylibrary.bookshelves.addVolume` */
export function addVolume(call: Call): HttpResponse {
  return changeShelf(call, (shelf) => {
    const { id } = requireBook(call.parameters.text('volumeId')!)
    return [id, ...shelf.volumes.filter((each) => each !== id)]
  })
}

/** `books.mylibrary.bookshelves.removeVolume` */
export function removeVolume(call: Call): HttpResponse {
  const id = call.parameters.text('volumeId')!
  return changeShelf(call, (shelf) => {
    if (!shelf.volumes.includes(id)) throw notFound('The volume is not on this bookshelf.')
    return shelf.volumes.filter((each) => each !== id)
  })
}

/** `books.mylibrary.bookshelves.clearVolumes` */
export function clearVolumes(call: Call): HttpResponse {
  return changeShelf(call, () => [])
}

/** `books.bookshelves.list`: the public shelves of an account. */
export function listShelves(call: Call): HttpResponse {
  const library = requireLibrary(call)
  return shelvesAnswer(call, [...library.shelves.values()].filter(isPublic), library)
}

/** `books.bookshelves.get` */
export function getShelf(call: Call): HttpResponse {
  const library = requireLibrary(call)
  return jsonAnswer(shelfResource(call, requirePublicShelf(call, library), library))
}

/** `books.bookshelves.volumes.list` */
export function listVolumesOfShelf(call: Call): HttpResponse {
  return listShelf(call, requirePublicShelf(call, requireLibrary(call)))
}

interface Shelf {
  readonly id: number
  readonly title: string
  readonly updated: number
  /** The ids of the books, the newest first. */
  readonly volumes: readonly string[]
}

interface Library {
  readonly userId: string
  readonly created: number
  readonly shelves: Map<string, Shelf>
}

/** The shelves that every account has. Google fills those from 5 on, and 1, by itself. */
const TITLES = [
  'Favorites',
  'Purchased',
  'To read',
  'Reading now',
  'Have read',
  'Reviewed',
  'Recently viewed',
  'My Google eBooks',
  'Books for you',
  'Browsing history',
]
const PUBLIC = new Set([0, 2, 3, 4, 5])
const WRITABLE = new Set([0, 2, 3, 4])

/** The libraries by the numbers of their accounts. */
const slot: StateSlot<Map<string, Library>> = { create: () => new Map() }

function ownLibrary(call: Call): Library {
  const libraries = call.state.get(slot)
  const id = userId(callerEmail(call))
  const known = libraries.get(id)
  if (known) return known
  const created = call.clock.now()
  const shelves = TITLES.map((title, index): [string, Shelf] => [
    String(index),
    { id: index, title, updated: created, volumes: [] },
  ])
  const library = { userId: id, created, shelves: new Map(shelves) }
  libraries.set(id, library)
  return library
}

function requireLibrary(call: Call): Library {
  const library = call.state.get(slot).get(call.parameters.text('userId')!)
  if (!library) throw notFound('The user ID could not be found.')
  return library
}

function requireShelf(call: Call, library: Library): Shelf {
  const shelf = library.shelves.get(call.parameters.text('shelf')!)
  if (!shelf) throw notFound('The bookshelf ID could not be found.')
  return shelf
}

function requirePublicShelf(call: Call, library: Library): Shelf {
  const shelf = requireShelf(call, library)
  if (!isPublic(shelf)) throw new ApiFailure(403, 'forbidden', 'The bookshelf is not public.')
  return shelf
}

function isPublic({ id }: Shelf): boolean {
  return PUBLIC.has(id)
}

function changeShelf(call: Call, change: (shelf: Shelf) => readonly string[]): HttpResponse {
  const library = ownLibrary(call)
  const shelf = requireShelf(call, library)
  if (!WRITABLE.has(shelf.id)) {
    throw new ApiFailure(403, 'forbidden', `The bookshelf '${shelf.title}' cannot be changed by hand.`)
  }
  library.shelves.set(String(shelf.id), { ...shelf, volumes: change(shelf), updated: call.clock.now() })
  return jsonAnswer({})
}

function listShelf(call: Call, { volumes }: Shelf): HttpResponse {
  return volumesAnswer(call, volumes.map(requireBook))
}

function shelvesAnswer(call: Call, shelves: readonly Shelf[], library: Library): HttpResponse {
  return jsonAnswer({
    kind: 'books#bookshelves',
    items: shelves.map((shelf) => shelfResource(call, shelf, library)),
  })
}

function shelfResource({ origin }: Call, shelf: Shelf, { userId: user, created }: Library): JsonObject {
  const updated = new Date(shelf.updated).toISOString()
  return {
    kind: 'books#bookshelf',
    id: shelf.id,
    selfLink: `${origin}/books/v1/users/${user}/bookshelves/${shelf.id}`,
    title: shelf.title,
    access: isPublic(shelf) ? 'PUBLIC' : 'PRIVATE',
    created: new Date(created).toISOString(),
    updated,
    volumeCount: shelf.volumes.length,
    volumesLastUpdated: updated,
  }
}
