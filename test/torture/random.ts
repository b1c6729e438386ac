/** Chance that is the same for the same seed. */
export interface Random {
  /** From 0 to before 1. */
  next(): number
  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number
  chance(p: number): boolean
  pick<T>(choices: readonly T[]): T
}

/** A generator for one case of a run: cases do not depend on each other, so that one can be repeated alone. */
export function seeded(seed: number, index: number): Random {
  let state = mix(mix(seed >>> 0) ^ (index >>> 0))
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    return mix(state) / 4_294_967_296
  }
  const int = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    int,
    chance: (p) => next() < p,
    pick: (choices) => choices[int(0, choices.length - 1)]!,
  }
}

/** The finalizer of MurmurHash3, of 32 bits. */
function mix(value: number): number {
  let hash = value
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
