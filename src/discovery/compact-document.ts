import type { ApiSource } from './api-source.ts'
import type { RestDescription } from './document.ts'
import { LazyTable } from './lazy-table.ts'
import { mapValues } from './map-values.ts'
import { type PartOf, restoreMethod, restoreResource } from './restore-resource.ts'
import { SharedParts } from './shared-parts.ts'
import { pick, slimMethod, slimParameter, slimResource } from './slim-resource.ts'
import { restoreSchema, slimSchema } from './slim-schema.ts'

/**
 * What a client keeps of a document that it discovered: all that calls need, and no prose. Resources and schemas are
 * read when first used, for a program uses few of them. Definitions of parameters and lists of scopes, of which hundreds are
 * the same, are kept once. `$load` gets the rest again.
 */
export function compactDocument(document: RestDescription): CompactDocument {
  const shared = new SharedParts()
  const part: PartOf = (number) => shared.get(number)
  const schemas = new LazyTable(
    document.schemas,
    (schema) => slimSchema(schema, shared),
    (schema) => restoreSchema(schema, shared),
  )
  const resources = new LazyTable(
    document.resources,
    (resource) => slimResource(resource, (method) => slimMethod(method, shared)),
    (resource) => restoreResource(resource, part),
  )
  const slim: Record<string, unknown> = pick(document, DOCUMENT)
  if (document.parameters) slim['parameters'] = mapValues(document.parameters, (each) => slimParameter(each))
  if (document.methods) {
    slim['methods'] = mapValues(document.methods, (each) => restoreMethod(slimMethod(each, shared), part))
  }
  if (document.resources) {
    slim['resources'] = {}
    for (const name of resources.names)
      Object.defineProperty(slim['resources'], name, { enumerable: true, get: () => resources.get(name) })
  }
  return {
    document: slim as unknown as RestDescription, // the members of one, as picked above
    schemaOf: (name) => schemas.get(name),
    shrink() {
      schemas.shrink()
      resources.shrink()
    },
  }
}

/** A document and its schemas. */
export interface CompactDocument extends Pick<ApiSource, 'document' | 'schemaOf'> {
  /**
   * Lets go of all that has not been used, but for a text.
   * @throws {ParseError} when it is nested deeper than any document has a reason to be.
   */
  shrink(): void
}

const DOCUMENT = [
  'kind',
  'id',
  'name',
  'version',
  'revision',
  'title',
  'documentationLink',
  'rootUrl',
  'servicePath',
  'batchPath',
  'features',
]
