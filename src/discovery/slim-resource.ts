import type { RestMethod, RestParameter, RestResource } from './document.ts'
import { mapValues } from './map-values.ts'
import type { SharedParts } from './shared-parts.ts'

/** A resource without prose, whose parameters and scopes are numbers of shared parts. */
export interface SlimResource {
  readonly methods?: Readonly<Record<string, SlimMethod>>
  readonly resources?: Readonly<Record<string, SlimResource>>
  readonly deprecated?: boolean
}

/** A method whose parameters and scopes are numbers of shared parts. The rest is for tables. */
export type SlimMethod = Omit<RestMethod, 'id' | 'parameters' | 'scopes' | 'request' | 'response'> & {
  /** Absent where it is the way to the method. */
  readonly id?: string
  readonly parameters?: Readonly<Record<string, number>>
  readonly scopes?: number
  /** A name is that of a schema. */
  readonly request?: RestMethod['request'] | string
  readonly response?: RestMethod['response'] | string
  /** How it gives its list in pages: there are no schemas to see it from. */
  readonly paging?: number
  /** Further members, which other methods have too. */
  readonly rest?: number
}

/** Makes a method slim. `path` is the way to it. */
export type SlimEach = (method: RestMethod, name: string, path: string) => SlimMethod

/** What is kept of a resource and all below it, methods being made slim in a way of the caller's. */
export function slimResource(resource: RestResource, slimEach: SlimEach, path = ''): SlimResource {
  const { methods, resources, deprecated } = resource
  return {
    ...(methods && {
      methods: mapValues(methods, (each, name) => slimEach(each, name, `${path}.${name}`)),
    }),
    ...(resources && {
      resources: mapValues(resources, (each, name) => slimResource(each, slimEach, `${path}.${name}`)),
    }),
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
