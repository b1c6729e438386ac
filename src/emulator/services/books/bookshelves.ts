import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure, notFound } from '../../api-failure.ts'
import type { Call } from '../../service.ts'
import {
  isPublic,
  type Library,
  ownLibrary,
  requireLibrary,
  requirePublicShelf,
  requireShelf,
  type Shelf,
  shelfResource,
  WRITABLE,
} from './library.ts'
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
