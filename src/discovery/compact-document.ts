import { ParseError } from '../errors.ts'
import type { ApiSource } from './api-source.ts'
import type { JsonSchema, RestDescription, RestMethod, RestParameter, RestResource } from './document.ts'
import { textTable } from './text-table.ts'

/**
 * What a client keeps of a document that it discovered: all that calls need, and no prose. Resources and schemas are
 * kept as JSON texts and read when first used, for a program uses few of them; definitions of parameters, of which
 * hundreds are the same, are kept once. `$load` gets the rest again.
 * @throws {ParseError} when it is nested deeper than any document has a reason to be.
 */
export function compactDocument(document: RestDescription): CompactDocument {
  const parameters = new SharedParameters()
  const schemas = textTable(document.schemas, (schema) => slimSchema(schema, 0))
  const resources = textTable(document.resources, (resource) => slimResource(resource, parameters, 0))
  const slim: Record<string, unknown> = pick(document, DOCUMENT)
  if (document.parameters) slim['parameters'] = mapValues(document.parameters, (each) => slimSchema(each, 0))
  if (document.methods) {
    slim['methods'] = mapValues(document.methods, (each) => parameters.restore(slimMethod(each, parameters)))
  }
  if (document.resources) {
    slim['resources'] = Object.defineProperties(
      {},
      mapValues(document.resources, (_, name) => ({
        enumerable: true,
        get: () => resources(name, (resource) => restoreResource(resource, parameters)),
      })),
    )
  }
  return {
    document: slim as unknown as RestDescription, // the members of one, as picked above
    schemaOf: (name) => schemas(name, (schema) => schema),
  }
}

/** A document and its schemas. */
export type CompactDocument = Pick<ApiSource, 'document' | 'schemaOf'>

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
  'scopes',
  'deprecated',
  'supportsMediaUpload',
  'mediaUpload',
  'supportsMediaDownload',
  'useMediaDownloadService',
]
const SCHEMA = new Set([
  'type',
  'format',
  '$ref',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'default',
  'required',
  'annotations',
  'repeated',
  'location',
  'deprecated',
])
/** No real document comes near: resources are nested 10 deep, schemas 8. */
const DEEPEST = 100

/** A method whose parameters are numbers of shared definitions. */
type SlimMethod = Omit<RestMethod, 'parameters'> & { parameters?: Record<string, number> }

interface SlimResource {
  methods?: Record<string, SlimMethod>
  resources?: Record<string, SlimResource>
  deprecated?: boolean
}

function slimResource(resource: RestResource, parameters: SharedParameters, depth: number): SlimResource {
  checkDepth(depth)
  const { methods, resources, deprecated } = resource
  return {
    ...(methods && { methods: mapValues(methods, (each) => slimMethod(each, parameters)) }),
    ...(resources && {
      resources: mapValues(resources, (each) => slimResource(each, parameters, depth + 1)),
    }),
    ...(deprecated !== undefined && { deprecated }),
  }
}

function restoreResource(
  { methods, resources, ...rest }: SlimResource,
  parameters: SharedParameters,
): RestResource {
  return {
    ...rest,
    ...(methods && { methods: mapValues(methods, (each) => parameters.restore(each)) }),
    ...(resources && { resources: mapValues(resources, (each) => restoreResource(each, parameters)) }),
  }
}

function slimMethod(method: RestMethod, shared: SharedParameters): SlimMethod {
  const { parameters } = method
  const slim = pick(method, METHOD) as unknown as SlimMethod // the members of one, as picked above
  if (parameters) slim.parameters = mapValues(parameters, (each) => shared.add(slimSchema(each, 0)))
  return slim
}

/** Definitions of parameters, each kept once. */
class SharedParameters {
  readonly #numbers = new Map<string, number>()
  readonly #definitions: RestParameter[] = []

  add(parameter: RestParameter): number {
    const text = JSON.stringify(parameter)
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.#definitions.push(parameter) - 1
    this.#numbers.set(text, number)
    return number
  }

  restore({ parameters, ...method }: SlimMethod): RestMethod {
    return parameters
      ? { ...method, parameters: mapValues(parameters, (number) => this.#definitions[number]!) }
      : method
  }
}

/** A schema, or the definition of a parameter, with what values are checked against. */
function slimSchema(schema: JsonSchema, depth: number): JsonSchema {
  checkDepth(depth)
  const slim: Record<string, unknown> = {}
  for (const name in schema) {
    const value = schema[name as keyof JsonSchema]
    switch (name) {
      case 'items':
      case 'additionalProperties':
        slim[name] = slimSchema(value as JsonSchema, depth + 1)
        break
      case 'properties':
        slim[name] = mapValues(value as Record<string, JsonSchema>, (each) => slimSchema(each, depth + 1))
        break
      default:
        if (SCHEMA.has(name)) slim[name] = value
    }
  }
  return slim
}

function checkDepth(depth: number): void {
  if (depth <= DEEPEST) return
  throw new ParseError(`the document is nested more than ${DEEPEST} levels deep`, {
    status: 200,
    contentType: 'application/json',
  })
}

function pick(source: object, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of names)
    if (Object.hasOwn(source, name)) picked[name] = (source as Record<string, unknown>)[name]
  return picked
}

/** Without a prototype, so that a member may be called `__proto__`. */
function mapValues<A, B>(
  members: Readonly<Record<string, A>>,
  change: (value: A, name: string) => B,
): Record<string, B> {
  const changed = Object.create(null) as Record<string, B>
  for (const name of Object.keys(members ?? {})) changed[name] = change(members[name]!, name)
  return changed
}
