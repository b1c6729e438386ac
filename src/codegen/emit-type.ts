import type { JsonSchema } from '../discovery/document.ts'
import { docComment } from './comments.ts'
import { describeSchema } from './describe.ts'
import { memberName, quote } from './names.ts'
import { isReadOnly } from './read-only.ts'
import type { Direction } from './schema-use.ts'

/** In what a type stands. */
export interface TypeContext {
  readonly direction: Direction
  /** The type that is empty and refuses members. */
  noMembers(): string
  /** The name of a type that is declared by itself. */
  nameOf(schema: JsonSchema): string | undefined
  /** What stands for a schema of a name. */
  reference(name: string, indent: string): string
  /** Whether a member must be there. */
  isRequired(member: JsonSchema): boolean
}

/** The type of the values of a schema. @param indent of the line that it begins on */
export function emitType(schema: JsonSchema, context: TypeContext, indent: string): string {
  if (schema.$ref !== undefined) return context.reference(schema.$ref, indent)
  // These stand for any JSON value.
  if (schema.format?.startsWith('google.protobuf.')) return 'unknown'
  const name = context.nameOf(schema)
  if (name !== undefined) return name
  switch (schema.type) {
    case 'string':
      return schema.enum && schema.enum.length > 0 ? openUnion(schema.enum) : 'string'
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'array':
      return listOf(schema.items ? emitType(schema.items, context, indent) : 'unknown')
    case 'object':
      return emitObject(schema, context, indent)
    default:
      return 'unknown'
  }
}

/** The members of a schema, a line each and their comments before them. */
export function emitMembers(schema: JsonSchema, context: TypeContext, indent: string): string {
  return Object.entries(schema.properties ?? {})
    .map(([name, member]) => emitMember(name, member, context, indent))
    .join('')
}

/** One member; nothing when requests do not take it. */
export function emitMember(name: string, member: JsonSchema, context: TypeContext, indent: string): string {
  if (context.direction === 'input' && isReadOnly(member)) return ''
  const { prose, tags } = describeSchema(member, context.nameOf(member.items ?? member) !== undefined)
  return docComment(prose, indent, tags) + emitField(name, member, context, indent)
}

/** The same without its comment. */
export function emitField(name: string, member: JsonSchema, context: TypeContext, indent: string): string {
  const readOnly = context.direction === 'output' && isReadOnly(member) ? 'readonly ' : ''
  const optional = context.isRequired(member) ? '' : '?'
  return `${indent}${readOnly}${memberName(name)}${optional}: ${emitType(member, context, indent)}\n`
}

/** Some values by name, and any other text: servers learn new ones. */
export function openUnion(values: readonly string[]): string {
  const open = `${[...new Set(values)].map((value) => quote(value)).join(' | ')} | (string & {})`
  // The JSON form of `google.protobuf.NullValue` is null.
  return values.length === 1 && values[0] === 'NULL_VALUE' ? `${open} | null` : open
}

function listOf(type: string): string {
  return / [|&] /.test(type) && !/^\{[^]*\}$/.test(type) ? `(${type})[]` : `${type}[]`
}

function emitObject(schema: JsonSchema, context: TypeContext, indent: string): string {
  const { properties, additionalProperties } = schema
  if (additionalProperties) return `{ [name: string]: ${emitType(additionalProperties, context, indent)} }`
  if (!properties) return '{ [name: string]: unknown }'
  const members = emitMembers(schema, context, `${indent}  `)
  return members === '' ? context.noMembers() : `{\n${members}${indent}}`
}
