import { ParseError, type Problem, ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { DiscoveryAddresses } from './addresses.ts'
import { cachedJson, type JsonSource } from './cached-json.ts'
import type { DirectoryItem, DirectoryList } from './document.ts'
import { noSuchApi } from './no-such-api.ts'

/** Which APIs to list. */
export interface ListApisQuery {
  readonly name?: string
  readonly preferred?: boolean
  /** The parts of the answer to give, such as `items(id)`. */
  readonly fields?: string
}

/** The query of a list of APIs as it goes into an address. @throws {ValidationError} for what cannot be asked. */
export function directoryQuery(query: ListApisQuery): Readonly<Record<string, string>> {
  checkOptionNames('listApis', query, Object.keys(QUERY))
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const problems: Problem[] = given
    .filter(([name, value]) => typeof value !== QUERY[name])
    .map(([path]) => ({ path, message: `must be a ${QUERY[path]}` }))
  if (problems.length > 0) throw new ValidationError('listApis', problems)
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}

const QUERY: Readonly<Record<string, string>> = { name: 'string', preferred: 'boolean', fields: 'string' }

/** The APIs that Google lists, or those of one name. */
export async function loadDirectory(
  addresses: DiscoveryAddresses,
  source: Pick<JsonSource, 'fetch'>,
  query: Readonly<Record<string, string>> = {},
): Promise<DirectoryList> {
  return checkDirectory((await source.fetch(directoryUrl(addresses, query), {}, false)).content)
}

/**
 * The version of an API to take when none is named.
 * @throws {ValidationError} when there is no API of the name, with the nearest that exists.
 */
export function preferredVersion(
  name: string,
  addresses: DiscoveryAddresses,
  source: JsonSource,
): Promise<string> {
  const key = directoryUrl(addresses, { name })
  return cachedJson<string>(
    {
      key,
      read(content) {
        const items = checkDirectory(content).items.filter(
          (item) => item.name === name && isVersion(item.version),
        )
        return (items.find((item) => item.preferred) ?? items[0])?.version
      },
      allows: () => false,
      async find(get) {
        const version = await get(key)
        if (version !== undefined) return version
        const { items } = await loadDirectory(addresses, source).catch(() => ({ items: [] })) // it only helps
        throw noSuchApi(name, undefined, items)
      },
    },
    source,
  )
}

function directoryUrl({ directory }: DiscoveryAddresses, query: Readonly<Record<string, string>>): string {
  const search = new URLSearchParams(query).toString()
  return search === '' ? directory : `${directory}?${search}`
}

/** The list of no APIs has no `items` on the wire. */
function checkDirectory(value: unknown): DirectoryList {
  const list = value as Partial<DirectoryList> | null | undefined
  const items: unknown = typeof list === 'object' && list !== null ? (list.items ?? []) : undefined
  if (Array.isArray(items) && items.every((item) => typeof item === 'object' && item !== null)) {
    return { ...list, items: items as DirectoryItem[] }
  }
  throw new ParseError('the list of APIs does not have the form of one', {
    status: 200,
    contentType: 'application/json',
  })
}

/** What may stand in an address. */
function isVersion(version: unknown): boolean {
  return typeof version === 'string' && /^[\w.-]+$/.test(version)
}
