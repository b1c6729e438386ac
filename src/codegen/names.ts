/** Names for one file, no two of them the same. */
export class Names {
  readonly #taken = new Set<string>()
  /** The last number behind each name that was taken more than once. */
  readonly #numbers = new Map<string, number>()

  /** The nearest name to the wanted one that is an identifier and still free. */
  take(wanted: string): string {
    const base = identifier(wanted)
    let name = base
    let number = this.#numbers.get(base) ?? 1
    while (this.#taken.has(name)) name = `${base}${++number}`
    this.#numbers.set(base, number)
    this.#taken.add(name)
    return name
  }
}

/** `projects`, `well-known`, `list` as `ProjectsWellKnownList`. */
export function pascalCase(...names: readonly string[]): string {
  return names.map((name) => capitalWords(name) || '_').join('')
}

function capitalWords(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
}

/** A name that a type may bear. */
function identifier(text: string): string {
  const safe = text.replace(/[^\w$]/g, '_')
  return safe === '' || /^\d/.test(safe) || RESERVED.has(safe) ? `_${safe}` : safe
}

/** The name of a member: as it is, or in quotes. */
export function memberName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)
}

/** A text as a literal. Nothing in it can end the literal or the line. */
export function quote(text: string): string {
  return `'${text.replace(UNSAFE, (found) => ESCAPES[found] ?? unicode(found))}'`
}

/** The text of a literal that `quote` wrote. */
export function unquote(literal: string): string {
  return literal
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-f]{4})|(.))/g, (_, code: string | undefined, plain: string) =>
      code === undefined ? plain : String.fromCharCode(parseInt(code, 16)),
    )
}

/** Control characters, and what is beyond Latin-1: some of that ends lines, or turns the direction of text. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNSAFE = /[\\'\u0000-\u001f\u007f-\u009f\u0100-\uffff]/g
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', "'": "\\'" }

function unicode(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** What no type can be called, or what would be read as something else. */
const RESERVED = new Set(
  (
    'any asserts async await bigint boolean break case catch class const constructor continue debugger declare default ' +
    'delete do else enum export extends false finally for function get if implements import in infer instanceof ' +
    'interface intrinsic is keyof let module namespace never new null number object of out override package private ' +
    'protected public readonly require return satisfies set static string super switch symbol this throw true try ' +
    'type typeof undefined unique unknown var void while with yield'
  ).split(' '),
)
