import type { JsonSchema, RestDescription, RestMethod } from '../discovery/document.ts'
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

/**
 * Refuses a mask that names what the answer of a method can never have.
 * @throws {ApiFailure} 400 that tells the first such path.
 */
export function checkFieldMask(mask: FieldMask, document: RestDescription, { response }: RestMethod): void {
  if (response?.$ref === undefined) return
  const schema = { $ref: response.$ref }
  const wrapped = document.features?.includes('dataWrapper')
  const answer = wrapped ? { type: 'object', properties: { data: schema } } : schema
  const unknown = unknownPath(mask, answer, document.schemas ?? {})
  if (unknown !== undefined) throw refusal(`Invalid field selection ${unknown}`)
}

function unknownPath(mask: FieldMask, given: JsonSchema, schemas: Schemas): string | undefined {
  const schema = resolve(given, schemas)
  if (!schema || isUndescribed(schema)) return undefined
  if (schema.type === 'array') return unknownPath(mask, schema.items ?? {}, schemas)
  for (const [name, inner] of mask) {
    const members = name === '*' ? everyMember(schema) : namedMember(schema, name)
    const below = members.map((member) => (inner === 'all' ? undefined : unknownPath(inner, member, schemas)))
    // A wildcard is right when it is for one of the members.
    if (below.every((path) => path !== undefined)) {
      return below[0] === undefined ? name : `${name}/${below[0]}`
    }
  }
  return undefined
}

function isUndescribed({ type = 'any', properties, additionalProperties }: JsonSchema): boolean {
  return type === 'any' || (type === 'object' && !properties && !additionalProperties)
}

type Schemas = Readonly<Record<string, JsonSchema>>

function resolve(schema: JsonSchema, schemas: Schemas): JsonSchema | undefined {
  if (schema.$ref === undefined) return schema
  return Object.hasOwn(schemas, schema.$ref) ? schemas[schema.$ref] : undefined
}

function everyMember({ properties = {}, additionalProperties }: JsonSchema): JsonSchema[] {
  return additionalProperties ? [additionalProperties] : Object.values(properties)
}

function namedMember({ properties = {}, additionalProperties }: JsonSchema, name: string): JsonSchema[] {
  const member = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
  return member ? [member] : []
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
  return refusal('The parameter fields cannot be read.')
}

function refusal(message: string): ApiFailure {
  return new ApiFailure(400, 'invalidParameter', message, {
    location: 'fields',
    locationType: 'parameter',
  })
}
