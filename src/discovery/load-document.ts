import { GoogleApiError, NotFoundError, ParseError, TransportError, ValidationError } from '../errors.ts'
import { nearestName } from '../request/nearest-name.ts'
import type { ApiId } from './api-id.ts'
import type { DirectoryItem, DirectoryList, RestDescription } from './document.ts'
import { checkDocument } from './check-document.ts'

/** Fetches JSON from an address, without credentials. */
export type FetchJson = (url: string) => Promise<unknown>

/**
 * The document of an API. The Discovery Service answers at two kinds of address and neither has every API, so the
 * second is tried when the first has none.
 * @throws {ValidationError} when there is no such API or version, with the nearest that exists.
 */
export async function loadDocument(
  id: ApiId,
  addresses: DiscoveryAddresses,
  fetchJson: FetchJson,
): Promise<RestDescription> {
  const version = id.version ?? (await preferredVersion(id.name, addresses, fetchJson))
  let missing = false
  for (const url of addresses.documents(id.name, version)) {
    try {
      const document = checkDocument(await fetchJson(url), url)
      if (document.name === id.name && document.version === version) return document
      missing = true
    } catch (error) {
      // Below a host that does not exist anything may stand. Once one address has said no, the other has no say.
      const isNo = error instanceof NotFoundError || (error instanceof GoogleApiError && error.status === 400)
      if (!isNo && !(missing && isAnswerless(error))) throw error
      missing = true
    }
  }
  throw await noSuchApi(id.name, version, addresses, fetchJson)
}

/** A failure of the address itself, as opposed to the caller's abort or deadline. */
function isAnswerless(error: unknown): boolean {
  return error instanceof GoogleApiError || error instanceof TransportError || error instanceof ParseError
}

/** The APIs that Google lists, or those of one name. */
export async function loadDirectory(
  addresses: DiscoveryAddresses,
  fetchJson: FetchJson,
  query: Readonly<Record<string, string>> = {},
): Promise<DirectoryList> {
  const search = new URLSearchParams(query).toString()
  const url = search === '' ? addresses.directory : `${addresses.directory}?${search}`
  const list = (await fetchJson(url)) as DirectoryList | undefined
  if (typeof list !== 'object' || list === null || !Array.isArray(list.items ?? [])) {
    throw new ParseError('the list of APIs does not have the form of one', {
      status: 200,
      contentType: 'application/json',
    })
  }
  return list
}

/** Where the Discovery Service is asked. */
export interface DiscoveryAddresses {
  readonly directory: string
  documents(name: string, version: string): readonly string[]
}

/** The addresses below an endpoint that stands in for Google's, or Google's own. */
export function discoveryAddresses(endpoint: string | undefined, universeDomain: string): DiscoveryAddresses {
  const central = `${endpoint ?? `https://www.${universeDomain}`}/discovery/v1/apis`
  return {
    directory: central,
    documents: (name, version) => [
      `${central}/${name}/${version}/rest`,
      `${endpoint ?? `https://${name}.${universeDomain}`}/$discovery/rest?version=${version}`,
    ],
  }
}

async function preferredVersion(
  name: string,
  addresses: DiscoveryAddresses,
  fetchJson: FetchJson,
): Promise<string> {
  const { items = [] } = await loadDirectory(addresses, fetchJson, { name })
  const item = items.find((candidate) => candidate.preferred) ?? items[0]
  if (item) return item.version
  throw await noSuchApi(name, undefined, addresses, fetchJson)
}

async function noSuchApi(
  name: string,
  version: string | undefined,
  addresses: DiscoveryAddresses,
  fetchJson: FetchJson,
): Promise<ValidationError> {
  const items: readonly DirectoryItem[] = await loadDirectory(addresses, fetchJson).then(
    (list) => list.items ?? [],
    () => [], // the directory only improves the message
  )
  const versions = items.filter((item) => item.name === name).map((item) => item.version)
  if (version !== undefined && versions.includes(version)) {
    return new ValidationError(`${name}:${version} cannot be had`, [
      { path: 'id', message: 'is in the list of APIs, and its document is at none of the known addresses' },
    ])
  }
  if (versions.length > 0 && version !== undefined) {
    const suggestion = versions.includes(`v${version}`)
      ? `v${version}`
      : (nearestName(version, versions) ?? versions[0]!)
    return new ValidationError(`${name} has no version ${version} (it has ${versions.join(', ')})`, [
      { path: 'version', message: `'${version}' does not exist`, suggestion: `${name}:${suggestion}` },
    ])
  }
  const suggestion = nearestName(name, new Set(items.map((item) => item.name)))
  return new ValidationError('no such API', [
    {
      path: 'id',
      message: `'${name}' is not the name of an API`,
      ...(suggestion !== undefined && { suggestion }),
    },
  ])
}
