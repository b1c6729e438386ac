import type { HttpHeaders } from './http.ts'

/**
 * The header lines of a message that is text. Of the many answers of a batch only a header or two are asked for, so they
 * are looked up in the text; the whole is made when it is needed.
 */
export class HeaderFields {
  readonly #lines: string

  /**
   * @param lines each with its end
   * @throws {SyntaxError} when one of them is no header, or they are too many.
   */
  constructor(lines: string) {
    if (lines.length > MAX_CHARACTERS) throw new SyntaxError('the headers are too long')
    if (!FIELD_LINES.test(lines)) throw new SyntaxError('a header is malformed')
    this.#lines = lines
  }

  /** The value of a header, its name given in lower case; repeated ones joined with `, `. */
  get(name: string): string | undefined {
    const lines = this.#lines
    let value: string | undefined
    for (let at = 0; at < lines.length;) {
      const end = lines.indexOf('\n', at) + 1
      const colon = at + name.length
      if (lines.charCodeAt(colon) === COLON && lines.slice(at, colon).toLowerCase() === name) {
        const found = lines.slice(colon + 1, end).trim()
        value = value === undefined ? found : `${value}, ${found}`
      }
      at = end
    }
    return value
  }

  /** All of them. */
  toHeaders(): HttpHeaders {
    const headers = new Map<string, string>()
    for (const line of this.#lines.split('\n').slice(0, -1)) {
      const colon = line.indexOf(':')
      const name = line.slice(0, colon).toLowerCase()
      const value = line.slice(colon + 1).trim()
      const before = headers.get(name)
      headers.set(name, before === undefined ? value : `${before}, ${value}`)
    }
    return Object.fromEntries(headers)
  }
}

const COLON = 58
const MAX_CHARACTERS = 65_536
/** Names without space around them, no folded lines, no control characters. */
const FIELD_LINES =
  // oxlint-disable-next-line no-control-regex -- control characters are what it excludes
  /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\x00-\x08\x0a-\x1f\x7f]*\r?\n)*$/
