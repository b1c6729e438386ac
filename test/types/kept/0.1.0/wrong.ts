/** Wrong uses of a generated API. Each line that ends with `// wrong` has one error, and no other line has any. */
import { createClient } from 'discokit'
import libraryV1 from './google/library.v1.js'

const google = createClient()
const library = google.api(libraryV1)
const { books } = library

export async function parameters(): Promise<void> {
  await books.get() // wrong
  await books.get({}) // wrong
  await books.get({ bookId: 1 }) // wrong
  await books.get({ bookId: undefined }) // wrong
  await books.list({ pageSze: 1 }) // wrong
  await books.list({
    pageSize: 10,
    pageSze: 10, // wrong
  })
  await books.list({
    pageSize: '10', // wrong
  })
  await books.list({ since: 5 }) // wrong
  await books.list({ kind: 3 }) // wrong
  await books.list({ pageToken: null }) // wrong
  await books.list({ key: 'k' }) // wrong
  await books.get({ bookId: '1', alt: 'media' }) // wrong
  await books.list({ body: {} }) // wrong
  await books.list({}, { timeout: 5 }) // wrong
  await books.reviews.get({ bookId: '1' }) // wrong
}

export async function bodies(): Promise<void> {
  await books.order() // wrong
  await books.order({ body: {} }) // wrong
  await books.insert({ body: {} }) // wrong
  await books.insert({
    body: {
      title: 't',
      id: '1', // wrong
    },
  })
  await books.insert({
    body: {
      title: 't',
      bytes: '1', // wrong
    },
  })
  await books.insert({
    body: {
      title: 't',
      author: { born: {} }, // wrong
    },
  })
  await books.insert({
    body: {
      title: 't',
      author: {
        name: 'n',
        verified: true, // wrong
      },
    },
  })
  await books.insert({
    body: {
      title: 't',
      cover: {
        color: 'red',
        thumbnailLink: 'https://example.com', // wrong
      },
    },
  })
  await books.insert({
    body: {
      title: 't',
      shelf: 'S', // wrong
    },
  })
  await books.insert({
    body: {
      title: 't',
      tags: [1], // wrong
    },
  })
  await books.insert({
    body: {
      title: null, // wrong
    },
  })
  await books.insert({ body: { title: 't' }, requestBody: {} }) // wrong
  await books.patch({
    bookId: '1',
    body: {
      ttile: 't', // wrong
    },
  })
  await books.patch({
    bookId: '1',
    body: {
      id: '2', // wrong
    },
  })
  await books.lend({ bookId: '1', body: { to: 'me' } }) // wrong
  await books.get({ bookId: '1', body: {} }) // wrong
  await books.patch({ bookId: '1', media: 'x' }) // wrong
}

export async function methods(): Promise<void> {
  library.shelves.list() // wrong
  books.isnert({ body: { title: 't' } }) // wrong
  books.list.download() // wrong
  books.insert.download({ body: { title: 't' } }) // wrong
  books.report().items() // wrong
  for await (const _ of books.report()) void _ // wrong
  for await (const _ of books.get({ bookId: '1' })) void _ // wrong
  books.get({ bookId: '1' }).pages() // wrong
  const book = await books.get({ bookId: '1' })
  book.ttile // wrong
  book.id = '2' // wrong
  book.bytes + 1 // wrong
  const size: number | undefined = book.bytes // wrong
  const number: number = await books.get({ bookId: '1' }) // wrong
  const texts: string[] = await books.list() // wrong
  const gone: number = await books.delete({ bookId: '1' }) // wrong
  const sent: number = await google.send(books.report.prepare()) // wrong
  void [number, texts, gone, sent, returned, taken]
  async function returned(): Promise<string> {
    return books.get({ bookId: '1' }) // wrong
  }
  function taken(book: { bytes?: number }): void {
    void book
  }
  taken(await books.get({ bookId: '1' })) // wrong
  const made: string = await books.get({ bookId: '1' }, { transform: () => 5 }) // wrong
  void made
  await books.get({ bookId: '1' }, { transform: ({ ttile }) => ttile }) // wrong
  void size
}

export async function sending(): Promise<void> {
  books.get.prepare() // wrong
  books.get.prepare({ bookID: '1' }) // wrong
  await google.batch([books.get({ bookId: '1' })]) // wrong
  await google.batch([books.get.prepare({ bookId: '1' })], { onProgress: () => {} }) // wrong
  const [first, second] = await google.batch([books.get.prepare({ bookId: '1' }), books.report.prepare()])
  if (first.status === 'fulfilled') first.value.total // wrong
  if (second.status === 'fulfilled') second.value.title // wrong
  const [, , third] = await google.send([books.get.prepare({ bookId: '1' }), books.report.prepare()]) // wrong
  void third
  const one = await google.send(books.report.prepare())
  one.title // wrong
}
