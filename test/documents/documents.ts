import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { RestDescription, RestMethod, RestParameter, RestResource } from 'discokit'
import type { TestContext } from 'vitest'
import { say } from './say.ts'

/** Google's own documents: big, so they lie beside the repository and not in it. */
const folder = new URL('../../../shared/discovery/', import.meta.url)

const present = existsSync(folder)
const WHY = 'the real discovery documents are not in ../shared/discovery'
if (!present) say(`left out, since ${WHY}: the tests over them`)

/** Leaves out the test that is about to run where the documents are not. For `beforeEach`. */
export function needDocuments(context: TestContext): void {
  context.skip(!present, WHY)
}

/** The ids of all documents as files are named: `storage-v1`. */
export const documentNames: readonly string[] = present
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

/** The bytes of a document as it is served. */
export function sizeOf(name: string): number {
  return statSync(new URL(`${name}.json`, folder)).size
}
