import type { JsonSchema, RestDescription, RestMethod, RestParameter } from 'discokit'
import { matchingText } from './matching-text.ts'
import type { Random } from './random.ts'

/** Texts that have led addresses astray. */
const AWKWARD_TEXTS: readonly string[] = [
  'plain',
  'a b',
  'a/b c',
  'ü✓',
  '1+1=2',
  '100%',
  'x?y#z',
  "it's(1)!*",
  'a&b=c',
  '%2F',
  '%2e%2e',
  '~-_.',
  '日本語',
  '🌍',
  'a\\b',
  '<"{}|^`>',
  'me@example.com',
  'a:b;c,d$e',
  '[0]',
  '..a',
  '+1',
]

/** A value that a parameter takes. `multi` is for `{+name}`: slashes divide it. */
export function parameterValue(parameter: RestParameter, random: Random, multi = false): unknown {
  const one = (): unknown => {
    if (parameter.type === 'object') return { a: 'b c' }
    if (parameter.location !== 'path' || parameter.type !== 'string') return scalar(parameter, random)
    for (;;) {
      const text = multi && !isNarrow(parameter) ? segments(random) : String(scalar(parameter, random))
      const parts = multi ? text.split('/') : [text]
      if (parts.every((part) => part !== '' && part !== '.' && part !== '..')) return text
    }
  }
  return parameter.repeated ? [one(), one()] : one()
}

/**
 * A request body that its schema takes.
 * @param onlyRequired nothing but what the document says the method needs; undefined when it needs nothing
 */
export function bodyFor(
  document: RestDescription,
  method: RestMethod,
  random: Random,
  onlyRequired: boolean,
): unknown {
  const request = method.request
  if (request === undefined || isRawBody(method)) return undefined
  const schema = resolve(document, request)
  if (!onlyRequired) return schemaValue(document, method, schema, random, 0)
  const needed = Object.entries(schema.properties ?? {}).filter(([, property]) => needs(property, method))
  if (needed.length === 0) return undefined
  return Object.fromEntries(
    needed.map(([name, property]) => [name, schemaValue(document, method, property, random, 1)]),
  )
}

/** Whether the body goes over the wire as it is: `HttpBody` stands for bytes with a type of their own. */
function isRawBody(method: RestMethod): boolean {
  return method.request?.$ref?.endsWith('HttpBody') ?? false
}

/** Members below this depth are few: some documents' bodies would have thousands. */
const WIDE_DEPTH = 1
const MAX_DEPTH = 4

function schemaValue(
  document: RestDescription,
  method: RestMethod,
  given: JsonSchema,
  random: Random,
  depth: number,
): unknown {
  const schema = resolve(document, given)
  const inner = (child: JsonSchema): unknown => schemaValue(document, method, child, random, depth + 1)
  if (schema.format?.startsWith('google.protobuf.')) return { '@type': 'type.googleapis.com/a.B', value: 'ü' }
  switch (schema.type) {
    case 'object': {
      if (schema.additionalProperties) return { 'a key': inner(schema.additionalProperties) }
      const writable = Object.entries(schema.properties ?? {}).filter(([, property]) => !property.readOnly)
      const most = depth >= MAX_DEPTH ? 0 : depth <= WIDE_DEPTH ? Infinity : 3
      const chosen = writable.filter(([, property], i) => i < most || needs(property, method))
      return Object.fromEntries(chosen.map(([name, property]) => [name, inner(property)]))
    }
    case 'array':
      return depth >= MAX_DEPTH || !schema.items ? [] : [inner(schema.items), inner(schema.items)]
    case 'any':
    case undefined:
      return random.pick<unknown>([{ a: ['ü', 1, true, null] }, 'a text', 1.5, false])
    default:
      return scalar(schema, random)
  }
}

function scalar(schema: JsonSchema, random: Random): unknown {
  if (schema.enum) return schema.enum.includes('json') ? 'json' : random.pick(schema.enum)
  switch (schema.type) {
    case 'boolean':
      return random.pick([true, false])
    case 'integer':
      return integer(schema, random)
    case 'number':
      return between(schema, random.pick([0.5, -1.5, 3, 1e21, 1e-7]), 0.25)
    default:
      return text(schema, random)
  }
}

function text(schema: JsonSchema, random: Random): string {
  const digits = schema.format === 'int64' || schema.format === 'uint64'
  if (schema.pattern !== undefined && !digits) return matchingText(schema.pattern, random)
  return random.pick(FORMATS[schema.format ?? ''] ?? AWKWARD_TEXTS)
}

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  int64: ['0', '-9223372036854775808', '9223372036854775807', '42'],
  uint64: ['0', '18446744073709551615'],
  byte: ['SGVsbG8=', 'AP8+/w=='],
  date: ['2026-02-28', '2024-02-29'],
  'date-time': ['2026-02-28T12:34:56.789Z', '2026-02-28T12:34:56+01:00'],
  'google-datetime': ['2026-02-28T12:34:56.123456789Z', '2026-02-28T12:34:56Z'],
  'google-duration': ['3.5s', '0s'],
  'google-fieldmask': ['displayName', 'displayName,labels.key'],
}

function integer(schema: JsonSchema, random: Random): number {
  const [least, most] = schema.format === 'uint32' ? [0, 2 ** 32 - 1] : [-(2 ** 31), 2 ** 31 - 1]
  const low = Math.max(least, Number(schema.minimum ?? least))
  const high = Math.min(most, Number(schema.maximum ?? most))
  return random.pick([low, high, random.integer(low, high)])
}

function between(schema: JsonSchema, value: number, otherwise: number): number {
  const low = Number(schema.minimum ?? -Infinity)
  const high = Number(schema.maximum ?? Infinity)
  return value >= low && value <= high ? value : otherwise
}

function segments(random: Random): string {
  return `${random.pick(AWKWARD_TEXTS)}/${random.pick(AWKWARD_TEXTS)}`
}

/** Whether the document says more of a text than that it is one. */
function isNarrow(schema: JsonSchema): boolean {
  return schema.pattern !== undefined || schema.enum !== undefined || schema.format !== undefined
}

function needs(property: JsonSchema, method: RestMethod): boolean {
  return property.annotations?.required?.includes(method.id) ?? false
}

function resolve(document: RestDescription, schema: JsonSchema): JsonSchema {
  return schema.$ref === undefined ? schema : (document.schemas?.[schema.$ref] ?? {})
}
