import type { RestDescription, RestMethod, RestParameter, RestResource } from './document.ts'

/**
 * A document without prose and schemas: what calls need, about a tenth of the whole. A client keeps only this of
 * what it discovers; `$load` gets the rest again.
 */
export function slimDocument(document: RestDescription): RestDescription {
  const parameters = document.parameters && mapValues(document.parameters, slimParameter)
  return {
    ...pick(document, DOCUMENT),
    ...(parameters && { parameters }),
    ...slimMembers(document),
  } as RestDescription
}

function slimMembers(node: RestResource): RestResource {
  return {
    ...(node.methods && { methods: mapValues(node.methods, slimMethod) }),
    ...(node.resources && { resources: mapValues(node.resources, slimMembers) }),
  }
}

function slimMethod(method: RestMethod): RestMethod {
  const slim = pick(method, METHOD) as RestMethod
  return method.parameters ? { ...slim, parameters: mapValues(method.parameters, slimParameter) } : slim
}

function slimParameter(parameter: RestParameter): RestParameter {
  return pick(parameter, PARAMETER)
}

const DOCUMENT = [
  'kind',
  'id',
  'name',
  'version',
  'revision',
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
  'parameterOrder',
  'request',
  'response',
  'scopes',
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

function pick<T extends object>(source: T, names: readonly string[]): Partial<T> {
  const picked: Record<string, unknown> = {}
  for (const name of names)
    if (Object.hasOwn(source, name)) picked[name] = (source as Record<string, unknown>)[name]
  return picked as Partial<T> // only members of the source
}

function mapValues<A, B>(members: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]))
}
