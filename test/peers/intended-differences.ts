/** A way in which Google's own clients for Node write requests and discokit, on purpose, does not. */
export interface IntendedDifference {
  readonly part: 'method' | 'path' | 'query' | 'header' | 'body'
  /** What differs, in the words of the comparison. With `characters`, `?` stands for each of them. */
  readonly what: string
  readonly characters?: string
  /** Only in these methods. Everywhere without it. */
  readonly methods?: readonly string[]
  readonly reason: string
}

export const intendedDifferences: readonly IntendedDifference[] = []
