/**
 * Values by name, each made ready when it is first asked for. `shrink` turns all others into one JSON text: a fraction of
 * what the objects take, and none of the work before a program has long begun.
 */
export class LazyTable<Member, Slim, Value> {
  readonly #slim: (member: Member) => Slim
  readonly #restore: (slim: Slim) => Value
  readonly #ready = new Map<string, Value>()
  #members: ReadonlyMap<string, Member>
  #texts: ReadonlyMap<string, string> = new Map()

  /**
   * @param slim what of a member is kept
   * @param restore what is given of that; both must bear a second time
   */
  constructor(
    members: Readonly<Record<string, Member>> = {},
    slim: (member: Member) => Slim,
    restore: (slim: Slim) => Value,
  ) {
    this.#members = new Map(Object.entries(members))
    this.#slim = slim
    this.#restore = restore
  }

  get names(): string[] {
    return [...new Set([...this.#ready.keys(), ...this.#members.keys(), ...this.#texts.keys()])]
  }

  /** The value of a name, the same each time; undefined for a name that is not there. */
  get(name: string): Value | undefined {
    const known = this.#ready.get(name)
    if (known !== undefined) return known
    const member = this.#members.get(name)
    const text = this.#texts.get(name)
    if (member === undefined && text === undefined) return undefined
    const value = this.#restore(text === undefined ? this.#slim(member!) : (JSON.parse(text) as Slim))
    this.#ready.set(name, value)
    return value
  }

  shrink(): void {
    if (this.#members.size === 0) return // it is small already
    const names = [...this.#members.keys()].filter((name) => !this.#ready.has(name))
    const texts = names.map((name) => JSON.stringify(this.#slim(this.#members.get(name)!)))
    const all = texts.join('')
    let end = 0
    // Slices of the one text: they have no characters of their own.
    this.#texts = new Map(names.map((name, i) => [name, all.slice(end, (end += texts[i]!.length))]))
    this.#members = new Map()
  }
}
