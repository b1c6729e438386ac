/** Parts of which a document has many that are the same, each kept once and known by its number. */
export class SharedParts {
  readonly #numbers = new Map<string, number>()
  readonly #parts: unknown[] = []

  add(part: unknown): number {
    const text = JSON.stringify(part)
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const number = this.#parts.push(part) - 1
    this.#numbers.set(text, number)
    return number
  }

  /** All of them, each at its number. */
  get all(): readonly unknown[] {
    return this.#parts
  }

  get(number: number): unknown {
    return this.#parts[number]
  }
}
