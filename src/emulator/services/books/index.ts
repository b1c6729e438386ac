import { defineService, type Service } from '../../service.ts'
import {
  addVolume,
  clearVolumes,
  getOwnShelf,
  getShelf,
  listOwnShelves,
  listOwnVolumes,
  listShelves,
  listVolumesOfShelf,
  removeVolume,
} from './bookshelves.ts'
import { getVolume, listVolumes } from './volumes.ts'

/** Books: a small catalogue, and the shelves of each account. */
export const booksService: Service = defineService(
  'books:v1',
  {
    'books.bookshelves.get': getShelf,
    'books.bookshelves.list': listShelves,
    'books.bookshelves.volumes.list': listVolumesOfShelf,
    'books.mylibrary.bookshelves.addVolume': addVolume,
    'books.mylibrary.bookshelves.clearVolumes': clearVolumes,
    'books.mylibrary.bookshelves.get': getOwnShelf,
    'books.mylibrary.bookshelves.list': listOwnShelves,
    'books.mylibrary.bookshelves.removeVolume': removeVolume,
    'books.mylibrary.bookshelves.volumes.list': listOwnVolumes,
    'books.volumes.get': getVolume,
    'books.volumes.list': listVolumes,
  },
  {
    errors: 'older',
    apiKey: [
      'books.bookshelves.get',
      'books.bookshelves.list',
      'books.bookshelves.volumes.list',
      'books.volumes.get',
      'books.volumes.list',
    ],
  },
)
