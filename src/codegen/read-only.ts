import type { JsonSchema, RestDescription } from '../discovery/document.ts'

/**
 * Whether only the server sets a member: by its mark, or by prose alone, as most older documents have it. A member that
 * has members of its own is read-only when they all are.
 */
export function isReadOnly(schema: JsonSchema): boolean {
  const { description = '', items, additionalProperties, properties = {} } = schema
  if (schema.readOnly === true || OUTPUT_ONLY.test(description) || READ_ONLY.test(description)) return true
  const inner = items ?? additionalProperties
  if (inner) return isReadOnly(inner)
  const members = Object.values(properties)
  return members.length > 0 && members.every(isReadOnly)
}

const OUTPUT_ONLY = /^\s*[[(]?output[- ]only\b/i
/** A sentence of its own; others go on to say when it is not so. */
const READ_ONLY = /(^|[.\]`)]\s+)(This (field|property|value) is )?read[- ]only\.(\s|$)/i

/** Members that a document calls read-only although requests need them. */
const WRITABLE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // A file is shared by naming one of them.
  'drive:v3': { Permission: ['emailAddress', 'domain'] },
}

/** The schemas of a document, with what is known to be wrong in them put right. */
export function correctedSchemas({
  name,
  version,
  schemas = {},
}: RestDescription): RestDescription['schemas'] & {} {
  const known = WRITABLE[`${name}:${version}`] ?? {}
  const corrected = Object.entries(known).flatMap(([schema, members]) => {
    const found = Object.hasOwn(schemas, schema) ? schemas[schema] : undefined
    return found ? [[schema, withWritable(found, members)] as const] : []
  })
  return { ...schemas, ...Object.fromEntries(corrected) }
}

function withWritable(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const members = Object.entries(schema.properties ?? {}).map(([name, member]) => {
    if (!names.includes(name)) return [name, member] as const
    const { readOnly: _, description = '', ...rest } = member
    return [
      name,
      { ...rest, description: description.replace(OUTPUT_ONLY, '').replace(/^[\].\s]+/, '') },
    ] as const
  })
  return { ...schema, properties: Object.fromEntries(members) }
}
