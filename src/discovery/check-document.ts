import { ParseError, ValidationError } from '../errors.ts'
import type { RestDescription } from './document.ts'

/**
 * Takes a value for a discovery document when it has what a client needs to call the API.
 * @throws {ParseError} when it has not.
 */
export function checkDocument(value: unknown, from = 'the document'): RestDescription {
  const document = value as Partial<RestDescription> | null | undefined
  const texts = ['name', 'version', 'rootUrl', 'servicePath'] as const
  const missing =
    typeof document === 'object' && document !== null
      ? texts.filter((name) => typeof document[name] !== 'string')
      : ['everything']
  if (missing.length > 0) {
    throw new ParseError(`${from} is not a discovery document: it lacks ${missing.join(', ')}`, {
      status: 200,
      contentType: 'application/json',
    })
  }
  return document as RestDescription
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
