import { comparison, type FileTest, membership, unreadable } from './query-terms.ts'

/**
 * Reads the parameter `q`, such as `name contains 'report' and 'root' in parents and not trashed = true`.
 * @throws {ApiFailure} 400 when it cannot be read, 501 for a term that is not modelled.
 */
export function parseQuery(q: string): FileTest {
  const tokens = tokenize(q)
  const test = readOr(tokens, 0)
  if (tokens.length > 0) throw unreadable()
  return test
}

function readOr(tokens: string[], depth: number): FileTest {
  let test = readAnd(tokens, depth)
  while (take(tokens, 'or')) {
    const [left, right] = [test, readAnd(tokens, depth)]
    test = (...file) => left(...file) || right(...file)
  }
  return test
}

function readAnd(tokens: string[], depth: number): FileTest {
  let test = readTerm(tokens, depth)
  while (take(tokens, 'and')) {
    const [left, right] = [test, readTerm(tokens, depth)]
    test = (...file) => left(...file) && right(...file)
  }
  return test
}

function readTerm(tokens: string[], depth: number): FileTest {
  if (depth > DEEPEST) throw unreadable()
  if (take(tokens, 'not')) {
    const inner = readTerm(tokens, depth + 1)
    return (...file) => !inner(...file)
  }
  if (take(tokens, '(')) {
    const inner = readOr(tokens, depth + 1)
    if (!take(tokens, ')')) throw unreadable()
    return inner
  }
  const [left = '', operator = '', right = ''] = tokens.splice(0, 3)
  if (operator.toLowerCase() === 'in') return membership(left, right)
  return comparison(left, operator.toLowerCase(), right)
}

const DEEPEST = 50

/** Words, signs and quoted texts; what a text quotes is kept behind a quote, so that it is not taken for a word. */
function tokenize(q: string): string[] {
  const tokens: string[] = []
  const expression = /\s*(?:'((?:[^'\\]|\\.)*)'|(<=|>=|!=|[=<>()])|([\w.]+))\s*/sy
  while (expression.lastIndex < q.length) {
    const match = expression.exec(q)
    if (!match) throw unreadable()
    const [, quoted, sign, word] = match
    tokens.push(quoted === undefined ? (sign ?? word!) : `'${quoted.replace(/\\(.)/gs, '$1')}`)
  }
  return tokens
}

function take(tokens: string[], word: string): boolean {
  if (tokens[0]?.toLowerCase() !== word) return false
  tokens.shift()
  return true
}
