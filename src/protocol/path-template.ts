/** A piece of a path template: literal text, or a variable. `multi` is `{+name}`, which may hold slashes. */
export type PathPart = string | { readonly name: string; readonly multi: boolean }

/**
 * Splits a discovery path such as `b/{bucket}/o/{object}` or `v1/{+name}:cancel` into its parts. The two forms of
 * variable are the only ones that discovery documents use.
 */
export function parsePathTemplate(template: string): PathPart[] {
  const parts: PathPart[] = []
  let end = 0
  for (const match of template.matchAll(/\{(\+?)([^{}]+)\}/g)) {
    if (match.index > end) parts.push(template.slice(end, match.index))
    parts.push({ name: match[2]!, multi: match[1] === '+' })
    end = match.index + match[0].length
  }
  if (end < template.length) parts.push(template.slice(end))
  return parts
}

/** Whether a value can stand in a path as it is. */
export function isPlainSegment(value: string): boolean {
  return UNRESERVED.test(value) && value.charCodeAt(0) !== DOT
}

/**
 * A value as one path segment: everything but unreserved characters is percent-encoded, `/` too
 * (google/api/http.proto). Check it with {@link pathValueProblem} first.
 */
export function encodePathSegment(value: string): string {
  return UNRESERVED.test(value) ? value : encodeURIComponent(value).replace(/[!'()*]/g, percentEncode)
}

/** A value for `{+name}`: as {@link encodePathSegment}, but slashes stay. */
export function encodeMultiSegment(value: string): string {
  return UNRESERVED.test(value) ? value : value.split('/').map(encodePathSegment).join('/')
}

/**
 * Why a value cannot stand in a path, or undefined when it can. Percent-encoding cannot save `.` and `..`: address
 * parsers resolve `%2e%2e` as well, so such a value would reach another method.
 */
export function pathValueProblem(value: string, multi: boolean): string | undefined {
  if (isPlainSegment(value)) return undefined
  if (value === '') return 'is empty'
  if (CONTROL.test(value)) return 'has a control character'
  if (LONE_SURROGATE.test(value)) return 'has half of a surrogate pair'
  for (const segment of multi ? value.split('/') : [value]) {
    if (segment === '') return 'has an empty segment'
    if (segment === '.' || segment === '..') return `has '${segment}' as a segment`
  }
  return undefined
}

/**
 * A function that recognises the paths of a template and gives back the decoded values, or undefined. Paths whose
 * percent-encoding is broken do not match.
 */
export function pathMatcher(template: string): (path: string) => Record<string, string> | undefined {
  const parts = parsePathTemplate(template)
  const names = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.name]))
  const pattern = parts.map((part) =>
    typeof part === 'string' ? escapeRegExp(part) : part.multi ? '(.+)' : '([^/]+)',
  )
  const expression = new RegExp(`^${pattern.join('')}$`)
  return (path) => {
    const match = expression.exec(path)
    if (!match) return undefined
    try {
      return Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(match[i + 1]!)]))
    } catch {
      return undefined
    }
  }
}

const DOT = 46
const UNRESERVED = /^[0-9A-Za-z_.~-]+$/
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

const LONE_SURROGATE = /\p{Surrogate}/u

function percentEncode(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function escapeRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
