import type { JsonSchema, RestDescription, RestMethod } from 'discokit'

/** A body without what only the server sets. */
export function takenByRequests(document: RestDescription, { request }: RestMethod, body: unknown): unknown {
  return strip(body, request)

  function strip(value: unknown, declared: JsonSchema | undefined): unknown {
    const schema = resolve(declared)
    if (Array.isArray(value)) return value.map((item) => strip(item, schema.items))
    if (typeof value !== 'object' || value === null) return value
    const members = Object.entries(value)
      .map(
        ([name, member]) => [name, member, schema.properties?.[name] ?? schema.additionalProperties] as const,
      )
      .filter(([name, , member]) => !schema.properties?.[name] || !isSetByServer(member!))
    return Object.fromEntries(members.map(([name, member, inner]) => [name, strip(member, inner)]))
  }

  function resolve(schema: JsonSchema | undefined): JsonSchema {
    return (schema?.$ref === undefined ? schema : document.schemas?.[schema.$ref]) ?? {}
  }
}

/** By the flag, by the prose, or because nothing in it is left. */
function isSetByServer(schema: JsonSchema): boolean {
  if (schema.readOnly || SAYS_SO.test(schema.description ?? '')) return true
  const inner = schema.items ?? schema.additionalProperties
  const members = Object.values(schema.properties ?? {})
  return inner ? isSetByServer(inner) : members.length > 0 && members.every(isSetByServer)
}

const SAYS_SO =
  /^\s*[[(]?output[- ]only\b|(?:^|[.\]`)]\s+)(?:This (?:field|property|value) is )?read[- ]only\.(?:\s|$)/i
