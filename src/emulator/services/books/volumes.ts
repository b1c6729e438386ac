import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { invalidParameter, notFound, notModelled } from '../../api-failure.ts'
import { idOf } from '../../ids.ts'
import type { Call, JsonObject } from '../../service.ts'
import { type Book, CATALOGUE } from './catalogue.ts'

/** `books.volumes.list`: books of the catalogue that fit every term of `q`. */
export function listVolumes(call: Call): HttpResponse {
  const { parameters } = call
  for (const name of ['download', 'filter', 'libraryRestrict', 'partner']) {
    if (parameters.text(name)) throw notModelled(`the parameter ${name} of ${call.method.id}`)
  }
  const fits = parseTerms(parameters.text('q')!)
  const language = parameters.text('langRestrict')
  const magazines = /^magazines$/i.test(parameters.text('printType') ?? '')
  const found = CATALOGUE.filter((book) => !magazines && fits(book))
    .filter((book) => language === undefined || book.language === language)
    .toSorted((a, b) => (isNewest(call) ? b.publishedDate.localeCompare(a.publishedDate) : 0))
  return volumesAnswer(call, found)
}

/** `books.volumes.get` */
export function getVolume(call: Call): HttpResponse {
  const book = requireBook(call.parameters.text('volumeId')!)
  return jsonAnswer(volumeResource(call, book))
}

/** A book of the catalogue, or 404. */
export function requireBook(id: string): Book {
  const book = CATALOGUE.find((each) => each.id === id)
  if (!book) throw notFound('The volume ID could not be found.')
  return book
}

/** Some of a list of books, from `startIndex` on. */
export function volumesAnswer(call: Call, books: readonly Book[]): HttpResponse {
  const start = readCount(call, 'startIndex', 0, Infinity)
  const count = readCount(call, 'maxResults', 10, 40)
  const items = books.slice(start, start + count).map((book) => volumeResource(call, book))
  return jsonAnswer({ kind: 'books#volumes', totalItems: books.length, ...(items.length > 0 && { items }) })
}

function readCount({ parameters }: Call, name: string, usual: number, largest: number): number {
  const count = parameters.number(name) ?? usual
  if (count >= 0 && count <= largest) return count
  throw invalidParameter(name, `Values must be within the range: [0, ${largest}]`, 'invalidParameter')
}

function isNewest({ parameters }: Call): boolean {
  return /^newest$/i.test(parameters.text('orderBy') ?? '')
}

/** Reads a query: words, `"several words"`, `-without`, and `intitle:` and the like before either. */
function parseTerms(q: string): (book: Book) => boolean {
  if (q.trim() === '') throw invalidParameter('q', 'Missing query.', 'queryRequired')
  const terms = Array.from(q.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"|(\S+))/gi), (match) => {
    const [, minus, field = '', phrase, word] = match
    const look = FIELDS[field.toLowerCase()]
    // A word with a colon that names no field is looked for as it stands.
    const text = (look ? (phrase ?? word!) : `${field}:${phrase ?? word!}`).toLowerCase()
    return (book: Book) => (look ?? everything)(book).toLowerCase().includes(text) !== (minus === '-')
  })
  return (book) => terms.every((fits) => fits(book))
}

const everything = ({ title, description, category, author, publisher }: Book): string =>
  [title, description, category, author, publisher].join('\n')

const FIELDS: Readonly<Record<string, (book: Book) => string>> = {
  '': everything,
  inauthor: ({ author }) => author,
  inpublisher: ({ publisher }) => publisher,
  intitle: ({ title }) => title,
  subject: ({ category }) => category,
  // Books that were made up have no numbers.
  isbn: () => '',
  lccn: () => '',
  oclc: () => '',
}

function volumeResource({ origin, parameters }: Call, book: Book): JsonObject {
  const { id, title, author, publisher, publishedDate, description, pageCount, category, language } = book
  const lite = /^lite$/i.test(parameters.text('projection') ?? '')
  return {
    kind: 'books#volume',
    id,
    etag: idOf(`etag ${id}`, 11),
    selfLink: `${origin}/books/v1/volumes/${id}`,
    volumeInfo: {
      title,
      authors: [author],
      publisher,
      publishedDate,
      ...(!lite && { description, pageCount, categories: [category] }),
      printType: 'BOOK',
      maturityRating: 'NOT_MATURE',
      language,
      infoLink: `https://books.google.com/books?id=${id}`,
      canonicalVolumeLink: `https://books.google.com/books/about/?id=${id}`,
    },
    saleInfo: { country: 'US', saleability: 'NOT_FOR_SALE', isEbook: false },
    accessInfo: {
      country: 'US',
      viewability: 'NO_PAGES',
      embeddable: false,
      publicDomain: false,
      textToSpeechPermission: 'ALLOWED',
      epub: { isAvailable: false },
      pdf: { isAvailable: false },
      accessViewStatus: 'NONE',
    },
  }
}
