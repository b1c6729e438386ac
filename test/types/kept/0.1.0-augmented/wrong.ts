/** There, an id that no file registers is a mistyped one. Each line that ends with `// wrong` has one error. */
import { createClient } from 'discokit'

const google = createClient()

export async function mistyped(): Promise<void> {
  await google.discover('libary:v1') // wrong
  await google.discover('library:v2') // wrong
  await google.discover('library') // wrong
  await google.discover({ url: 'https://example.com', id: 'libary:v1' }) // wrong
  await google.discover({ url: 'https://example.com', ids: 'library:v1' }) // wrong
  const library = await google.discover('library:v1')
  library.boks.list() // wrong
  await library.books.get({ bookId: 1 }) // wrong
}
