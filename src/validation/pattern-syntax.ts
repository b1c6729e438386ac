/**
 * A pattern taken apart, with what the cost of matching it depends on. The syntax is what native expressions with the
 * flag `u` and RE2 share: no references, no looking around, no word edges.
 */
export type PatternNode = PatternFacts &
  (
    | { readonly kind: 'character'; readonly matches: (character: string) => boolean }
    | { readonly kind: 'edge'; readonly start: boolean }
    | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
    | { readonly kind: 'repeat'; readonly body: PatternNode; readonly min: number; readonly max: number }
  )

/** What is known of the texts that a node matches. */
export interface PatternFacts {
  /** The characters they can begin with: a bit for each of ASCII, and {@link OTHER} for all the rest. */
  readonly first: bigint
  /** Whether the empty text is one of them. */
  readonly empty: boolean
  /** The length of the longest. */
  readonly longest: number
}

/**
 * Takes a pattern apart.
 * @param source what the native engine has taken as a pattern already
 * @throws {SyntaxError} when it uses what is not supported.
 */
export function parsePattern(source: string, flags: string): PatternNode {
  const tokens = source.match(TOKEN) ?? []
  if (tokens.join('') !== source) throw new SyntaxError('unsupported pattern')
  let at = 0

  function choice(): PatternNode {
    const parts = [sequence()]
    while (tokens[at] === '|') {
      at++
      parts.push(sequence())
    }
    if (parts.length === 1) return parts[0]!
    return {
      kind: 'choice',
      parts,
      first: parts.reduce((all, { first }) => all | first, 0n),
      empty: parts.some(({ empty }) => empty),
      longest: Math.max(...parts.map(({ longest }) => longest)),
    }
  }

  function sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (at < tokens.length && tokens[at] !== '|' && tokens[at] !== ')') parts.push(repeat())
    return {
      kind: 'sequence',
      parts,
      first: parts.reduceRight((after, { first, empty }) => (empty ? first | after : first), 0n),
      empty: parts.every(({ empty }) => empty),
      longest: parts.reduce((sum, { longest }) => sum + longest, 0),
    }
  }

  function repeat(): PatternNode {
    const body = one(tokens[at++]!)
    const [, sign, low, comma, high] = QUANTIFIER.exec(tokens[at] ?? '') ?? []
    if (sign === undefined) return body
    at++
    const min = low === undefined ? (sign === '+' ? 1 : 0) : Number(low)
    const max = sign === '?' ? 1 : comma === undefined && low !== undefined ? min : Number(high || Infinity)
    const longest = body.longest === 0 || max === 0 ? 0 : body.longest * max
    return { kind: 'repeat', body, min, max, first: body.first, empty: body.empty || min === 0, longest }
  }

  function one(token: string): PatternNode {
    if (token === '^' || token === '$')
      return { kind: 'edge', start: token === '^', first: 0n, empty: true, longest: 0 }
    if (token.startsWith('(')) {
      const inner = choice()
      at++
      return inner
    }
    if (QUANTIFIER.test(token)) throw new SyntaxError('unsupported group')
    return character(token, flags)
  }

  return choice()
}

/** The bit of all characters beyond ASCII. */
const OTHER = 1n << 128n
const TOKEN =
  /\((?:\?:|\?<[A-Za-z_$][\w$]*>)?|[*+?]\??|\{\d+(?:,\d*)?\}\??|\[(?:\\.|[^\\\]])*\]|\\(?:[dDwWsStnvfr0]|c[A-Za-z]|x..|[pPu]\{[^}]*\}|u[dD][89abAB]..\\u[dD][c-fC-F]..|u[^{]...|[^A-Za-z0-9])|[^\\[]/gsu
const QUANTIFIER = /^([*+?]|\{(\d+)(?:(,)(\d*))?\})\??$/
const BEYOND_ASCII = /^(?:\.|\[\^.*)$|[^\0-\x7f]|\\[DSWspPux]/s

/** A token for a single character. What a class matches, the native engine says. */
function character(token: string, flags: string): PatternNode {
  const code = token.codePointAt(0)!
  if (flags === 'u' && !/^[\\[.]/.test(token)) {
    const first = code < 128 ? 1n << BigInt(code) : OTHER
    return { kind: 'character', matches: (text) => text === token, first, empty: false, longest: 1 }
  }
  const key = flags + token
  if (classes.size > 200) classes.clear()
  if (!classes.has(key)) classes.set(key, characterClass(token, flags))
  return classes.get(key)!
}

/** A few classes stand in nearly all patterns. */
const classes = new Map<string, PatternNode>()

function characterClass(token: string, flags: string): PatternNode {
  const native = new RegExp(`^${token}$`, flags)
  const ascii = Array.from({ length: 128 }, (_, i) => +native.test(String.fromCharCode(127 - i)))
  const beyond = flags !== 'u' || BEYOND_ASCII.test(token) ? OTHER : 0n
  let last = ''
  let answer = false
  return {
    kind: 'character',
    // One character is asked for many times in a row, once for each state that waits for it.
    matches: (text) => (text === last ? answer : (answer = native.test((last = text)))),
    first: BigInt(`0b${ascii.join('')}`) | beyond,
    empty: false,
    longest: 1,
  }
}
