import { splitOrigin } from './origin.ts'

/**
 * What a client may spend on trying again, for each origin: when a server is down, its clients must not make it worse.
 * A try takes some of it and an answer that is no failure gives one back, so that only long outages use it up.
 */
export class RetryBudget {
  /** What is left, for the origins where something is missing. */
  readonly #left = new Map<string, number>()

  /** Takes what a try costs. Gives false when there is not so much left. */
  take(url: string, cost: number): boolean {
    const origin = keyOf(url)
    const left = (this.#left.get(origin) ?? FULL) - cost
    if (left < 0) return false
    if (this.#left.size >= MOST_ORIGINS) this.#left.clear()
    this.#left.set(origin, left)
    return true
  }

  /** A request went well, or what was taken has led somewhere. */
  refill(url: string, amount = 1): void {
    if (this.#left.size === 0) return
    const origin = keyOf(url)
    const left = this.#left.get(origin)
    if (left === undefined) return
    if (left + amount >= FULL) this.#left.delete(origin)
    else this.#left.set(origin, left + amount)
  }
}

/** A hundred tries. */
const FULL = 500
const MOST_ORIGINS = 1_000

function keyOf(url: string): string {
  return splitOrigin(url)?.origin ?? ''
}
