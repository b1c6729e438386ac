import type { RestMethod, RestParameter } from '../discovery/document.ts'
import { docComment } from './comments.ts'
import { describeSchema } from './describe.ts'
import { emitContent } from './emit-body.ts'
import { openUnion } from './emit-type.ts'
import { CREDENTIAL_NAMES } from '../protocol/credential-names.ts'
import type { FileContext } from './file-context.ts'
import { memberName } from './names.ts'

/** The interface of what a method is called with: its own parameters, beside those of the whole API. */
export function emitParameters(
  name: string,
  method: RestMethod,
  standard: string | undefined,
  file: FileContext,
): string {
  const ofApi = declarable(file)
  const { parameters: own = {} } = method
  // Of two of one name the method's counts, and where it is of another kind, the interface cannot have the API's.
  const extendable = Object.keys(own).every((each) => !ofApi[each] || narrows(own[each]!, ofApi[each], file))
  const all = extendable || standard === undefined ? own : { ...ofApi, ...own }
  const lines = emitFields(all, file) + emitContent(method, file)
  const base = extendable ? standard : undefined
  if (lines === '') return `export interface ${name} extends ${base ?? file.use('NoMembers')} {}\n\n`
  return `export interface ${name}${base === undefined ? '' : ` extends ${base}`} {\n${lines}}\n\n`
}

/** The interface of the parameters that every method takes, but for those that are the client's to set. */
export function emitStandardParameters(name: string, file: FileContext): string {
  const comment = docComment('The parameters that every method takes.', '')
  return `${comment}export interface ${name} {\n${emitFields(declarable(file), file)}}\n\n`
}

/** Without credentials, the forms of answers and errors, and what an address says of an upload. */
function declarable({ document }: FileContext): Record<string, RestParameter> {
  const kept = Object.entries(document.parameters ?? {}).filter(([name]) => !THE_CLIENTS.has(name))
  return Object.fromEntries(kept)
}

const THE_CLIENTS = new Set([
  ...CREDENTIAL_NAMES,
  '$.xgafv',
  'alt',
  'bearer_token',
  'callback',
  'pp',
  'uploadType',
  'upload_protocol',
])

function emitFields(parameters: Readonly<Record<string, RestParameter>>, file: FileContext): string {
  const fields = Object.entries(parameters)
    // They name the content, which is there beside the parameters.
    .filter(([name]) => name !== 'body' && name !== 'media')
    .map(([name, parameter]) => {
      const { prose, tags } = describeSchema(parameter, file.repeatedName(parameter, 'input') !== undefined)
      const type = parameterType(parameter, file)
      const field = isNeeded(parameter)
        ? `${memberName(name)}: ${type}`
        : `${memberName(name)}?: ${type} | undefined`
      return `${docComment(prose, '  ', tags)}  ${field}\n`
    })
  return fields.join('')
}

function isNeeded({ required, default: value }: RestParameter): boolean {
  return required === true && value === undefined
}

/** Whether whatever may be given for one parameter may be given for another. */
function narrows(one: RestParameter, other: RestParameter, file: FileContext): boolean {
  return (isNeeded(one) || !isNeeded(other)) && parameterType(one, file) === parameterType(other, file)
}

/** What a program may give for a parameter. */
function parameterType(parameter: RestParameter, file: FileContext): string {
  const one = valueType(parameter, file)
  return parameter.repeated === true ? `${file.use('Repeated')}<${one}>` : one
}

function valueType(parameter: RestParameter, file: FileContext): string {
  const { type, format, enum: values } = parameter
  if (values && values.length > 0) return file.repeatedName(parameter, 'input') ?? openUnion(values)
  if (format === 'int64' || format === 'uint64') return file.use('Int64Value')
  if (TIME.test(format ?? '')) return file.use('TimeValue')
  switch (type) {
    case 'integer':
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'object':
      return '{ readonly [name: string]: unknown }'
    default:
      return 'string'
  }
}

const TIME = /^(date|date-time|google-datetime)$/
