import type { JsonSchema } from '../discovery/document.ts'
import { docComment } from './comments.ts'
import { describeValues } from './describe.ts'
import { emitMembers, openUnion, type TypeContext } from './emit-type.ts'

/** A type that stands in several places, without the name that it gets. */
export interface Nameless {
  readonly comment: string
  readonly keyword: string
  readonly body: string
}

/** The declaration of an enum or of an object. */
export function emitRepeated(schema: JsonSchema, context: TypeContext): Nameless {
  return schema.properties
    ? { comment: '', keyword: 'interface', body: `{\n${emitMembers(schema, context, '  ')}}` }
    : {
        comment: docComment(describeValues(schema), ''),
        keyword: 'type',
        body: `= ${openUnion(schema.enum ?? [])}`,
      }
}
