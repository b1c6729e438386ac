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

/** `'x' in parents` and the like. */
export function membership(quoted: string, collection: string): FileTest {
  const value = text(quoted)
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

/** `name = 'x'` and the like. */
export function comparison(field: string, operator: string, right: string): FileTest {
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
function text(token: string): string {
  if (!token.startsWith("'")) throw unreadable()
  return token.slice(1)
}

/** What is answered for a query that cannot be read. */
export function unreadable(): Error {
  return invalidParameter('q')
}
