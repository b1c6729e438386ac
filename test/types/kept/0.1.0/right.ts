/** Right uses of a generated API: they compile, and what comes of them has these types. */
import {
  createClient,
  type Download,
  type JsonSchema,
  type PreparedRequest,
  type SendResult,
  type UntypedApi,
} from 'discokit'
import libraryV1, {
  type Book,
  type BookInput,
  type BookList,
  type BookMap,
  type BooksListParameters,
  type LibraryV1,
  type Person,
  type Report,
  type SearchResponse,
} from './google/library.v1.js'

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Equals<A, B>): void {}

const google = createClient()
const library = google.api(libraryV1)
const { books } = library

/** Parameters: which must be there, what each may be. */
export async function parameters(maybe: string | undefined): Promise<void> {
  await books.list()
  await books.list({})
  await books.list({
    pageSize: 10,
    pageToken: maybe,
    author: 'a',
    kind: 'NOVEL',
    'printed.year': 1900,
    fields: 'items',
  })
  await books.list({ author: ['a', 'b'], kind: 'HAIKU', since: new Date(), after: 1n })
  await books.list({ since: '2026-11-20T00:00:00Z', after: '9007199254740993' }, { timeoutMs: 5_000 })
  await books.get({ bookId: '1', prettyPrint: false })
  await library['well-known']['get-one']()
  await library['well-known']['get-one']({ userId: 'me' })
  const kept: BooksListParameters = { pageSize: 10 }
  await books.list({ ...kept, pageToken: 'next' })
}

/** Bodies: what a method demands, what may be cleared, what was got before. */
export async function bodies(book: Book): Promise<void> {
  await books.insert({ body: { title: 't' } })
  await books.insert({
    body: {
      title: 't',
      kind: 'SAGA',
      author: { name: 'a', born: { year: 1900 } },
      labels: { a: 'b' },
      cover: { color: 'red' },
      'end-date': '2026-11-20',
      sequel: { title: 'u' },
      extra: { anything: [1, null] },
    },
    media: 'text',
  })
  await books.patch({
    bookId: '1',
    body: { title: null, cover: { color: null }, labels: { a: null }, tags: ['x'] },
  })
  await books.patch({ bookId: '1', body: book })
  await books.patch({ bookId: '1' })
  await books.lend({ bookId: '1', body: {} })
  await books.import({ media: new Uint8Array(3) })
  await books.order({ body: { title: 't' } })
  await books.insert({ media: 'text' })
  await books.replace({ bookId: '1', body: await books.get({ bookId: '1' }) })
  const input: BookInput = book
  await books.patch({ bookId: '1', body: input })
}

/** Answers. */
export async function answers(): Promise<void> {
  const book = await books.get({ bookId: '1' })
  same<typeof book, Book>(true)
  same<typeof book.id, string | undefined>(true)
  same<typeof book.bytes, string | undefined>(true)
  same<typeof book.author, Person | undefined>(true)
  same<typeof book.sequel, Book | undefined>(true)
  same<typeof book.extra, unknown>(true)
  // A value that no revision knew yet is a text like another.
  const kind: string = book.kind ?? 'NOVEL'
  if (book.kind === 'POEM' || book.kind === 'LIMERICK') void kind
  const nothing = await books.delete({ bookId: '1' })
  same<typeof nothing, void>(true)
  const bytes = await books.import({ media: 'a,b' })
  same<typeof bytes, unknown>(true)
  const { data, response } = await books.get({ bookId: '1' }).withResponse()
  same<typeof data, Book>(true)
  same<typeof response.status, number>(true)
  const about = await library.about()
  const port: number | undefined = about.object?.HTTP?.port
  const path: string | undefined = about.object?.http?.path
  void [port, path]
}

/** Lists: items, pages, maps, and those of which only the pages are known. */
export async function lists(): Promise<void> {
  for await (const book of books.list()) same<typeof book, Book>(true)
  for await (const page of books.list().pages()) same<typeof page, BookList>(true)
  for await (const book of books.list().items({ limit: 3 })) same<typeof book, Book>(true)
  for await (const entry of books.aggregatedList()) same<typeof entry, [string, BookList]>(true)
  for await (const page of books.aggregatedList().pages()) same<typeof page, BookMap>(true)
  for await (const page of books.report().pages()) same<typeof page, Report>(true)
  for await (const book of books.search({ body: { text: 'x' } })) same<typeof book, Book>(true)
}

/** What an option makes of the answer. */
export async function transformed(): Promise<void> {
  const titles = await books.list({}, { transform: ({ items = [] }) => items.map(({ title }) => title) })
  same<typeof titles, (string | undefined)[]>(true)
  const title = await books.get({ bookId: '1' }, { timeoutMs: 5, transform: (book) => book.title ?? '' })
  same<typeof title, string>(true)
  const call = books.list({}, { transform: () => 5 })
  for await (const page of call.pages()) same<typeof page, BookList>(true)
  const { data } = await call.withResponse()
  same<typeof data, number>(true)
  const sent = await google.send(books.report.prepare(), { transform: ({ total = 0 }) => total })
  same<typeof sent, number>(true)
}

/** Downloads, where there are any. */
export async function downloads(): Promise<void> {
  const download = books.get.download({ bookId: '1' })
  same<typeof download, Download>(true)
  await download.text()
}

/** Prepared requests, and what sending several gives. */
export async function sending(ids: readonly string[]): Promise<void> {
  const get = books.get.prepare({ bookId: '1' })
  same<typeof get, PreparedRequest<Book>>(true)
  const list = books.list.prepare()
  const one = await google.send(get)
  same<typeof one, Book>(true)
  const results = await google.send([get, list])
  same<typeof results, [SendResult<Book>, SendResult<BookList>]>(true)
  const batch = await google.batch([list, get, books.delete.prepare({ bookId: '1' })])
  same<typeof batch, [SendResult<BookList>, SendResult<Book>, SendResult<void>]>(true)
  const many = await google.batch(ids.map((bookId) => books.get.prepare({ bookId })))
  same<typeof many, SendResult<Book>[]>(true)
  for await (const page of google.pages(books.search.prepare({ body: {} }), { in: 'body' }))
    same<typeof page.data, SearchResponse>(true)
}

/** What an API has besides its methods, and a resource that is a method too. */
export async function members(): Promise<void> {
  same<typeof library.$id, string>(true)
  same<typeof books.$methods, readonly string[]>(true)
  same<typeof books.get.$required, readonly string[]>(true)
  const schema: JsonSchema | undefined = books.get.$response
  const other: LibraryV1 = library.$as({ kind: 'none', headers: () => ({}) })
  await books.reviews({ bookId: '1' })
  await books.reviews.get({ bookId: '1', reviewId: '2' })
  await library.$method('books.get')({ bookId: '1' })
  const { schemas } = await library.$load()
  void [schema, other, schemas]
}

/** Without a file that registers APIs, `discover` takes any id, and knows no types. */
export async function untyped(): Promise<void> {
  const found = await google.discover('library:v1')
  same<typeof found, UntypedApi>(true)
  await found['books'].list()
}
