import { ValidationError } from '../errors.ts'
import { nearestName } from '../request/nearest-name.ts'
import type { ApiSource } from './api-source.ts'
import type { RestDescription, RestMethod, RestResource } from './document.ts'
import { describeAs, hide, lazily } from './members.ts'
import type { ApiMethod } from './method.ts'
import { methodPaths } from './method-paths.ts'

/** What an API object asks of the client that it belongs to. */
export interface ApiHost {
  /** The callable for a method of a name. */
  method(source: ApiSource, method: RestMethod, name: string): ApiMethod
  /** The address below which the API's paths stand. */
  baseUrl(source: ApiSource): string
  /** The same API for other credentials. */
  rebind(source: ApiSource, credentials: unknown): object
  /** The whole document, with schemas and prose. */
  load(source: ApiSource): Promise<RestDescription>
}

/**
 * The object through which an API is used: a property for each resource and method, made when first read. Our own
 * members begin with `$`, so nothing of the API is hidden. A resource and a method of one name share a function that
 * has the resource's members.
 */
export function createApi(source: ApiSource, host: ApiHost): object {
  const { document } = source
  const id = apiIdOf(source)
  const root: Node = { raw: document, name: '', path: id }
  const api = addMembers(notAMethod(root), root, source, host)
  hide(api, '$id', () => id)
  hide(api, '$version', () => document.version)
  hide(api, '$title', () => document.title)
  hide(api, '$documentationLink', () => document.documentationLink)
  hide(api, '$load', () => () => host.load(source))
  hide(api, '$as', () => (credentials: unknown) => host.rebind(source, credentials))
  return api
}

function apiIdOf({ document }: ApiSource): string {
  return document.id ?? `${document.name}:${document.version}`
}

/** A resource, or the API itself, where it stands. */
interface Node {
  readonly raw: RestResource
  readonly name: string
  /** For people: `storage:v1`, `storage:v1.buckets`. */
  readonly path: string
}

function addMembers(target: object, node: Node, source: ApiSource, host: ApiHost): object {
  const { raw, name, path } = node
  const { methods = {}, resources = {} } = raw
  const member = (each: string): unknown => {
    const method = own(methods, each)
    const resource = own(resources, each)
    const child = resource && below(node, each, resource)
    const base = method ? host.method(source, method, each) : notAMethod(child!)
    return child ? addMembers(base, child, source, host) : base
  }
  for (const each of [...Object.keys(methods), ...Object.keys(resources)]) {
    // `await api` asks for `then`; a method of that name is reached by $method('then').
    // So is one below a method of its resource's name that bears the name of a method's own member, such as `prepare`.
    if (each !== 'then' && !isFixed(target, each)) lazily(target, each, true, () => member(each))
  }
  hide(target, '$resources', () => Object.keys(resources))
  hide(target, '$methods', () => Object.keys(methods))
  hide(target, '$method', () => (dotted: string) => findMethod(dotted, node, source, host))
  if (Object.hasOwn(target, '$id')) return target // a method of the same name tells of itself
  hide(target, '$name', () => name || source.document.name)
  hide(target, '$raw', () => raw)
  hide(target, '$deprecated', () => raw.deprecated ?? false)
  const kind = name === '' ? 'API' : 'resource'
  describeAs(target, () => `${path} ${kind} @ ${host.baseUrl(source)}${source.document.servicePath}`)
  return target
}

function below(node: Node, name: string, raw: RestResource): Node {
  return { raw, name, path: `${node.path}.${name}` }
}

/**
 * What stands for an API or a resource: calling it says what can be called. It inherits nothing, so that `call` and
 * `constructor` are what the document says or nothing.
 */
function notAMethod({ raw, path }: Node): object {
  const refuse = (): never => {
    const names = Object.keys(raw.methods ?? {})
    const members = names.length > 0 ? names : Object.keys(raw.resources ?? {})
    const some = `${members.slice(0, 8).join(', ')}${members.length > 8 ? ', …' : ''}`
    throw new ValidationError('only methods can be called', [
      { path, message: `is not a method; it has: ${some}` },
    ])
  }
  delete (refuse as { name?: unknown }).name
  delete (refuse as { length?: unknown }).length
  return Object.setPrototypeOf(refuse, null) as object
}

/** The method at a dotted path below a node, such as `objects.get`. */
function findMethod(path: string, node: Node, source: ApiSource, host: ApiHost): ApiMethod {
  const names = path.split('.')
  const last = names.pop()!
  let place = node
  for (const name of names) {
    const resource = own(place.raw.resources, name)
    if (!resource) throw noSuchMethod(path, node, source)
    place = below(place, name, resource)
  }
  const method = own(place.raw.methods, last)
  if (!method) throw noSuchMethod(path, node, source)
  return host.method(source, method, last)
}

function noSuchMethod(path: string, node: Node, source: ApiSource): ValidationError {
  const suggestion = nearestName(path, methodPaths(node.raw))
  return new ValidationError(`${apiIdOf(source)} has no such method`, [
    { path, message: 'is not a method', ...(suggestion !== undefined && { suggestion }) },
  ])
}

function own<T>(members: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return members && Object.hasOwn(members, name) ? members[name] : undefined
}

function isFixed(target: object, name: string): boolean {
  return Object.getOwnPropertyDescriptor(target, name)?.configurable === false
}
