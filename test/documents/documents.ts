import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { RestDescription, RestMethod, RestParameter, RestResource } from 'discokit'

/** Google's own documents: big, so they lie beside the repository and not in it. */
const folder = new URL('../../../shared/discovery/', import.meta.url)

/** Whether the documents are here. Tests that need them are left out where they are not, and say so. */
export const documentsPresent: boolean = existsSync(folder)
if (!documentsPresent) {
  console.log('left out: the tests over real discovery documents; there is no folder ../shared/discovery')
}

/** The ids of all documents as files are named: `storage-v1`. */
export const documentNames: readonly string[] = documentsPresent
  ? readdirSync(folder)
      .filter((file) => file.endsWith('.json') && !file.startsWith('_'))
      .map((file) => file.slice(0, -'.json'.length))
      .toSorted()
  : []

export function readDocument(name: string): RestDescription {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as RestDescription
}

/** A method and the names that lead to it: `['objects', 'get']`. */
export interface PlacedMethod {
  readonly path: readonly string[]
  readonly method: RestMethod
  /** Its parameters, the API's own included. */
  readonly parameters: Readonly<Record<string, RestParameter>>
}

export function methodsOf(document: RestDescription): PlacedMethod[] {
  const below = (node: RestResource, path: readonly string[]): PlacedMethod[] => [
    ...Object.entries(node.methods ?? {}).map(([name, method]) => ({
      path: [...path, name],
      method,
      parameters: { ...document.parameters, ...method.parameters },
    })),
    ...Object.entries(node.resources ?? {}).flatMap(([name, child]) => below(child, [...path, name])),
  ]
  return below(document, [])
}

/** What stands at a path of names in an API object. */
export function memberAt(api: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, name) => (node as Record<string, unknown>)[name], api)
}
