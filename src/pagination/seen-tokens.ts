/**
 * Notices a token that comes again. Keeps at most 1,024: every repetition within so many pages is noticed at once.
 * The windows in which it looks grow twofold, so a longer circle is noticed too, as soon as a window holds it.
 */
export class SeenTokens {
  readonly #kept = new Set<string>()
  #window = KEPT
  #count = 0

  /** Whether the token was there before. */
  repeats(token: string): boolean {
    if (this.#kept.has(token)) return true
    if (this.#count === this.#window) {
      this.#kept.clear()
      this.#count = 0
      this.#window *= 2
    }
    if (this.#count++ < KEPT) this.#kept.add(token)
    return false
  }
}

const KEPT = 1_024
