import type { RestDescription, RestMethod } from '../discovery/document.ts'
import { methodsOf } from './methods-of.ts'
import { fitsPattern } from './parameters.ts'
import { bySpecificity, documentRoutes, type Door, type Route } from './routes.ts'
import { apiId, hostOf } from './served-documents.ts'

/** The method that an address belongs to. */
export interface RouteMatch {
  readonly document: RestDescription
  readonly method: RestMethod
  readonly door: Door
  /** The host whose API was asked, when the address named one. */
  readonly host: string
  /** The variables of the path, percent-decoded. */
  readonly pathValues: Readonly<Record<string, string>>
}

/** Finds methods by address and by id. */
export interface Router {
  /** `path` still percent-encoded. The path may begin with the host of an API: `/storage.googleapis.com/storage/v1/b`. */
  match(httpMethod: string, host: string, path: string): RouteMatch | undefined
  /** Takes a leading segment that is a served API's host off a path. */
  resolveHost(host: string, path: string): { host: string; path: string }
  hasMethod(id: string): boolean
}

/** Nothing is compiled before it is asked for: a table for each host that is named, and one for all hosts together. */
export function createRouter(documents: readonly RestDescription[]): Router {
  const hosts = new Set(documents.map(hostOf))
  const tables = new Map<string, RouteTable>()
  let ids: ReadonlySet<string> | undefined
  const tableFor = (host: string): RouteTable => {
    const key = hosts.has(host) ? host : ''
    let table = tables.get(key)
    if (!table) {
      const served = key === '' ? documents : documents.filter((document) => hostOf(document) === key)
      tables.set(key, (table = createTable(served)))
    }
    return table
  }
  const resolveHost: Router['resolveHost'] = (host, path) => {
    const leading = /^\/([^/]+)(\/.*)$/.exec(path)
    return leading && hosts.has(leading[1]!) ? { host: leading[1]!, path: leading[2]! } : { host, path }
  }
  return {
    resolveHost,
    hasMethod: (id) => (ids ??= new Set(documents.flatMap(methodsOf).map((method) => method.id))).has(id),
    match(httpMethod, requestHost, requestPath) {
      const { host, path } = resolveHost(requestHost, requestPath)
      return firstMatch(tableFor(host)(httpMethod, path), normalise(path), host)
    },
  }
}

/** The routes that a path may belong to, the most specific first. */
type RouteTable = (httpMethod: string, path: string) => readonly Route[]

function createTable(documents: readonly RestDescription[]): RouteTable {
  const routes = [
    ...bySpecificity(documents.flatMap((document) => documentRoutes(document))),
    // Last, so that they stand back behind what another API has there.
    ...bySpecificity(documents.filter(isCalledShort).flatMap(shortRoutes)),
  ]
  const index = groupBy(routes, indexKey)
  return (httpMethod, path) => [
    ...(index.get(`${httpMethod} ${firstSegment(path)}`) ?? []),
    ...(index.get(`${httpMethod} {}`) ?? []),
  ]
}

/**
 * The first route whose template and parameter patterns fit: `v1/{+name}` may stand for several methods, told apart by
 * the pattern of `name`. Where only the pattern of a plain segment is missed, the method is still the one meant, and
 * the parameter is what is wrong.
 */
function firstMatch(candidates: readonly Route[], path: string, host: string): RouteMatch | undefined {
  let nearest: RouteMatch | undefined
  for (const { document, method, door, template, match } of candidates) {
    const pathValues = match(path)
    if (!pathValues) continue
    const found = { document, method, door, host, pathValues }
    const fits = Object.entries(pathValues).every(([name, value]) =>
      fitsPattern(value, method.parameters?.[name]?.pattern),
    )
    if (fits) return found
    if (!template.includes('{+')) nearest ??= found
  }
  return nearest
}

/** Some senders encode the `$` and `@` that paths such as `users/@me` have; they are the same. A `:` is not. */
function normalise(path: string): string {
  return path.replace(/%(?:24|40)/g, decodeURIComponent)
}

/**
 * Google's own client of Cloud Storage leaves the service path out when STORAGE_EMULATOR_HOST leads it to an emulator:
 * `/b/box/o` is then what it calls.
 */
function isCalledShort(document: RestDescription): boolean {
  return apiId(document) === 'storage:v1'
}

function shortRoutes(document: RestDescription): Route[] {
  return documentRoutes(document, '').filter((route) => route.door !== 'upload')
}

/** Routes are looked up by HTTP method and first path segment, `{}` when that is not literal. */
function indexKey({ method, template }: Route): string {
  const first = firstSegment(template)
  return `${method.httpMethod} ${first.includes('{') ? '{}' : first}`
}

function firstSegment(path: string): string {
  return path.split('/', 2)[1] ?? ''
}

function groupBy(routes: readonly Route[], key: (route: Route) => string): Map<string, Route[]> {
  const groups = new Map<string, Route[]>()
  for (const route of routes) {
    const group = groups.get(key(route))
    if (group) group.push(route)
    else groups.set(key(route), [route])
  }
  return groups
}
