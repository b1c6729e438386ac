import type { JsonSchema, RestMethod } from '../discovery/document.ts'
import { emitField, emitType, type TypeContext } from './emit-type.ts'
import { type FileContext, isHttpBody } from './file-context.ts'
import { schemaContext } from './emit-schema.ts'
import { isReadOnly } from './read-only.ts'
import { marksIn } from './demands.ts'

/** The members `body` and `media` of a method's parameters, as far as it takes them. */
export function emitContent(method: RestMethod, file: FileContext): string {
  const { request, mediaUpload } = method
  const takesMedia = mediaUpload?.protocols?.simple !== undefined || isHttpBody(request)
  const lines: string[] = []
  if (request) {
    const { type, required } = bodyType(method, request, file)
    // Bytes may be sent alone.
    lines.push(required && !takesMedia ? `  body: ${type}\n` : `  body?: ${type} | undefined\n`)
  }
  if (takesMedia) lines.push(`  media?: ${file.use('MediaInput')} | undefined\n`)
  return lines.join('')
}

interface BodyType {
  readonly type: string
  readonly required: boolean
}

function bodyType(method: RestMethod, request: JsonSchema, file: FileContext): BodyType {
  const plain = emitType(request, schemaContext(file, 'input'), '  ')
  if (method.httpMethod === 'PATCH') return { type: `${file.use('Patch')}<${plain}>`, required: false }
  // As when the program runs: the marks of a document are those of something new.
  if (method.httpMethod !== 'POST') return { type: plain, required: false }
  if (file.demandedBy(method.id).size === 0) return { type: plain, required: false }
  const demands = new Demands(method.id, file)
  const type = emitType(request, demands.context, '  ')
  return { type, required: demands.isRequired(request) }
}

/**
 * What one method demands of its body: members that a schema marks as required by it, at any depth. A schema in
 * which something is demanded stands as its type and the demanded members.
 */
class Demands {
  readonly context: TypeContext
  readonly #methodId: string
  readonly #file: FileContext
  /** The schemas in which something is demanded, at any depth. */
  readonly #leading: ReadonlySet<string>
  /** Schemas that are being written: one that has itself in it is demanded once. */
  readonly #open = new Set<string>()

  constructor(methodId: string, file: FileContext) {
    this.#methodId = methodId
    this.#file = file
    this.#leading = file.demandedBy(methodId)
    const plain = schemaContext(file, 'input')
    this.context = {
      ...plain,
      isRequired: (member) => this.#isMarked(member),
      nameOf: (schema) => (marksIn(schema).includes(methodId) ? undefined : plain.nameOf(schema)),
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

  #reference(name: string, indent: string): string {
    const plain = this.#file.schemaName(name, 'input')
    if (plain === undefined) return 'unknown'
    if (this.#open.has(name) || !this.#leading.has(name) || !this.#file.mayDemand()) return plain
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
