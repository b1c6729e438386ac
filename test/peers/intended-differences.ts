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

export const intendedDifferences: readonly IntendedDifference[] = [
  {
    part: 'path',
    what: "'?' is raw in theirs",
    characters: '?',
    reason: 'in {+name} a question mark begins the query too early, so the request reaches another method',
  },
  {
    part: 'path',
    what: "'#' ends theirs, query and all",
    reason: 'in {+name} a raw number sign makes a fragment of the rest, which is never sent',
  },
  {
    part: 'path',
    what: "'?' is raw in theirs",
    characters: '%',
    reason: 'in {+name} a value that looks encoded, such as %2F, would be decoded to another one',
  },
  {
    part: 'path',
    what: "'?' is raw in theirs",
    characters: '+',
    reason: 'some servers read a raw plus sign in {+name} as a space',
  },
  {
    part: 'path',
    what: "'?' is raw in theirs",
    characters: ":@&=$,;!'()*[]",
    reason: 'google/api/http.proto has everything but -_.~/0-9a-zA-Z encoded in {+name}',
  },
  {
    part: 'path',
    what: "'?' is raw in theirs",
    characters: '|',
    reason: 'a value of {+name} with a per cent sign and a hexadecimal digit is not encoded at all',
  },
  {
    part: 'path',
    what: "'\\' is '/' in theirs",
    reason: 'for the same cause a backslash stays raw in {+name}, and address parsers take it for a slash',
  },
  {
    part: 'query',
    what: "'?' is encoded in theirs",
    characters: '!()*',
    reason: 'in a query these mean themselves, encoded or not; encodeURIComponent leaves them',
  },
]
