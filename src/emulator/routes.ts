import type { RestDescription, RestMethod } from '../discovery/document.ts'
import { parsePathTemplate, pathMatcher } from '../protocol/path-template.ts'
import { methodsOf } from './methods-of.ts'

/** Which of a method's addresses a request came to. */
export type Door = 'plain' | 'upload' | 'download'

/** An address that a method has. */
export interface Route {
  readonly document: RestDescription
  readonly method: RestMethod
  readonly door: Door
  readonly template: string
  /** The decoded variables of a path, still percent-encoded, that has the form of this address. */
  match(path: string): Record<string, string> | undefined
}

/** The addresses of a document's methods. */
export function documentRoutes(
  document: RestDescription,
  servicePath: string = document.servicePath,
): Route[] {
  const base = new URL(document.rootUrl).pathname.replace(/\/$/, '')
  const service = `${base}/${servicePath}`
  return methodsOf(document).flatMap((method) => {
    const path = method.path.replace(/^\//, '')
    const uploads = Object.values(method.mediaUpload?.protocols ?? {}).map((protocol) => base + protocol.path)
    const doors: [Door, string][] = [
      ['plain', `${service}${path}`],
      ...[...new Set(uploads)].map((template): [Door, string] => ['upload', template]),
    ]
    if (method.supportsMediaDownload) doors.push(['download', `${base}/download/${servicePath}${path}`])
    return doors.map(([door, template]) => ({ document, method, door, template, match: matcher(template) }))
  })
}

/** The same routes, `{+name}:cancel` before `{+name}`, and more literal text before less. */
export function bySpecificity(routes: readonly Route[]): Route[] {
  const ranked = routes.map((route) => ({ route, rank: rank(route.template) }))
  return ranked.sort((a, b) => b.rank - a.rank).map(({ route }) => route)
}

function rank(template: string): number {
  const literals = template.replace(/\{[^{}]*\}/g, '').length
  return (template.endsWith('}') ? 0 : 10_000) + literals
}

/** Of thousands of routes most never meet a path that begins and ends as they do, so most are never compiled. */
function matcher(template: string): Route['match'] {
  let begin: string | undefined
  let end = ''
  let match: Route['match'] | undefined
  return (path) => {
    if (begin === undefined) {
      const parts = parsePathTemplate(template)
      ;[begin, end] = [literal(parts[0]), literal(parts.at(-1))]
    }
    if (!path.startsWith(begin) || !path.endsWith(end)) return undefined
    return (match ??= pathMatcher(template))(path)
  }
}

function literal(part: unknown): string {
  return typeof part === 'string' ? part : ''
}
