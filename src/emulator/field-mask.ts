import { ApiFailure } from './api-failure.ts'

/** Which members of a resource an answer is to have; `all` of one, or some of what is in it. */
export type FieldMask = ReadonlyMap<string, Choice>

/** What is chosen of a member. */
export type Choice = FieldMask | 'all'

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
  if (Array.isArray(value)) return value.filter(hasMembers).map((item) => applyFieldMask(item, mask))
  if (!hasMembers(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const inner = union(mask.get(name), mask.get('*'))
      if (inner === 'all') return [[name, member]]
      return inner && hasMembers(member) ? [[name, applyFieldMask(member, inner)]] : []
    }),
  )
}

function hasMembers(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const DEEPEST = 50

/** Reads entries with commas between them, and takes their tokens away. */
function readList(tokens: string[], depth: number): FieldMask {
  const mask = new Map<string, Choice>()
  do addEntry(mask, tokens, depth)
  while (tokens[0] === ',' && tokens.shift())
  return mask
}

/** One entry: `name`, `name/…` or `name(…)`. What is named twice is there with all that either names. */
function addEntry(mask: Map<string, Choice>, tokens: string[], depth: number): void {
  const name = tokens.shift()
  if (name === undefined || /[,/()]/.test(name) || depth > DEEPEST) throw unreadable()
  mask.set(name, union(mask.get(name), readBelow(tokens, depth + 1))!)
}

/** What of a member is chosen, which is all of it when nothing more is said. */
function readBelow(tokens: string[], depth: number): Choice {
  if (tokens[0] !== '/' && tokens[0] !== '(') return 'all'
  if (tokens.shift() === '/') {
    const inner = new Map<string, Choice>()
    addEntry(inner, tokens, depth)
    return inner
  }
  const list = readList(tokens, depth)
  if (tokens.shift() !== ')') throw unreadable()
  return list
}

/** All that either of two names. */
function union(one: Choice | undefined, other: Choice | undefined): Choice | undefined {
  if (one === undefined || other === undefined) return one ?? other
  if (one === 'all' || other === 'all') return 'all'
  const both = new Map(one)
  for (const [name, inner] of other) both.set(name, union(both.get(name), inner)!)
  return both
}

function unreadable(): ApiFailure {
  return refusedFields('The parameter fields cannot be read.')
}

/** 400: the parameter `fields` cannot be used. */
export function refusedFields(message: string): ApiFailure {
  return new ApiFailure(400, 'invalidParameter', message, {
    location: 'fields',
    locationType: 'parameter',
  })
}
