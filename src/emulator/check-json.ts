import type { JsonSchema, RestDescription, RestMethod } from '../discovery/document.ts'
import type { Violation } from './api-failure.ts'
import { isJsonObject, type JsonObject } from './service.ts'

/**
 * What is wrong with the body of a call by the schema that its document gives it, in Google's words. Nothing is said
 * of values that the document does not describe, and of names it does not know only when `strict`.
 */
export function checkJson(
  value: JsonObject,
  document: RestDescription,
  method: RestMethod,
  strict: boolean,
): Violation[] {
  const name = method.request?.$ref
  if (name === undefined) return []
  const context = { schemas: document.schemas ?? {}, strict, found: [] }
  const wrapped = document.features?.includes('dataWrapper') && isJsonObject(value.data)
  checkValue(wrapped ? value.data : value, { $ref: name }, '', context)
  return context.found
}

/** The properties that a body must have for a method, and has not. */
export function missingProperties(
  value: JsonObject,
  document: RestDescription,
  method: RestMethod,
): string[] {
  const schema = ownMember(document.schemas, method.request?.$ref ?? '')
  return Object.entries(schema?.properties ?? {})
    .filter(
      ([name, { annotations }]) => annotations?.required?.includes(method.id) && !Object.hasOwn(value, name),
    )
    .map(([name]) => name)
}

interface Context {
  readonly schemas: Readonly<Record<string, JsonSchema>>
  readonly strict: boolean
  readonly found: Violation[]
}

/** As many as anybody reads. */
const MOST_VIOLATIONS = 20

function checkValue(value: unknown, given: JsonSchema, path: string, context: Context): void {
  const schema = given.$ref === undefined ? given : ownMember(context.schemas, given.$ref)
  if (!schema || value === null || context.found.length >= MOST_VIOLATIONS) return
  const { type = 'any', properties, additionalProperties, items } = schema
  const expected = expectedType(schema, given.$ref)
  if (expected !== undefined && !hasType(value, schema)) {
    const description = `Invalid value at '${path}' (${expected}), ${shortened(value)}`
    context.found.push({ field: path, description })
  } else if (Array.isArray(value)) {
    if (items) value.forEach((item, i) => checkValue(item, items, `${path}[${i}]`, context))
  } else if (isJsonObject(value) && type === 'object') {
    for (const [name, member] of Object.entries(value)) {
      const inner = ownMember(properties, name) ?? additionalProperties
      if (inner) checkValue(member, inner, path === '' ? name : `${path}.${name}`, context)
      else if (properties && context.strict) context.found.push(unknownName(name, path))
    }
  }
}

function unknownName(name: string, path: string): Violation {
  const place = path === '' ? '' : ` at '${path}'`
  const description = `Invalid JSON payload received. Unknown name ${JSON.stringify(name)}${place}: Cannot find field.`
  return { ...(path !== '' && { field: path }), description }
}

/** The name of a type in Google's messages; undefined for one that may be anything. */
function expectedType(
  { type, format, enum: names }: JsonSchema,
  ref: string | undefined,
): string | undefined {
  if (type === undefined || type === 'any') return undefined
  if (type === 'object') return ref ?? 'TYPE_MESSAGE'
  if (type === 'array') return 'a list'
  if (names) return 'TYPE_ENUM'
  return `TYPE_${format === undefined ? TYPES[type] : (FORMATS[format] ?? format.toUpperCase().replaceAll('-', '_'))}`
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'STRING',
  boolean: 'BOOL',
  integer: 'INT32',
  number: 'DOUBLE',
}
const FORMATS: Readonly<Record<string, string>> = {
  byte: 'BYTES',
  'google-datetime': 'TIMESTAMP',
  'google-duration': 'DURATION',
  'google-fieldmask': 'FIELD_MASK',
}

/** As the JSON form of protocol buffers has it: numbers may come as text, and enums as numbers. */
function hasType(value: unknown, { type, format = '', enum: names }: JsonSchema): boolean {
  if (type === 'object') return isJsonObject(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'boolean') return typeof value === 'boolean'
  if (type === 'number')
    return isNumeric(value) || value === 'NaN' || value === 'Infinity' || value === '-Infinity'
  const bounds = INTEGERS[format || (type === 'integer' ? 'int32' : '')]
  if (bounds) return isNumeric(value) && Number.isInteger(Number(value)) && isWithin(Number(value), bounds)
  if (names) return Number.isInteger(value) || names.includes(value as string)
  return typeof value === 'string' && (FORMS[format]?.test(value) ?? true)
}

function isNumeric(value: unknown): boolean {
  return (
    typeof value === 'number' || (typeof value === 'string' && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value))
  )
}

function isWithin(value: number, [least, most]: readonly [number, number]): boolean {
  return value >= least && value <= most
}

const INTEGERS: Readonly<Record<string, readonly [number, number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 63), 2 ** 63],
  uint64: [0, 2 ** 64],
}

const FORMS: Readonly<Record<string, RegExp>> = {
  byte: /^[\w+/-]*={0,2}$/,
  'google-datetime': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i,
  'google-duration': /^-?\d+(\.\d{1,9})?s$/,
  'date-time': /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/,
  date: /^\d{4}-\d\d-\d\d/,
}

function shortened(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function ownMember<T>(members: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return members && Object.hasOwn(members, name) ? members[name] : undefined
}
