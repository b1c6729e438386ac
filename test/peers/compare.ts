import type { WireRequest } from './recorder.ts'

/** One thing that is not the same in two requests. */
export interface Difference {
  readonly part: 'method' | 'path' | 'query' | 'header' | 'body'
  /** Such as `':' is raw in theirs`, or the two texts when there is no simpler way to say it. */
  readonly what: string
}

/** The headers that say something about the request itself and not about who sends it. */
const HEADERS = ['content-type', 'content-length', 'x-goog-api-version', 'x-http-method-override']

/** Everything in which another client's request differs from ours for the same arguments. */
export function differences(theirs: WireRequest, ours: WireRequest): Difference[] {
  const found: Difference[] = []
  if (theirs.method !== ours.method)
    found.push({ part: 'method', what: `${theirs.method}, not ${ours.method}` })

  const [path = '', query = ''] = split(ours.target, '?')
  const walked = walk(theirs.target, path, 'path', found)
  if (walked !== undefined) {
    // A raw '?' in the path has begun the query too early: what the client itself adds then begins with '&'.
    compareQueries(walked.replace(/^[?&]/, ''), query, found)
  }
  for (const name of HEADERS) {
    const [their, our] = [String(theirs.headers[name]), String(ours.headers[name])]
    // The length of a body says no more than the body, unless there is none.
    const isLength = name === 'content-length' && theirs.body !== '' && ours.body !== ''
    if (their !== our && !isLength) found.push({ part: 'header', what: `${name}: ${their}, not ${our}` })
  }
  if (canonical(theirs) !== canonical(ours)) {
    found.push({ part: 'body', what: `${theirs.body}, not ${ours.body}` })
  }
  return found
}

/**
 * Goes along two texts that mean the same if each character of one is the same in the other, encoded or not.
 * @returns what is left of theirs, or undefined when they part
 */
function walk(theirs: string, ours: string, part: 'path' | 'query', found: Difference[]): string | undefined {
  let at = 0
  for (const [token] of ours.matchAll(/(?:%[89A-F][0-9A-F])+|%[0-7][0-9A-F]|[^%]/g)) {
    const character = token.startsWith('%') ? decodeURIComponent(token) : token
    const encoded = `%${token.charCodeAt(0).toString(16).toUpperCase()}`
    if (theirs.startsWith(token, at)) at += token.length
    else if (theirs.startsWith(character, at)) {
      found.push({ part, what: `'${character}' is raw in theirs` })
      at += character.length
    } else if (theirs.startsWith(encoded, at)) {
      found.push({ part, what: `'${character}' is encoded in theirs` })
      at += encoded.length
    } else if (character === '\\' && theirs[at] === '/') {
      found.push({ part, what: `'\\' is '/' in theirs` })
      at++
    } else if (character === '#' && at === theirs.length) {
      found.push({ part, what: `'#' ends theirs, query and all` })
      return undefined
    } else {
      found.push({ part, what: `${theirs}, not ${ours}` })
      return undefined
    }
  }
  return theirs.slice(at)
}

function compareQueries(theirs: string, ours: string, found: Difference[]): void {
  const left = theirs === '' ? [] : theirs.split('&')
  for (const pair of ours === '' ? [] : ours.split('&')) {
    const same = left.findIndex((their) => decodeURIComponent(their) === decodeURIComponent(pair))
    if (same === -1) found.push({ part: 'query', what: `only ours has ${pair}` })
    else walk(left.splice(same, 1)[0]!, pair, 'query', found)
  }
  found.push(...left.map((pair) => ({ part: 'query', what: `only theirs has ${pair}` }) as const))
}

/** A body with the members of its objects in order, when it is JSON. */
function canonical({ headers, body }: WireRequest): string {
  return headers['content-type'] === 'application/json' ? JSON.stringify(sorted(JSON.parse(body))) : body
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  )
}

function split(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}
