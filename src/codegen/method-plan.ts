import type { JsonSchema, RestDescription, RestMethod } from '../discovery/document.ts'
import type { ItemsPlace } from '../pagination/items.ts'
import { type Paging, pagingOf, unpaged } from '../pagination/paging.ts'

/** How a method is declared to list, if it does. The table of methods says the same to the client. */
export function listingOf(method: RestMethod, name: string, document: RestDescription): Paging | undefined {
  if (isWrapped(document)) return undefined
  const schemaOf = (schema: string): JsonSchema | undefined =>
    document.schemas && Object.hasOwn(document.schemas, schema) ? document.schemas[schema] : undefined
  const paging = pagingOf(method, document.parameters, schemaOf)
  if (paging) return paging
  const whole = unpaged(method, schemaOf)
  return method.httpMethod === 'GET' && LISTS.test(name) && whole.items ? whole : undefined
}

/** Whether the answers of an API stand under `data`, of which its schemas do not tell. */
export function isWrapped({ features }: RestDescription): boolean {
  return Array.isArray(features) && features.includes('dataWrapper')
}

/** Methods that give all there is at once. */
const LISTS = /^(list|search|query|aggregatedList)/i

/** The items of a list: where they are, and what each is. */
export interface PlannedItems extends ItemsPlace {
  readonly schema: JsonSchema
}

/** The items of what a method lists; undefined where no member of an answer holds them. */
export function itemsOf(
  method: RestMethod,
  listing: Paging | undefined,
  document: RestDescription,
): PlannedItems | undefined {
  const items = listing?.items
  const member = items && document.schemas?.[method.response?.$ref ?? '']?.properties?.[items.name]
  const schema = items?.kind === 'list' ? member?.items : member?.additionalProperties
  return items && schema ? { ...items, schema } : undefined
}
