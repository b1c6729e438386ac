import { ValidationError } from '../errors.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { originOf } from '../transport/origin.ts'
import { isPlain } from './addresses.ts'
import { type ApiId, parseApiId } from './api-id.ts'
import { cachedJson, type JsonSource } from './cached-json.ts'
import { checkDocument } from './check-document.ts'
import type { RestDescription } from './document.ts'

/** Where a document is, besides Google's own places. */
export interface DocumentPlace<Id extends string = string> {
  /** Must be https, or http on this machine. */
  readonly url: string
  /** What the document must be that of, such as `storage:v1`. */
  readonly id?: Id
}

/** A place that may be asked. */
export interface CheckedPlace {
  readonly url: string
  readonly id: ApiId | undefined
}

/** @throws {ValidationError} for a place that may not be asked. */
export function checkPlace(place: DocumentPlace): CheckedPlace {
  const { url, id } = (place as DocumentPlace | null | undefined) ?? ({} as Partial<DocumentPlace>)
  const origin = isPlain(url) && originOf(url)
  if (!origin || (origin.protocol === 'http:' && !origin.loopback)) {
    throw new ValidationError('no document can be loaded', [
      { path: 'url', message: 'must be an https address, or http on this machine, without user name and #' },
    ])
  }
  checkOptionNames('no document can be loaded', place, ['url', 'id'])
  return { url, id: id === undefined ? undefined : parseApiId(id) }
}

/** The document at an address that the caller names. */
export function loadPlace(url: string, source: JsonSource): Promise<RestDescription> {
  return cachedJson<RestDescription>(
    {
      key: url,
      read: checkDocument,
      allows: () => false,
      find: async (get) => (await get(url))!, // checkDocument gives a document or throws
    },
    source,
  )
}

/** @throws {ValidationError} unless the document is that of an id, if one is given. */
export function checkId(document: RestDescription, id: ApiId | undefined): void {
  const { name, version } = document
  if (!id || (id.name === name && (id.version ?? version) === version)) return
  throw new ValidationError('the document is another one', [
    { path: 'id', message: `the address has that of ${name}:${version}` },
  ])
}
