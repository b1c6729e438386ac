import { callerEmail } from '../../account-state.ts'
import { ApiFailure, notFound } from '../../api-failure.ts'
import { userId } from '../../ids.ts'
import type { Call, JsonObject } from '../../service.ts'
import type { StateSlot } from '../../state.ts'

/** A shelf and what stands on it. */
export interface Shelf {
  readonly id: number
  readonly title: string
  readonly updated: number
  /** The ids of the books, the newest first. */
  readonly volumes: readonly string[]
}

/** The shelves of one account. */
export interface Library {
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
/** Those that callers put books on. */
export const WRITABLE: ReadonlySet<number> = new Set([0, 2, 3, 4])

/** The libraries by the numbers of their accounts. */
const slot: StateSlot<Map<string, Library>> = { create: () => new Map() }

/** The caller's shelves, which are always there. */
export function ownLibrary(call: Call): Library {
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

/** The shelves of the account that a call names, or 404. */
export function requireLibrary(call: Call): Library {
  const library = call.state.get(slot).get(call.parameters.text('userId')!)
  if (!library) throw notFound('The user ID could not be found.')
  return library
}

/** The shelf that a call names, or 404. */
export function requireShelf(call: Call, library: Library): Shelf {
  const shelf = library.shelves.get(call.parameters.text('shelf')!)
  if (!shelf) throw notFound('The bookshelf ID could not be found.')
  return shelf
}

/** The same, where anybody may look at it, or 403. */
export function requirePublicShelf(call: Call, library: Library): Shelf {
  const shelf = requireShelf(call, library)
  if (!isPublic(shelf)) throw new ApiFailure(403, 'forbidden', 'The bookshelf is not public.')
  return shelf
}

/** Whether anybody may look at a shelf. */
export function isPublic({ id }: Shelf): boolean {
  return PUBLIC.has(id)
}

/** A shelf as the API shows it. */
export function shelfResource(
  { origin }: Call,
  shelf: Shelf,
  { userId: user, created }: Library,
): JsonObject {
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
