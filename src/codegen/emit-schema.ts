import { docComment } from './comments.ts'
import { describeSchema } from './describe.ts'
import { emitField, emitMember, emitMembers, emitType, type TypeContext } from './emit-type.ts'
import type { FileContext } from './file-context.ts'
import { isReadOnly } from './read-only.ts'
import type { Direction, SchemaUse } from './schema-use.ts'

/**
 * The declarations of a schema: one, or where requests take less than answers have one for each, the second built upon
 * the first.
 */
export function emitSchema(name: string, use: SchemaUse, file: FileContext): string {
  const output = file.schemaName(name, 'output')!
  const input = file.schemaName(name, 'input')!
  const { prose, tags } = describeSchema(use.schema)
  // One that only requests have is called as it will be when answers have it too.
  if (output === input || !use.output)
    return (
      docComment(prose, '', tags) + declare(input, use, schemaContext(file, use.output ? 'output' : 'input'))
    )
  if (!use.input) return docComment(prose, '', tags) + declare(output, use, schemaContext(file, 'output'))
  const extended = emitExtension(output, input, use, file)
  return (
    docComment(`What requests take of \`${output}\`.`, '', tags) +
    declare(input, use, schemaContext(file, 'input')) +
    docComment(prose, '', tags) +
    (extended ?? declare(output, use, schemaContext(file, 'output')))
  )
}

/** The types of schemas as they stand in a direction. */
export function schemaContext(file: FileContext, direction: Direction): TypeContext {
  return {
    direction,
    noMembers: () => file.use('NoMembers'),
    nameOf: (schema) => file.repeatedName(schema, direction),
    reference: (name) => file.schemaName(name, direction) ?? 'unknown',
    isRequired: () => false,
  }
}

function declare(name: string, { schema }: SchemaUse, context: TypeContext): string {
  const { type, properties, additionalProperties, $ref } = schema
  if (type !== 'object' || $ref !== undefined || (!properties && !additionalProperties))
    return `export type ${name} = ${aliased(schema, context)}\n\n`
  if (additionalProperties) return `export interface ${name} ${emitType(schema, context, '')}\n\n`
  const members = emitMembers(schema, context, '  ')
  if (members === '') return `export interface ${name} extends ${context.noMembers()} {}\n\n`
  return `export interface ${name} {\n${members}}\n\n`
}

/** A schema that only names another may name itself, by way of others or not. */
function aliased(schema: SchemaUse['schema'], context: TypeContext): string {
  return schema.$ref === undefined ? emitType(schema, context, '') : 'unknown'
}

/** What answers have besides what requests take. */
function emitExtension(
  output: string,
  input: string,
  { schema }: SchemaUse,
  file: FileContext,
): string | undefined {
  if (schema.type !== 'object' || !schema.properties || schema.$ref !== undefined) return undefined
  const asInput = schemaContext(file, 'input')
  const asOutput = schemaContext(file, 'output')
  const members = Object.entries(schema.properties).map(([name, member]) => {
    if (isReadOnly(member)) return emitMember(name, member, asOutput, '  ')
    // Editors show the comment of the field that this one takes the place of.
    const field = emitField(name, member, asOutput, '  ')
    return field === emitField(name, member, asInput, '  ') ? '' : field
  })
  return `export interface ${output} extends ${input} {\n${members.join('')}}\n\n`
}
