import type { ApiSource } from './api-source.ts'
import type { RestDescription, RestMethod, RestParameter, RestResource } from './document.ts'
import { LazyTable } from './lazy-table.ts'
import { SharedParts } from './shared-parts.ts'
import { mapValues, restoreSchema, slimSchema } from './slim-schema.ts'

/**
 * What a client keeps of a document that it discovered: all that calls need, and no prose. Resources and schemas are
 * read when first used, for a program uses few of them. Definitions of parameters and lists of scopes, of which hundreds are
 * the same, are kept once. `$load` gets the rest again.
 */
export function compactDocument(document: RestDescription): CompactDocument {
  const shared = new SharedParts()
  const schemas = new LazyTable(
    document.schemas,
    (schema) => slimSchema(schema, shared),
    (schema) => restoreSchema(schema, shared),
  )
  const resources = new LazyTable(
    document.resources,
    (resource) => slimResource(resource, shared),
    (resource) => restoreResource(resource, shared),
  )
  const slim: Record<string, unknown> = pick(document, DOCUMENT)
  if (document.parameters) slim['parameters'] = mapValues(document.parameters, (each) => slimParameter(each))
  if (document.methods) {
    slim['methods'] = mapValues(document.methods, (each) => restoreMethod(slimMethod(each, shared), shared))
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
const METHOD = [
  'id',
  'path',
  'httpMethod',
  'apiVersion',
  'request',
  'response',
  'deprecated',
  'supportsMediaUpload',
  'mediaUpload',
  'supportsMediaDownload',
  'useMediaDownloadService',
]

const PARAMETER = [
  'type',
  'format',
  'location',
  'required',
  'repeated',
  'enum',
  'default',
  'pattern',
  'minimum',
  'maximum',
  'deprecated',
]

/** A method whose parameters and scopes are numbers of shared parts. */
type SlimMethod = Omit<RestMethod, 'parameters' | 'scopes'> & {
  parameters?: Record<string, number>
  scopes?: number
}

interface SlimResource {
  methods?: Record<string, SlimMethod>
  resources?: Record<string, SlimResource>
  deprecated?: boolean
}

function slimResource(resource: RestResource, shared: SharedParts): SlimResource {
  const { methods, resources, deprecated } = resource
  return {
    ...(methods && { methods: mapValues(methods, (each) => slimMethod(each, shared)) }),
    ...(resources && { resources: mapValues(resources, (each) => slimResource(each, shared)) }),
    ...(deprecated !== undefined && { deprecated }),
  }
}

function restoreResource({ methods, resources, ...rest }: SlimResource, shared: SharedParts): RestResource {
  return {
    ...rest,
    ...(methods && { methods: mapValues(methods, (each) => restoreMethod(each, shared)) }),
    ...(resources && { resources: mapValues(resources, (each) => restoreResource(each, shared)) }),
  }
}

function slimMethod(method: RestMethod, shared: SharedParts): SlimMethod {
  const { parameters, scopes } = method
  const slim = pick(method, METHOD) as unknown as SlimMethod // the members of one, as picked above
  if (parameters) slim.parameters = mapValues(parameters, (each) => shared.add(slimParameter(each)))
  if (scopes) slim.scopes = shared.add(scopes)
  return slim
}

function restoreMethod({ parameters, scopes, ...method }: SlimMethod, shared: SharedParts): RestMethod {
  return {
    ...method,
    ...(parameters && { parameters: mapValues(parameters, (part) => shared.get(part) as RestParameter) }),
    ...(scopes !== undefined && { scopes: shared.get(scopes) as readonly string[] }),
  }
}

/** Without prose. The whole definition is a shared part, so nothing in it need be one. */
function slimParameter(parameter: RestParameter): RestParameter {
  return pick(parameter, PARAMETER)
}

function pick(source: object, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of names)
    if (Object.hasOwn(source, name)) picked[name] = (source as Record<string, unknown>)[name]
  return picked
}
