import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { JsonSchema, RestDescription, RestMethod, RestResource } from 'discokit'

/** A folder of real discovery documents, where there is one: they are too large to be kept with the sources. */
const FOLDER = resolve(process.env['DISCOVERY_DOCUMENTS'] ?? '../shared/discovery')

/** Why tests over real documents are left out; undefined when they are not. */
export const absence: string | undefined = existsSync(FOLDER)
  ? undefined
  : `no discovery documents in ${FOLDER}; DISCOVERY_DOCUMENTS may name another folder`

/** A method with the document it is from. */
export interface DocumentedMethod {
  readonly document: RestDescription
  readonly method: RestMethod
  schemaOf(name: string): JsonSchema | undefined
}

/** All methods of all documents. */
export function documentedMethods(): DocumentedMethod[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && !name.startsWith('_'))
  return names.flatMap((name) => {
    const document = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as RestDescription
    return methodsOf(document).map((method) => ({
      document,
      method,
      schemaOf: (schema: string) => document.schemas?.[schema],
    }))
  })
}

function methodsOf(node: RestResource): RestMethod[] {
  return [...Object.values(node.methods ?? {}), ...Object.values(node.resources ?? {}).flatMap(methodsOf)]
}
