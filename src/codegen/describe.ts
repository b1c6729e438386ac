import type { JsonSchema } from '../discovery/document.ts'

/** What a doc comment says. */
export interface Description {
  readonly prose: string
  readonly tags: readonly string[]
}

/**
 * What a document says of a member or a parameter: prose, values, format, limits, default.
 * @param named whether its values are described elsewhere
 */
export function describeSchema(schema: JsonSchema, named = false): Description {
  const said = [schema.description?.trim() ?? '', formatOf(schema), limitsOf(schema)]
  const prose = said.filter((each) => each !== '').join(' ')
  return {
    prose: [prose, named ? '' : describeValues(schema)].filter((each) => each !== '').join('\n'),
    tags: schema.deprecated === true || DEPRECATED.test(prose) ? ['@deprecated'] : [],
  }
}

/** A line for each value of which there is something to say. */
export function describeValues({
  enum: values = [],
  enumDescriptions = [],
  enumDeprecated = [],
}: JsonSchema): string {
  const lines = values.map((value, i) => {
    const prose = (enumDescriptions[i] ?? '').replace(/\s+/g, ' ').trim()
    const said = enumDeprecated[i] === true ? `Deprecated. ${prose}`.trimEnd() : prose
    return said === '' ? '' : `- \`${value}\`: ${said}`
  })
  return lines.filter((line) => line !== '').join('\n')
}

function formatOf({ format }: JsonSchema): string {
  return format === undefined || PLAIN_FORMATS.has(format) ? '' : `Format: ${format}.`
}

function limitsOf({ minimum, maximum, default: value }: JsonSchema): string {
  return [
    minimum === undefined || LOOSE.has(minimum) ? '' : `At least ${minimum}.`,
    maximum === undefined || LOOSE.has(maximum) ? '' : `At most ${maximum}.`,
    value === undefined ? '' : `Default: \`${value}\`.`,
  ]
    .filter((limit) => limit !== '')
    .join(' ')
}

/** What older documents begin with. */
const DEPRECATED = /^[[(]?deprecated\b/i
/** They say no more than `number`. */
const PLAIN_FORMATS = new Set(['int32', 'uint32', 'double', 'float'])
/** Limits of the format itself. */
const LOOSE = new Set(['0', '-2147483648', '2147483647', '4294967295'])
