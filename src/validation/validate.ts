import type { JsonSchema } from '../discovery/document.ts'
import { type Problem, ValidationError } from '../errors.ts'
import { checkValue } from './check-value.ts'

/** Schemas by name: the `schemas` of a document, or a Map. */
export type Schemas = Readonly<Record<string, JsonSchema>> | { get(name: string): JsonSchema | undefined }

/**
 * Checks a value against a schema of a discovery document, as the client checks request bodies: types, formats, limits,
 * patterns, enums, required and unknown members. `null` is good everywhere; what has no JSON form is refused.
 *
 * ```ts
 * const { schemas } = await calendar.$load()
 * validate({ summary: 'Review', start: { date: '2026-01-31' } }, { $ref: 'Event' }, schemas, 'event')
 * ```
 *
 * @param schemas what the schema refers to with `$ref`; a name that is not there is not checked
 * @param name what paths of problems begin with
 * @throws {ValidationError} with all problems, up to a hundred
 */
export function validate(
  value: unknown,
  schema: JsonSchema,
  schemas: Schemas = {},
  name: string = 'value',
): void {
  const problems: Problem[] = []
  if (value === undefined) problems.push({ path: name, message: 'is required' })
  else checkValue(value, schema, name, { schema: (ref) => lookUp(schemas, ref) }, problems)
  if (problems.length > 0) throw new ValidationError(schema.id ?? schema.$ref ?? 'validate', problems)
}

function lookUp(schemas: Schemas, name: string): JsonSchema | undefined {
  if (typeof schemas.get === 'function') return schemas.get(name)
  const record = schemas as Readonly<Record<string, JsonSchema>> // what has no method get
  return Object.hasOwn(record, name) ? record[name] : undefined
}
