import type { JsonSchema, RestMethod } from '../discovery/document.ts'
import { emitField, emitType, type TypeContext } from './emit-type.ts'
import { type FileContext, isHttpBody } from './file-context.ts'
import { schemaContext } from './emit-schema.ts'
import { isReadOnly } from './schema-use.ts'

/** The members `body` and `media` of a method's parameters, as far as it takes them. */
export function emitContent(method: RestMethod, file: FileContext): string {
  const { request, mediaUpload } = method
  const lines: string[] = []
  if (request) {
    const { type, required } = bodyType(method, request, file)
    lines.push(required ? `  body: ${type}\n` : `  body?: ${type} | undefined\n`)
  }
  if (mediaUpload?.protocols?.simple || isHttpBody(request)) {
    lines.push(`  media?: ${file.use('MediaInput')} | undefined\n`)
  }
  return lines.join('')
}

interface BodyType {
  readonly type: string
  readonly required: boolean
}

function bodyType(method: RestMethod, request: JsonSchema, file: FileContext): BodyType {
  const plain = emitType(request, schemaContext(file, 'input'), '  ')
  if (method.httpMethod === 'PATCH') return { type: `${file.use('Patch')}<${plain}>`, required: false }
  // The marks of a document mean a whole; what changes a part need not have all of it.
  if (!/^(POST|PUT)$/.test(method.httpMethod)) return { type: plain, required: false }
  const demands = new Demands(method.id, file)
  const type = emitType(request, demands.context, '  ')
  return { type, required: demands.isRequired(request) }
}

/** What is demanded deeper the server tells: a document could make a text of any length of it. */
const DEEPEST = 5

/**
 * What one method demands of its body: members that a schema marks as required by it, at any depth. A schema in
 * which something is demanded stands as its type and the demanded members.
 */
class Demands {
  readonly context: TypeContext
  readonly #methodId: string
  readonly #file: FileContext
  /** Schemas that are being written: one that has itself in it is demanded once. */
  readonly #open = new Set<string>()

  constructor(methodId: string, file: FileContext) {
    this.#methodId = methodId
    this.#file = file
    const plain = schemaContext(file, 'input')
    this.context = {
      ...plain,
      isRequired: (member) => this.#isMarked(member),
      nameOf: (schema) => (this.#demandsOf(schema) ? undefined : plain.nameOf(schema)),
      reference: (name, indent) => this.#reference(name, indent),
    }
  }

  /** Whether the body of a schema must be there. */
  isRequired({ $ref, properties }: JsonSchema): boolean {
    const all = $ref === undefined ? properties : this.#file.schemas.get($ref)?.schema.properties
    return Object.values(all ?? {}).some((member) => !isReadOnly(member) && this.#isMarked(member))
  }

  #isMarked({ annotations }: JsonSchema): boolean {
    return annotations?.required?.includes(this.#methodId) ?? false
  }

  /** Whether something in an object is demanded. */
  #demandsOf({ properties, items, additionalProperties }: JsonSchema): boolean {
    const members = [...Object.values(properties ?? {}), items, additionalProperties]
    return members.some((member) => member && (this.#isMarked(member) || this.#demandsOf(member)))
  }

  #reference(name: string, indent: string): string {
    const plain = this.#file.schemaName(name, 'input')
    if (plain === undefined) return 'unknown'
    if (this.#open.has(name) || this.#open.size >= DEEPEST) return plain
    this.#open.add(name)
    const demanded = this.#demanded(name, `${indent}  `)
    this.#open.delete(name)
    return demanded === '' ? plain : `${plain} & {\n${demanded}${indent}}`
  }

  #demanded(name: string, indent: string): string {
    const plain = schemaContext(this.#file, 'input')
    const members = Object.entries(this.#file.schemas.get(name)?.schema.properties ?? {})
    const fields = members.map(([member, schema]) => {
      if (isReadOnly(schema)) return ''
      const field = emitField(member, schema, this.context, indent)
      return field === emitField(member, schema, plain, indent) ? '' : field
    })
    return fields.join('')
  }
}
