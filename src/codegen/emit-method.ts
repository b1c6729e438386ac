import type { RestMethod } from '../discovery/document.ts'
import { docComment } from './comments.ts'
import { schemaContext } from './emit-schema.ts'
import { emitType } from './emit-type.ts'
import { type FileContext, isHttpBody } from './file-context.ts'
import { isWrapped, itemSchema, listingOf } from './method-plan.ts'
import { memberName } from './names.ts'

/** The member of a resource that is a method. @param parameters the name of the interface of its parameters */
export function emitMethod(name: string, method: RestMethod, parameters: string, file: FileContext): string {
  return `${describeMethod(name, method, file)}  readonly ${memberName(name)}: ${methodType(name, method, parameters, file)}\n`
}

export function methodType(name: string, method: RestMethod, parameters: string, file: FileContext): string {
  const result = resultType(method, file)
  const listing = listingOf(method, name, file.document)
  const item = listing?.items && itemSchema(method, listing.items, file.document)
  const callable = item
    ? `${file.use('ListMethod')}<${parameters}, ${result}, ${itemType(method, name, file)}>`
    : `${file.use(listing ? 'PagedMethod' : 'ApiMethod')}<${parameters}, ${result}>`
  return method.supportsMediaDownload === true
    ? `${callable} & ${file.use('DownloadMethod')}<${parameters}>`
    : callable
}

export function describeMethod(name: string, method: RestMethod, file: FileContext): string {
  const { httpMethod, path, description = '', scopes = [], deprecated } = method
  const items = listingOf(method, name, file.document)?.items
  const facts = [
    `${httpMethod} ${path}`,
    items ? `Items: ${items.kind === 'map' ? 'the entries of ' : ''}\`${items.name}\`` : '',
    scopes.length > 0 ? `Scopes, any of: ${scopes.map(shortScope).join(', ')}` : '',
  ]
  const prose = [description, ...facts.filter((fact) => fact !== '')].join('\n')
  return docComment(prose, '  ', deprecated === true ? ['@deprecated'] : [])
}

/** What awaiting a call gives. An answer that no schema describes may be empty, text or bytes. */
function resultType(method: RestMethod, file: FileContext): string {
  if (isHttpBody(method.response)) return 'unknown'
  if (method.response) {
    const type = emitType(method.response, schemaContext(file, 'output'), '  ')
    return isWrapped(file.document) ? `{ data?: ${type} }` : type
  }
  return method.supportsMediaDownload === true ? 'unknown' : 'void'
}

function itemType(method: RestMethod, name: string, file: FileContext): string {
  const { items } = listingOf(method, name, file.document)!
  const schema = itemSchema(method, items!, file.document)
  const type = schema ? emitType(schema, schemaContext(file, 'output'), '  ') : 'unknown'
  return items!.kind === 'map' ? `[string, ${type}]` : type
}

const SCOPES = 'https://www.googleapis.com/auth/'

/** Without what most of them begin with. */
function shortScope(scope: string): string {
  return scope.startsWith(SCOPES) ? scope.slice(SCOPES.length) : scope
}
