import type { RestMethod } from '../discovery/document.ts'
import { docComment } from './comments.ts'
import { schemaContext } from './emit-schema.ts'
import { emitType } from './emit-type.ts'
import { type FileContext, isHttpBody } from './file-context.ts'
import { isWrapped, itemsOf, listingOf, type PlannedItems } from './method-plan.ts'
import { memberName } from './names.ts'

/**
 * The member of a resource that is a method.
 * @param parameters the name of the interface of its parameters
 * @param resource the name of the interface of the resource that bears the same name, if there is one
 */
export function emitMethod(
  name: string,
  method: RestMethod,
  parameters: string,
  resource: string | undefined,
  file: FileContext,
): string {
  const listing = listingOf(method, name, file.document)
  const items = itemsOf(method, listing, file.document)
  const types = [
    callableType(method, parameters, items, listing !== undefined, file),
    ...(method.supportsMediaDownload === true ? [`${file.use('DownloadMethod')}<${parameters}>`] : []),
    // A resource and a method of one name are one thing: the method, with the members of the resource.
    ...(resource === undefined ? [] : [resource]),
  ]
  return `${describeMethod(method, items)}  readonly ${memberName(name)}: ${types.join(' & ')}\n`
}

function callableType(
  method: RestMethod,
  parameters: string,
  items: PlannedItems | undefined,
  isPaged: boolean,
  file: FileContext,
): string {
  const result = resultType(method, file)
  if (!items) return `${file.use(isPaged ? 'PagedMethod' : 'ApiMethod')}<${parameters}, ${result}>`
  const each = emitType(items.schema, schemaContext(file, 'output'), '  ')
  const item = items.kind === 'map' ? `[string, ${each}]` : each
  return `${file.use('ListMethod')}<${parameters}, ${result}, ${item}>`
}

function describeMethod(method: RestMethod, items: PlannedItems | undefined): string {
  const { httpMethod, path, description = '', scopes = [], deprecated } = method
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

const SCOPES = 'https://www.googleapis.com/auth/'

/** Without what most of them begin with. */
function shortScope(scope: string): string {
  return scope.startsWith(SCOPES) ? scope.slice(SCOPES.length) : scope
}
