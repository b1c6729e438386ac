import type { PatternNode } from './pattern-syntax.ts'

/**
 * How many times the native engine may read each character of a text, at most, before it knows that the pattern does
 * not match the whole of it. Infinity when the time may grow faster than the text. Errs to the high side.
 *
 * An engine that goes back tries every way to divide a text between the parts. There is only one way where the next
 * character decides: the branches begin with different characters, and what follows a repetition begins with none
 * that could go on with it.
 */
export function backtrackingCost(pattern: PatternNode): number {
  return ways(pattern, END, 0)
}

/** The bit of the end of the text. */
const END = 1n << 129n

/**
 * The ways a node can be matched that the engine may have to try one after the other.
 * @param follow what may come next
 * @param rest the length of the longest text that may come after it
 */
function ways(node: PatternNode, follow: bigint, rest: number): number {
  switch (node.kind) {
    case 'sequence': {
      let count = 1
      for (let i = node.parts.length - 1; i >= 0; i--) {
        const part = node.parts[i]!
        count *= ways(part, follow, rest)
        follow = starts(part, follow)
        rest += part.longest
      }
      return count
    }
    case 'choice': {
      const counts = node.parts.map((part) => ways(part, follow, rest))
      return areApart(node.parts.map((part) => starts(part, follow)))
        ? Math.max(...counts)
        : counts.reduce((sum, count) => sum + count)
    }
    case 'repeat': {
      const { body, min, max } = node
      if (max === 0) return 1
      const again = max > 1
      const inner = ways(body, again ? body.first | follow : follow, again ? Infinity : rest)
      const exits = min === max || areApart([starts(body, follow), follow]) ? 1 : max - min + 1
      // A repetition without end that may stop anywhere is harmless when what comes after it is short.
      const stops = exits === Infinity && !body.empty ? rest + 1 : exits
      return inner === 1 ? stops : stops * inner ** max
    }
    default:
      return 1
  }
}

function starts(node: PatternNode, follow: bigint): bigint {
  return node.empty ? node.first | follow : node.first
}

function areApart(sets: readonly bigint[]): boolean {
  let seen = 0n
  return sets.every((set) => {
    const apart = (seen & set) === 0n
    seen |= set
    return apart
  })
}
