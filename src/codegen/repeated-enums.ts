import type { JsonSchema } from '../discovery/document.ts'

/** Lists of values that stand in several places, by what tells them apart. */
export type RepeatedEnums = ReadonlyMap<string, RepeatedEnum>

export interface RepeatedEnum {
  readonly schema: JsonSchema
  /** What the first member is called that has one of its values. */
  readonly member: string
}

/** The enums of schemas by name that occur more than once, described alike: their values are said once in a file. */
export function repeatedEnums(schemas: Iterable<readonly [string, JsonSchema]>): RepeatedEnums {
  const first = new Map<string, RepeatedEnum>()
  const repeated = new Map<string, RepeatedEnum>()
  const look = (member: string, schema: JsonSchema): void => {
    const key = enumKey(schema)
    if (key !== undefined) {
      const known = first.get(key)
      if (known) repeated.set(key, known)
      else first.set(key, { schema, member })
    }
    for (const [name, inner] of Object.entries(schema.properties ?? {})) look(name, inner)
    for (const inner of [schema.items, schema.additionalProperties]) if (inner) look(member, inner)
  }
  for (const [name, schema] of schemas) look(name, schema)
  return repeated
}

/** What two enums have alike that can stand for each other; undefined for few values, and for what is no enum. */
export function enumKey({
  enum: values,
  enumDescriptions,
  enumDeprecated,
  type,
}: JsonSchema): string | undefined {
  if (type !== 'string' || !values || values.length < 4) return undefined
  return JSON.stringify([values, enumDescriptions, enumDeprecated])
}
