import { GoogleApiError, NotFoundError, ParseError, TransportError } from '../errors.ts'
import type { DiscoveryAddresses } from './addresses.ts'
import { cachedJson, type JsonSource } from './cached-json.ts'
import { checkDocument } from './check-document.ts'
import type { RestDescription } from './document.ts'
import { loadDirectory } from './load-directory.ts'
import { noSuchApi } from './no-such-api.ts'

/**
 * The document of an API. The Discovery Service answers at two kinds of address and neither has every API, so the
 * second is tried when the first has none, and then the one that the list of APIs names.
 * @throws {ValidationError} when there is no such API or version, with the nearest that exists.
 */
export function loadDocument(
  { name, version }: Pick<RestDescription, 'name' | 'version'>,
  addresses: DiscoveryAddresses,
  source: JsonSource,
): Promise<RestDescription> {
  const urls = addresses.documents(name, version)
  return cachedJson<RestDescription>(
    {
      key: urls[0],
      read(content, url) {
        const document = checkDocument(content, url)
        return document.name === name && document.version === version ? document : undefined
      },
      allows: addresses.allows,
      async find(get, known) {
        const asked = new Set([known, ...urls])
        const found = await firstThatHas(asked, get)
        if (found) return found
        const { items } = await loadDirectory(addresses, source).catch(() => ({ items: [] })) // it only helps
        const listed = items.find((item) => item.name === name && item.version === version)?.discoveryRestUrl
        if (listed !== undefined && !asked.has(listed) && addresses.allows(listed)) {
          const named = await firstThatHas([listed], get)
          if (named) return named
        }
        throw noSuchApi(name, version, items)
      },
    },
    source,
  )
}

async function firstThatHas<T>(
  urls: Iterable<string>,
  get: (url: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  let missing = false
  for (const url of urls) {
    try {
      const found = await get(url)
      if (found) return found
      missing = true
    } catch (error) {
      // Below a host that does not exist anything may stand. Once one address has said no, the other has no say.
      const isNo = error instanceof NotFoundError || (error instanceof GoogleApiError && error.status === 400)
      if (!isNo && !(missing && isAnswerless(error))) throw error
      missing = true
    }
  }
  return undefined
}

/** A failure of the address itself, as opposed to the caller's abort or deadline. */
function isAnswerless(error: unknown): boolean {
  return error instanceof GoogleApiError || error instanceof TransportError || error instanceof ParseError
}
