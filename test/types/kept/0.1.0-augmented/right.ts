/** Where a file registers an API, `discover` knows its type, without an import. */
import { createClient, type UntypedApi } from 'discokit'

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Equals<A, B>): void {}

const google = createClient()

export async function discovered(any: string): Promise<void> {
  const library = await google.discover('library:v1')
  for await (const book of library.books.list({ pageSize: 3 }))
    same<typeof book.title, string | undefined>(true)
  const same1 = await google.discover(
    { url: 'https://example.com/library.json', id: 'library:v1' },
    { timeoutMs: 5 },
  )
  same<typeof same1, typeof library>(true)
  const place = await google.discover({ url: 'https://example.com/other.json' })
  same<typeof place, UntypedApi>(true)
  const untyped = await google.discover(any)
  same<typeof untyped, UntypedApi>(true)
}
