import type { RestDescription, RestMethod } from '../discovery/document.ts'

/** All methods of a document, those of nested resources too. */
export function methodsOf(node: Pick<RestDescription, 'methods' | 'resources'>): RestMethod[] {
  const nested = Object.values(node.resources ?? {}).flatMap(methodsOf)
  return [...Object.values(node.methods ?? {}), ...nested]
}
