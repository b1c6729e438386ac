import type { RestDescription, RestMethod, RestResource } from './document.ts'
import { ValidationError } from '../errors.ts'
import { nearestName } from '../request/nearest-name.ts'
import type { ApiMethod } from './method.ts'

/** What an API object asks of the client that it belongs to. */
export interface ApiHost {
  /** The callable for a method. `resource` is the name of the resource it belongs to, '' at the top. */
  method(document: RestDescription, method: RestMethod, resource: string): ApiMethod
  /** The same API for other credentials. */
  rebind(document: RestDescription, credentials: unknown): object
  /** The whole document, with schemas and prose. */
  load(document: RestDescription): Promise<RestDescription>
}

/**
 * The object through which an API is used: a property for each resource and method, made when first read. Our own
 * members begin with `$`, so nothing of the API is hidden. A resource and a method of one name share a function that
 * has the resource's members.
 */
export function createApi(document: RestDescription, host: ApiHost): object {
  const node: Node = { ...document, name: '' }
  const api = addMembers({}, node, document, host)
  hide(api, '$id', () => document.id ?? `${document.name}:${document.version}`)
  hide(api, '$document', () => document)
  hide(api, '$load', () => () => host.load(document))
  hide(api, '$as', () => (credentials: unknown) => host.rebind(document, credentials))
  return api
}

/** A resource, or the API itself, with its own name. */
interface Node extends RestResource {
  readonly name: string
}

function addMembers(target: object, node: Node, document: RestDescription, host: ApiHost): object {
  const { methods = {}, resources = {} } = node
  const member = (name: string): unknown => {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined
    const resource = Object.hasOwn(resources, name) ? resources[name] : undefined
    const base = method ? host.method(document, method, node.name) : {}
    return resource ? addMembers(base, { ...resource, name }, document, host) : base
  }
  for (const name of new Set([...Object.keys(methods), ...Object.keys(resources)])) {
    // `await api` asks for `then`; a method of that name is reached by $method('then').
    // So is one below a method of its resource's name that bears the name of a method's own member, such as `prepare`.
    if (name !== 'then' && !isFixed(target, name)) lazily(target, name, true, () => member(name))
  }
  hide(target, '$resources', () => Object.keys(resources))
  hide(target, '$methods', () => Object.keys(methods))
  hide(target, '$method', () => (path: string) => findMethod(path, node, document, host))
  return target
}

/** The method at a dotted path below a node, such as `objects.get`. */
function findMethod(path: string, node: Node, document: RestDescription, host: ApiHost): ApiMethod {
  const names = path.split('.')
  const last = names.pop()!
  let place = node
  for (const name of names) {
    const resource: RestResource | undefined = own(place.resources, name)
    if (!resource) throw noSuchMethod(path, node, document)
    place = { ...resource, name }
  }
  const method = own(place.methods, last)
  if (!method) throw noSuchMethod(path, node, document)
  return host.method(document, method, place.name)
}

function noSuchMethod(path: string, node: Node, document: RestDescription): ValidationError {
  const suggestion = nearestName(path, methodPaths(node))
  return new ValidationError(`${document.name}:${document.version} has no such method`, [
    { path, message: 'is not a method', ...(suggestion !== undefined && { suggestion }) },
  ])
}

/** The dotted paths of all methods at or below a node. */
function methodPaths(node: RestResource, prefix = ''): string[] {
  const own = Object.keys(node.methods ?? {}).map((name) => prefix + name)
  const below = Object.entries(node.resources ?? {}).flatMap(([name, child]) =>
    methodPaths(child, `${prefix}${name}.`),
  )
  return [...own, ...below]
}

function own<T>(members: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return members && Object.hasOwn(members, name) ? members[name] : undefined
}

/** A property made when first read, then a plain value. */
function lazily(target: object, name: string, enumerable: boolean, make: () => unknown): void {
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable,
    get() {
      const value = make()
      Object.defineProperty(target, name, { value, enumerable })
      return value
    },
  })
}

function isFixed(target: object, name: string): boolean {
  return Object.getOwnPropertyDescriptor(target, name)?.configurable === false
}

function hide(target: object, name: string, make: () => unknown): void {
  lazily(target, name, false, make)
}
