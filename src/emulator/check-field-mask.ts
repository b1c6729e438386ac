import type { JsonSchema, RestDescription, RestMethod } from '../discovery/document.ts'
import { type Choice, type FieldMask, refusedFields } from './field-mask.ts'

/**
 * Refuses a mask that names what the answer of a method can never have.
 * @throws {ApiFailure} 400 that tells the first such path.
 */
export function checkFieldMask(mask: FieldMask, document: RestDescription, { response }: RestMethod): void {
  if (response?.$ref === undefined) return
  const schema = { $ref: response.$ref }
  const wrapped = document.features?.includes('dataWrapper')
  const answer = wrapped ? { type: 'object', properties: { data: schema } } : schema
  const unknown = unknownPath(mask, answer, document.schemas ?? {}, new Map())
  if (unknown !== undefined) throw refusedFields(`Invalid field selection ${unknown}`)
}

/** The first path of a mask that leads nowhere. Each pair is looked at once, as schemas may hold themselves. */
function unknownPath(mask: FieldMask, given: JsonSchema, schemas: Schemas, seen: Seen): string | undefined {
  const schema = resolve(given, schemas)
  if (!schema || isUndescribed(schema)) return undefined
  if (schema.type === 'array') return unknownPath(mask, schema.items ?? {}, schemas, seen)
  const known = seen.get(mask) ?? new Map<JsonSchema, string | undefined>()
  if (known.has(schema)) return known.get(schema)
  seen.set(mask, known)
  let found: string | undefined
  for (const [name, inner] of mask) {
    if (found !== undefined) break
    found = unknownEntry(name, inner, schema, schemas, seen)
  }
  known.set(schema, found)
  return found
}

function unknownEntry(
  name: string,
  inner: Choice,
  schema: JsonSchema,
  schemas: Schemas,
  seen: Seen,
): string | undefined {
  const members = name === '*' ? everyMember(schema) : namedMember(schema, name)
  const isThere = members.length > 0 || (name === '*' && schema.type === 'object')
  if (inner === 'all') return isThere ? undefined : name
  const below = members.map((member) => unknownPath(inner, member, schemas, seen))
  // A wildcard is right when one of the members has what is below.
  if (below.includes(undefined)) return undefined
  return below[0] === undefined ? name : `${name}/${below[0]}`
}

type Seen = Map<FieldMask, Map<JsonSchema, string | undefined>>

/** Anything may be in it. */
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
