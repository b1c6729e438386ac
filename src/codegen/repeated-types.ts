import type { JsonSchema } from '../discovery/document.ts'

/** A type without a name of its own that stands in several places: a file says it once. */
export interface RepeatedType {
  readonly schema: JsonSchema
  /** What the first member is called that is of it. */
  readonly member: string
}

/** Lists of values and objects that occur more than once in schemas by name, by what tells them apart. */
export function repeatedTypes(
  schemas: Iterable<readonly [string, JsonSchema]>,
): ReadonlyMap<string, RepeatedType> {
  const first = new Map<string, RepeatedType>()
  const repeated = new Map<string, RepeatedType>()
  const look = (member: string, schema: JsonSchema, isWhole = false): void => {
    const key = isWhole ? undefined : typeKey(schema)
    const known = key === undefined ? undefined : first.get(key)
    // What is in the second of two is in the first.
    if (known) return void repeated.set(key!, known)
    if (key !== undefined) first.set(key, { schema, member })
    for (const [name, inner] of Object.entries(schema.properties ?? {})) look(name, inner)
    for (const inner of [schema.items, schema.additionalProperties]) if (inner) look(member, inner)
  }
  for (const [name, schema] of schemas) look(name, schema, schema.properties !== undefined)
  return repeated
}

/** What two schemas have alike that are one type; undefined for those too small to be worth a name. */
export function typeKey({ type, enum: values, properties, ...rest }: JsonSchema): string | undefined {
  if (type === 'string' && values && values.length > 3)
    return JSON.stringify([values, rest.enumDescriptions, rest.enumDeprecated])
  return type === 'object' && properties && Object.keys(properties).length > 1
    ? JSON.stringify(properties)
    : undefined
}
