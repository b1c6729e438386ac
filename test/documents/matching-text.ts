import type { Random } from './random.ts'

/**
 * A text that a pattern matches as a whole. Knows the regular expressions that discovery documents use: classes,
 * escapes, groups, alternatives and quantifiers. Prefers characters that an address must encode.
 */
export function matchingText(pattern: string, random: Random): string {
  const parser = new Parser(pattern.replace(/^\(\?i\)/, ''))
  const text = parser.alternatives()(random)
  if (!parser.atEnd()) throw new Error(`cannot read the pattern ${pattern}`)
  if (!wholeMatch(pattern).test(text)) throw new Error(`'${text}' does not match ${pattern}`)
  return text
}

/** A pattern of a document as a regular expression: it means the whole value, anchored or not. */
export function wholeMatch(pattern: string): RegExp {
  const source = pattern.replace(/^\(\?i\)/, '')
  return new RegExp(`^(?:${source})$`, source === pattern ? '' : 'i')
}

type Writer = (random: Random) => string

const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i))
/** Of one UTF-16 unit each, so that `.{22}` means the same however characters are counted. */
const ALPHABET = [...PRINTABLE, 'ü', 'ß', '✓', '日', '本', '\u00a0']
const AWKWARD = Array.from(' +%?#&=:@!\'()*,;$[]|"<>^`{}\\ü✓日')
/** What `*` and `+` add at most. */
const MORE = 5

class Parser {
  readonly #source: string
  #at = 0

  constructor(source: string) {
    this.#source = source
  }

  atEnd(): boolean {
    return this.#at === this.#source.length
  }

  alternatives(): Writer {
    const choices = [this.#sequence()]
    while (this.#take('|')) choices.push(this.#sequence())
    return (random) => random.pick(choices)(random)
  }

  #sequence(): Writer {
    const parts: Writer[] = []
    while (!this.atEnd() && !'|)'.includes(this.#source[this.#at]!)) parts.push(this.#repeated())
    return (random) => parts.map((part) => part(random)).join('')
  }

  #repeated(): Writer {
    const one = this.#one()
    const [min, max] = this.#times()
    return (random) =>
      Array.from({ length: random.integer(min, Math.min(max, min + MORE)) }, () => one(random)).join('')
  }

  #times(): readonly [min: number, max: number] {
    const match = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(this.#source.slice(this.#at))
    if (!match) return [1, 1]
    this.#at += match[0].length
    const [quantifier, least = '', comma, most] = match
    if (quantifier.startsWith('{')) {
      return [Number(least), comma === '' ? Number(least) : most === '' ? Infinity : Number(most)]
    }
    return quantifier.startsWith('?') ? [0, 1] : [quantifier.startsWith('*') ? 0 : 1, Infinity]
  }

  #one(): Writer {
    if (this.#take('(')) {
      this.#take('?:')
      const inner = this.alternatives()
      if (!this.#take(')')) throw new Error(`a group is open in ${this.#source}`)
      return inner
    }
    const [atom] = /^(?:\[(?:\\.|[^\]\\])+\]|\\.|[^\\])/.exec(this.#source.slice(this.#at)) ?? []
    if (atom === undefined) throw new Error(`cannot read ${this.#source} at ${this.#at}`)
    this.#at += atom.length
    if (atom === '^' || atom === '$') return () => ''
    const expression = new RegExp(`^${atom}$`)
    const fitting = ALPHABET.filter((character) => expression.test(character))
    const awkward = AWKWARD.filter((character) => expression.test(character))
    if (fitting.length === 0) throw new Error(`no character is known for ${atom}`)
    return (random) => random.pick(awkward.length > 1 && random.next() < 0.5 ? awkward : fitting)
  }

  #take(text: string): boolean {
    const found = this.#source.startsWith(text, this.#at)
    if (found) this.#at += text.length
    return found
  }
}
