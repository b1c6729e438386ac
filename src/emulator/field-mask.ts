import { ApiFailure } from './api-failure.ts'

/** Which members of a resource an answer is to have; `all` of one, or some of what is in it. */
export type FieldMask = ReadonlyMap<string, FieldMask | 'all'>

/**
 * Reads the parameter `fields`, such as `kind,items(id,owner/name)`. `*` stands for every member.
 * @throws {ApiFailure} 400 when it cannot be read.
 */
export function parseFieldMask(text: string): FieldMask {
  const tokens = text.match(/[,/()]|[^,/()]+/g) ?? []
  const mask = readList(tokens, 0)
  if (tokens.length > 0) throw unreadable()
  return mask
}

/** A value with the members only that a mask names, of each of its items when it is a list. */
export function applyFieldMask(value: unknown, mask: FieldMask): unknown {
  if (Array.isArray(value)) return value.map((item) => applyFieldMask(item, mask))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const inner = mask.get(name) ?? mask.get('*')
      if (inner === undefined) return []
      return [[name, inner === 'all' ? member : applyFieldMask(member, inner)]]
    }),
  )
}

const DEEPEST = 50

/** Reads entries with commas between them, and takes their tokens away. */
function readList(tokens: string[], depth: number): FieldMask {
  const mask = new Map<string, FieldMask | 'all'>()
  do addEntry(mask, tokens, depth)
  while (tokens[0] === ',' && tokens.shift())
  return mask
}

/** One entry: `name`, `name/…` or `name(…)`. What is named twice is there with all that either names. */
function addEntry(mask: Map<string, FieldMask | 'all'>, tokens: string[], depth: number): void {
  const name = tokens.shift()
  if (name === undefined || /[,/()]/.test(name) || depth > DEEPEST) throw unreadable()
  const before = mask.get(name)
  if (tokens[0] !== '/' && tokens[0] !== '(') {
    mask.set(name, 'all')
    return
  }
  const inner = new Map(before === 'all' ? [] : before)
  if (tokens.shift() === '/') addEntry(inner, tokens, depth + 1)
  else {
    for (const [each, of] of readList(tokens, depth + 1)) inner.set(each, of)
    if (tokens.shift() !== ')') throw unreadable()
  }
  mask.set(name, before === 'all' ? 'all' : inner)
}

function unreadable(): ApiFailure {
  return new ApiFailure(400, 'invalidParameter', 'The parameter fields cannot be read.', {
    location: 'fields',
    locationType: 'parameter',
  })
}
