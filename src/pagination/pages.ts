import { ParseError } from '../errors.ts'

/**
 * The pages of a list: the one at hand, then one for each token that an answer names. An empty page goes on, an
 * empty token ends.
 *
 * @param id for the error
 * @param fetchPage asks for the page of a token
 * @throws {ParseError} when a token comes again, which would go on for ever.
 */
export async function* pagesFrom<Page>(
  first: PromiseLike<Page>,
  id: string,
  fetchPage: (pageToken: string) => PromiseLike<Page>,
): AsyncGenerator<Page, void, undefined> {
  const seen = new Set<string>()
  for (let next: PromiseLike<Page> | undefined = first; next !== undefined;) {
    const page: Page = await next
    yield page
    const token = (page as { nextPageToken?: unknown } | undefined)?.nextPageToken
    if (typeof token !== 'string' || token === '') return
    if (seen.has(token)) {
      throw new ParseError(`${id}: the server named the same page token twice, so the list would never end`, {
        status: 200,
        contentType: 'application/json',
      })
    }
    seen.add(token)
    next = fetchPage(token)
  }
}
