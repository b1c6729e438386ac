import { invalidParameter, notModelled } from '../../api-failure.ts'
import type { DriveFile } from './drive-state.ts'

/** Whether a file is among those that are searched for. */
export type FileTest = (file: DriveFile, about: FileFacts) => boolean

/** What a search needs to know besides the file itself. */
export interface FileFacts {
  readonly trashed: boolean
  readonly viewer: string
  readonly rootId: string
}

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
  if (operator.toLowerCase() === 'in') return membership(text(left), right)
  return comparison(left, operator.toLowerCase(), right)
}

function membership(value: string, collection: string): FileTest {
  switch (collection) {
    case 'parents':
      return ({ parents }, { rootId }) => parents.includes(value === 'root' ? rootId : value)
    case 'owners':
      return ({ owner }, { viewer }) => owner === (value === 'me' ? viewer : value)
    case 'writers':
    case 'readers': {
      const roles =
        collection === 'writers' ? ['owner', 'writer'] : ['owner', 'writer', 'commenter', 'reader']
      return ({ permissions }, { viewer }) =>
        permissions.some(
          ({ role, emailAddress }) =>
            roles.includes(role) && emailAddress === (value === 'me' ? viewer : value),
        )
    }
    default:
      throw unreadable()
  }
}

function comparison(field: string, operator: string, right: string): FileTest {
  switch (field) {
    case 'name':
    case 'mimeType': {
      const value = text(right)
      if (operator === '=') return (file) => file[field] === value
      if (operator === '!=') return (file) => file[field] !== value
      if (operator !== 'contains') throw unreadable()
      return field === 'name'
        ? (file) => hasWordFrom(file.name, value)
        : (file) => file.mimeType.startsWith(value)
    }
    case 'createdTime':
    case 'modifiedTime': {
      const time = Date.parse(text(right))
      const compare = ORDERS[operator]
      if (Number.isNaN(time) || !compare) throw unreadable()
      return (file) => compare(file[field] - time)
    }
    case 'trashed':
      return flag(operator, right, (_, { trashed }) => trashed)
    case 'starred':
      return flag(operator, right, ({ fields }) => fields.starred === true)
    case 'sharedWithMe':
      return flag(operator, right, ({ owner }, { viewer }) => owner !== viewer)
    default:
      if (UNMODELLED.has(field)) throw notModelled(`the term ${field} of q`)
      throw unreadable()
  }
}

function flag(operator: string, right: string, holds: FileTest): FileTest {
  if ((right !== 'true' && right !== 'false') || (operator !== '=' && operator !== '!=')) throw unreadable()
  const wanted = (right === 'true') === (operator === '=')
  return (...file) => holds(...file) === wanted
}

/** `contains` looks at the beginnings of words: `Hello` is in `HelloWorld`, `World` is not. */
function hasWordFrom(name: string, value: string): boolean {
  const [where, what] = [name.toLowerCase(), value.toLowerCase()]
  for (let at = where.indexOf(what); at >= 0; at = where.indexOf(what, at + 1)) {
    if (at === 0 || !/[\p{L}\p{N}]/u.test(where[at - 1]!)) return true
  }
  return false
}

const ORDERS: Readonly<Record<string, (difference: number) => boolean>> = {
  '=': (difference) => difference === 0,
  '!=': (difference) => difference !== 0,
  '<': (difference) => difference < 0,
  '<=': (difference) => difference <= 0,
  '>': (difference) => difference > 0,
  '>=': (difference) => difference >= 0,
}
const UNMODELLED = new Set([
  'fullText',
  'properties',
  'appProperties',
  'viewedByMeTime',
  'visibility',
  'shortcutDetails.targetId',
])
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

function text(token: string): string {
  if (!token.startsWith("'")) throw unreadable()
  return token.slice(1)
}

function take(tokens: string[], word: string): boolean {
  if (tokens[0]?.toLowerCase() !== word) return false
  tokens.shift()
  return true
}

function unreadable(): Error {
  return invalidParameter('q')
}
