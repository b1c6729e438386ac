import type { RestMethod, RestParameter, RestResource } from './document.ts'
import { mapValues } from './map-values.ts'
import type { SharedParts } from './shared-parts.ts'

/** A resource without prose, whose parameters and scopes are numbers of shared parts. */
export interface SlimResource {
  readonly methods?: Readonly<Record<string, SlimMethod>>
  readonly resources?: Readonly<Record<string, SlimResource>>
  readonly deprecated?: boolean
}

/** A method whose parameters and scopes are numbers of shared parts. */
export type SlimMethod = Omit<RestMethod, 'parameters' | 'scopes'> & {
  readonly parameters?: Readonly<Record<string, number>>
  readonly scopes?: number
  /** How it gives its list in pages, in a table: there are no schemas to see it from. */
  readonly paging?: number
}

/** What is kept of a resource and all below it, methods being made slim in a way of the caller's. */
export function slimResource(
  resource: RestResource,
  slimEach: (method: RestMethod, name: string) => SlimMethod,
): SlimResource {
  const { methods, resources, deprecated } = resource
  return {
    ...(methods && { methods: mapValues(methods, slimEach) }),
    ...(resources && { resources: mapValues(resources, (each) => slimResource(each, slimEach)) }),
    ...(deprecated !== undefined && { deprecated }),
  }
}

export function slimMethod(method: RestMethod, shared: SharedParts): SlimMethod {
  const { parameters, scopes } = method
  return {
    ...(pick(method, METHOD) as unknown as SlimMethod), // the members of one
    ...(parameters && { parameters: mapValues(parameters, (each) => shared.add(slimParameter(each))) }),
    ...(scopes && { scopes: shared.add(scopes) }),
  }
}

/** Without prose. The whole definition is a shared part, so nothing in it need be one. */
export function slimParameter(parameter: RestParameter): RestParameter {
  return pick(parameter, PARAMETER)
}

/** Some members of an object. */
export function pick(source: object, names: readonly string[]): Record<string, unknown> {
  const picked: Record<string, unknown> = {}
  for (const name of names)
    if (Object.hasOwn(source, name)) picked[name] = (source as Record<string, unknown>)[name]
  return picked
}

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
