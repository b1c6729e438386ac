import type { RestDescription, RestMethod } from '../discovery/document.ts'
import { parsePathTemplate, pathMatcher } from '../protocol/path-template.ts'
import { methodsOf } from './methods-of.ts'
import { fitsPattern } from './parameters.ts'
import { apiId } from './served-documents.ts'

/** Which of a method's addresses a request came to. */
export type Door = 'plain' | 'upload' | 'download'

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
  readonly methods: ReadonlyMap<string, RestMethod>
}

export function createRouter(documents: readonly RestDescription[]): Router {
  const routes = [
    ...documents.flatMap((document) => documentRoutes(document)).sort(bySpecificity),
    // Last, so that they stand back behind what another API has there.
    ...documents.filter(isCalledShort).flatMap(shortRoutes).sort(bySpecificity),
  ]
  const hosts = new Set(documents.map((document) => new URL(document.rootUrl).hostname))
  const index = groupBy(routes, indexKey)
  const resolveHost: Router['resolveHost'] = (host, path) => {
    const leading = /^\/([^/]+)(\/.*)$/.exec(path)
    return leading && hosts.has(leading[1]!) ? { host: leading[1]!, path: leading[2]! } : { host, path }
  }
  return {
    methods: new Map(routes.map((route) => [route.method.id, route.method])),
    resolveHost,
    match(httpMethod, requestHost, requestPath) {
      const { host, path } = resolveHost(requestHost, requestPath)
      const first = path.split('/', 2)[1] ?? ''
      const candidates = [
        ...(index.get(`${httpMethod} ${first}`) ?? []),
        ...(index.get(`${httpMethod} {}`) ?? []),
      ].filter((route) => !hosts.has(host) || route.host === host)
      return firstMatch(candidates, path, host)
    },
  }
}

interface Route {
  readonly document: RestDescription
  readonly method: RestMethod
  readonly door: Door
  readonly host: string
  readonly template: string
  /** Higher before lower: `{+name}:cancel` before `{+name}`, and more literal text before less. */
  readonly rank: number
  readonly match: (path: string) => Record<string, string> | undefined
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

function documentRoutes(document: RestDescription, servicePath: string = document.servicePath): Route[] {
  const root = new URL(document.rootUrl)
  const base = root.pathname.replace(/\/$/, '')
  const host = root.hostname
  const service = `${base}/${servicePath}`
  return methodsOf(document).flatMap((method) => {
    const path = method.path.replace(/^\//, '')
    const uploads = Object.values(method.mediaUpload?.protocols ?? {}).map((protocol) => base + protocol.path)
    const doors: [Door, string][] = [
      ['plain', `${service}${path}`],
      ...[...new Set(uploads)].map((template): [Door, string] => ['upload', template]),
    ]
    if (method.supportsMediaDownload) {
      doors.push(['download', `${base}/download/${servicePath}${path}`])
    }
    return doors.map(([door, template]) => ({
      document,
      method,
      door,
      host,
      template,
      rank: rank(template),
      match: matchLater(template),
    }))
  })
}

/** Most routes of most emulators are never asked for, so an expression is made when one first is. */
function matchLater(template: string): Route['match'] {
  let match: Route['match'] | undefined
  return (path) => (match ??= pathMatcher(template))(path)
}

function bySpecificity(a: Route, b: Route): number {
  return b.rank - a.rank
}

function rank(template: string): number {
  const parts = parsePathTemplate(template)
  const literals = parts.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : 0), 0)
  return (typeof parts.at(-1) === 'string' ? 10_000 : 0) + literals
}

/** Routes are looked up by HTTP method and first path segment, `{}` when that is not literal. */
function indexKey(route: Route): string {
  const first = route.template.split('/', 2)[1] ?? ''
  return `${route.method.httpMethod} ${first.includes('{') ? '{}' : first}`
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
