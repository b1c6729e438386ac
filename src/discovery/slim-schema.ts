import { ParseError } from '../errors.ts'
import type { JsonSchema } from './document.ts'
import { mapValues } from './map-values.ts'
import type { SharedParts } from './shared-parts.ts'

/**
 * A schema as it is kept: with what values are checked against and nothing else. One
 * that says only its type is the name of the type, and one that only refers to another is `#` and its name; most are. A list
 * of values is the number of a shared part.
 */
export type SlimSchema = string | { readonly [member: string]: unknown }

/** @throws {ParseError} when it is nested deeper than any document has a reason to be. */
export function slimSchema(schema: JsonSchema, shared: SharedParts, depth = 0): SlimSchema {
  if (depth > DEEPEST) throw tooDeep()
  const slim: Record<string, unknown> = {}
  let members = 0
  for (const name in schema) {
    if (!MEMBERS.has(name)) continue
    members++
    const value = schema[name as keyof JsonSchema]
    if (name === 'properties') {
      slim[name] = mapValues(value as Record<string, JsonSchema>, (each) =>
        slimSchema(each, shared, depth + 1),
      )
    } else if (name === 'enum') slim[name] = shared.add(value)
    else slim[name] = NESTED.has(name) ? slimSchema(value as JsonSchema, shared, depth + 1) : value
  }
  if (members !== 1) return slim
  if (typeof slim['type'] === 'string') return slim['type']
  return typeof slim['$ref'] === 'string' ? `#${slim['$ref']}` : slim
}

/** The schema again. */
export function restoreSchema(slim: SlimSchema, shared: SharedParts): JsonSchema {
  const restore = (each: SlimSchema): JsonSchema => restoreSchema(each, shared)
  if (typeof slim === 'string') return slim.startsWith('#') ? { $ref: slim.slice(1) } : { type: slim }
  const schema: Record<string, unknown> = {}
  for (const name in slim) {
    const value = slim[name]
    if (name === 'properties') schema[name] = mapValues(value as Record<string, SlimSchema>, restore)
    else if (name === 'enum') schema[name] = shared.get(value as number)
    else schema[name] = NESTED.has(name) ? restore(value as SlimSchema) : value
  }
  return schema
}

/** No real document comes near: schemas are nested 8 deep. */
const DEEPEST = 100
const NESTED = new Set(['items', 'additionalProperties'])
const MEMBERS = new Set([
  ...NESTED,
  'id',
  'properties',
  'type',
  'format',
  '$ref',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'default',
  'required',
  'annotations',
  'deprecated',
])

function tooDeep(): ParseError {
  return new ParseError(`the document is nested more than ${DEEPEST} levels deep`, {
    status: 200,
    contentType: 'application/json',
  })
}
