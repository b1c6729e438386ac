import { ParseError, ValidationError } from '../errors.ts'
import type { RestDescription, RestMethod, RestResource } from './document.ts'

/**
 * Takes a value for a discovery document when it has what a client needs to call the API.
 * @throws {ParseError} when it has not.
 */
export function checkDocument(value: unknown, from = 'the document'): RestDescription {
  checkFacts(value, from)
  const document = value as RestDescription
  checkMembers(document, from)
  return document
}

/**
 * Takes a value for something of an API when it says which and where.
 * @throws {ParseError} when it does not.
 */
export function checkFacts(value: unknown, from: string): void {
  const document = value as Partial<RestDescription> | null | undefined
  const texts = ['name', 'version', 'rootUrl', 'servicePath'] as const
  const missing =
    typeof document === 'object' && document !== null
      ? texts.filter((name) => typeof document[name] !== 'string')
      : ['everything']
  if (missing.length > 0) {
    throw noDocument(from, `it lacks ${missing.join(', ')}`)
  }
}

/** Google's deepest is 10. */
const DEEPEST_RESOURCE = 64

/** Level by level, as a recursion would end where it is to help. */
function checkMembers(document: RestDescription, from: string): void {
  members(document, 'parameters', from)
  members(document, 'schemas', from)
  let level: readonly RestResource[] = [document]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST_RESOURCE)
      throw noDocument(from, `its resources are more than ${DEEPEST_RESOURCE} deep`)
    for (const resource of level)
      for (const method of members<RestMethod>(resource, 'methods', from)) members(method, 'parameters', from)
    level = [...new Set(level.flatMap((resource) => members<RestResource>(resource, 'resources', from)))]
  }
}

/** What stands below a name of a node: objects in an object, or nothing. */
function members<T extends object>(node: object, name: string, from: string): T[] {
  const { [name]: all = {} } = node as Record<string, unknown>
  const each = typeof all === 'object' && all !== null ? Object.values(all) : [undefined]
  if (each.every((member) => typeof member === 'object' && member !== null)) return each as T[]
  throw noDocument(from, `its ${name} are not objects`)
}

export function noDocument(from: string, why: string): ParseError {
  const fields = { status: 200, contentType: 'application/json' }
  return new ParseError(`${from} is not a discovery document: ${why}`, fields)
}

/**
 * The address below which an API's paths stand: its `rootUrl`, moved to the endpoint or the universe in use.
 * @throws {ValidationError} when the document's is not a plain address.
 */
export function baseUrlOf(
  document: RestDescription,
  endpoint: string | undefined,
  universeDomain: string,
): string {
  const match = /^https?:\/\/([A-Za-z0-9.:[\]-]+)(\/[\w.~/-]*)?$/.exec(document.rootUrl)
  if (!match) {
    throw new ValidationError(`${document.name}:${document.version} cannot be called`, [
      { path: 'rootUrl', message: 'is not a plain http(s) address' },
    ])
  }
  const [, host, path = '/'] = match
  const root = path.endsWith('/') ? path : `${path}/`
  if (endpoint !== undefined) return endpoint + root
  const scheme = document.rootUrl.startsWith('https:') ? 'https' : 'http'
  return `${scheme}://${host!.replace(/(^|\.)googleapis\.com$/, `$1${universeDomain}`)}${root}`
}
